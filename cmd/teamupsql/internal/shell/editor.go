package shell

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"unicode/utf8"

	"github.com/reeflective/readline"
	"github.com/reeflective/readline/inputrc"

	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/render"
	"github.com/teamupsql/teamupsql/internal/sqltext"
)

// editor reads lines from a terminal. A statement is edited as one text with several lines.
type editor struct {
	s      *Shell
	ctx    context.Context
	rl     *readline.Shell
	prompt string
	lines  []string // of the entered text, not returned yet
}

// Interact runs the shell on a terminal, until the user leaves.
func (s *Shell) Interact(ctx context.Context) error {
	// Outside of statements an interrupt is for the line that is being edited.
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)

	prompts := s.cfg.Out
	if s.cfg.Terminal.In && !s.cfg.Terminal.Out {
		prompts = s.cfg.Err // a user whose results go to a file
	}
	fmt.Fprintf(prompts, "teamupsql %s, DuckDB with the reports of TeamUp\nEnter \".help\" for usage hints; .demo needs no token.\n", Version())
	var lines lineReader = &prompted{plainLines{bufio.NewReader(s.cfg.In)}, s, ctx, prompts}
	if s.cfg.Terminal.In && s.cfg.Terminal.Out {
		lines = s.newEditor(ctx)
	}
	err := s.process(ctx, lines, Standard)
	var exit *ExitError
	if errors.As(err, &exit) || errors.Is(err, errTerminated) {
		return err
	}
	return nil
}

func (s *Shell) newEditor(ctx context.Context) *editor {
	rl := readline.NewShell()
	e := &editor{s: s, ctx: ctx, rl: rl}
	for name, value := range map[string]any{
		"enable-bracketed-paste":       true, // a paste is one edit, whatever it contains
		"completion-ignore-case":       true,
		"menu-complete-display-prefix": true,  // Tab completes the common prefix and lists the candidates
		"cursor-position-probe":        false, // see room
		"convert-meta":                 false, // letters beyond ASCII are not Meta keys
	} {
		_ = rl.Config.Set(name, value) // the names are the library's own
	}
	insertKey := rl.Keymap.Commands()["self-insert"]
	rl.Keymap.Register(map[string]func(){"self-insert": func() { e.insert(insertKey) }})
	rl.PasteTransformer = withoutControls
	// Ctrl-C drops the line, even if a menu is open, which the library would only close.
	rl.Keymap.Register(map[string]func(){"drop-line": func() {
		rl.Display.AcceptLine()
		rl.History.Accept(false, false, readline.ErrInterrupt)
	}})
	for _, keymap := range []string{"emacs", "vi-insert"} {
		_ = rl.Config.Bind(keymap, inputrc.Unescape(`\C-i`), "menu-complete", false)
	}
	for _, keymap := range []string{"emacs", "vi-insert", "menu-select"} {
		_ = rl.Config.Bind(keymap, inputrc.Unescape(`\C-c`), "drop-line", false)
	}
	rl.Prompt.Primary(e.roomyPrompt)
	rl.Prompt.Secondary(func() string { return s.more })
	rl.AcceptMultiline = func(line []rune) bool { return accepts(string(line)) }
	rl.Completer = func(line []rune, cursor int) readline.Completions {
		return s.complete(ctx, string(line[:cursor]))
	}
	rl.SyntaxHighlighter = func(line []rune) string { return e.displayed(string(line)) }
	if s.colours(true) {
		words := s.keywords(ctx)
		rl.SyntaxHighlighter = func(line []rune) string { return highlight(e.displayed(string(line)), words) }
	}
	rl.History.Delete()
	rl.History.Add("history", openHistory(s.cfg.History, s.forgets))
	return e
}

// promptText names the database, as DuckDB's prompt does.
func (s *Shell) promptText(ctx context.Context) string {
	if s.prompt != "" {
		return s.prompt
	}
	prompt := "D "
	if name := s.db.current(ctx); name != "" {
		prompt = render.VisibleLine(name) + " D "
	}
	if s.teamup.Demo() > 0 {
		prompt = "demo:" + prompt
	}
	return prompt
}

// accepts reports whether Enter ends the edit, because the entered text is complete.
func accepts(entered string) bool {
	pending := ""
	for _, line := range strings.Split(entered, "\n") {
		if pending == "" && handledAlone(line) {
			continue
		}
		pending += line + "\n"
		if sqltext.Complete(pending) {
			pending = ""
		}
	}
	return pending == ""
}

// line returns the next line that the user enters. An interrupt drops the line.
func (e *editor) line(bool) (string, error) {
	for len(e.lines) == 0 {
		e.prompt = e.s.promptText(e.ctx)
		e.rl.Line().Set() // the last one takes no room any more
		width, _ := e.size()
		fmt.Fprint(e.s.cfg.Out, freshLine(width))
		entered, err := e.rl.Readline()
		switch {
		case errors.Is(err, readline.ErrInterrupt):
			continue
		case err != nil:
			fmt.Fprintln(e.s.cfg.Out)
			return "", io.EOF
		}
		e.lines = strings.Split(strings.ReplaceAll(entered, "\r\n", "\n"), "\n")
	}
	line := e.lines[0]
	e.lines = e.lines[1:]
	return line, nil
}

// roomyPrompt is the prompt with room for the text that is edited.
func (e *editor) roomyPrompt() string {
	width, height := e.size()
	upper, last := e.promptLines()
	return upper + room(string(*e.rl.Line()), lineWidth(last, 0), width, height) + last
}

// displayed is the text as it is displayed, without colours.
func (e *editor) displayed(text string) string {
	width, _ := e.size()
	_, last := e.promptLines()
	return wrapped(visibleText(text), lineWidth(last, 0), width)
}

// promptLines divides the prompt into its last line, which the editor redraws before the
// text, and the lines above.
func (e *editor) promptLines() (upper, last string) {
	at := strings.LastIndexByte(e.prompt, '\n') + 1
	return e.prompt[:at], e.prompt[at:]
}

// insert inserts the characters of the key. The editor's own command, for ASCII, would
// insert the first code point of several, and moves the cursor by its width.
func (e *editor) insert(own func()) {
	keys := e.rl.Keys.Caller()
	if len(keys) == 1 && keys[0] < utf8.RuneSelf {
		own()
		return
	}
	e.rl.History.SkipSave()
	e.rl.Cursor().InsertAt(keys...)
}

// size returns the size of the screen, or the editor's default.
func (e *editor) size() (width, height int) {
	width, height = e.s.size()
	return cmp.Or(width, 80), cmp.Or(height, 80)
}

// prompted reads lines with prompts from an input that is not a terminal, for a program
// that acts as the user.
type prompted struct {
	plainLines
	s       *Shell
	ctx     context.Context
	prompts io.Writer
}

func (p *prompted) line(more bool) (string, error) {
	prompt := p.s.more
	if !more {
		prompt = p.s.promptText(p.ctx)
	}
	fmt.Fprint(p.prompts, prompt)
	return p.plainLines.line(more)
}
