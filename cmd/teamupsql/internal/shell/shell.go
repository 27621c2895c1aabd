package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"unicode"

	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/render"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// Config configures a shell.
type Config struct {
	In       io.Reader
	Out, Err io.Writer
	Terminal Terminal            // describes In, Out and Err
	Typed    bool                // a user types the statements, so that errors can offer dot commands
	Env      func(string) string // the environment; nil for none

	Path     string // the database file, "" for one in memory
	ReadOnly bool
	Safe     bool // from the start, see .safe_mode

	TeamUp    httpsource.Config // how to reach TeamUp
	Secrets   []string          // tokens in use, never to be shown or remembered
	TokenFile string            // the file for .login -save if there is no keyring; "" for none
	Keyring   Keyring           // nil for none
	History   string            // the file of the history, "" for none
	Demo      int               // customers of the demo, 0 to use TeamUp

	Observe func(context.Context, requests.Summary) // is called for each statement; nil for none
}

// Terminal describes which of a shell's streams are terminals, and their size.
type Terminal struct {
	In, Out, Err bool
	Size         func() (width, height int) // of Out; nil for unknown
	// Secret prompts for a line and reads it without echo; nil if there is no terminal.
	Secret func(prompt string) (string, error)
}

// Shell runs SQL and dot commands. It is for one goroutine; only Interrupt may be called by
// another.
type Shell struct {
	settings
	cfg     Config
	out     *output
	db      *database
	teamup  *teamup
	log     *logFile
	safe    bool
	changed int64 // rows changed by the last statement
	total   int64 // and by all
	depth   int   // of files that read files
	shown   bool  // the running statement has printed something
}

// New opens the database. It sends no request to TeamUp.
func New(ctx context.Context, cfg Config) (*Shell, error) {
	if cfg.Env == nil {
		cfg.Env = func(string) string { return "" }
	}
	s := &Shell{settings: defaults(), cfg: cfg, out: newOutput(cfg.Out), log: &logFile{}}
	cfg.TeamUp.Logger = slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if s.teamup, err = newTeamup(cfg); err != nil {
		return nil, err
	}
	if cfg.Demo > 0 {
		if err := s.teamup.startDemo(cfg.Demo); err != nil {
			return nil, err
		}
	}
	if err := s.open(ctx, cfg.Path, cfg.ReadOnly); err != nil {
		return nil, errors.Join(err, s.teamup.close())
	}
	if cfg.Safe {
		if err := s.makeSafe(ctx); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// Close closes the database and the output.
func (s *Shell) Close() error {
	return errors.Join(s.out.reset(), s.db.close(), s.teamup.close(), s.log.close())
}

func (s *Shell) open(ctx context.Context, path string, readOnly bool) (err error) {
	s.db, err = openDatabase(ctx, path, readOnly, tablefunc.WithClientFunc(s.teamup.clientOf),
		tablefunc.WithClock(s.teamup.now), tablefunc.WithStatementObserver(s.observe))
	return err
}

// observe adds the cost of a statement to that of its text.
func (s *Shell) observe(ctx context.Context, sum requests.Summary) {
	if c, ok := ctx.Value(costKey{}).(*cost); ok {
		c.add(sum)
	}
	if s.cfg.Observe != nil {
		s.cfg.Observe(ctx, sum)
	}
}

// printf writes to the output, which .output may have redirected. Escape sequences are
// removed.
func (s *Shell) printf(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if s.console() {
		text = render.Visible(text)
	}
	_, _ = io.WriteString(s.out, text) // the output keeps its first error
}

// complain writes an error to the error output, without a token that may be in it.
func (s *Shell) complain(err error) {
	text := s.teamup.conceal(err.Error())
	if s.cfg.Terminal.Err {
		text = render.Visible(text)
	}
	if s.colours(s.cfg.Terminal.Err) {
		text = paintError(text)
	}
	fmt.Fprintln(s.cfg.Err, text)
}

// colours reports whether a stream gets colours. NO_COLOR disables them whatever its value,
// see no-color.org.
func (s *Shell) colours(terminal bool) bool {
	return terminal && s.cfg.Env("NO_COLOR") == "" && s.cfg.Env("TERM") != "dumb"
}

// logFile is the destination of .log. Nothing is written while it is closed.
type logFile struct {
	file io.WriteCloser
}

func (l *logFile) Write(p []byte) (int, error) {
	if l.file == nil {
		return len(p), nil
	}
	return l.file.Write(p)
}

// logged is a text as one line of the log: quoted as Go quotes if it could be taken for
// more than that.
func logged(text string) string {
	if strings.HasPrefix(text, `"`) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}

func (l *logFile) open(name string, stdout, stderr io.Writer) error {
	if err := l.close(); err != nil {
		return err
	}
	switch name {
	case "off":
	case "stdout":
		l.file = keepOpen{stdout}
	case "stderr":
		l.file = keepOpen{stderr}
	default:
		f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		l.file = f
	}
	return nil
}

func (l *logFile) close() error {
	if l.file == nil {
		return nil
	}
	defer func() { l.file = nil }()
	return l.file.Close()
}

// keepOpen is a writer that others go on using.
type keepOpen struct{ io.Writer }

func (keepOpen) Close() error { return nil }
