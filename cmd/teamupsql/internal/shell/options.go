package shell

import "github.com/teamupsql/teamupsql/cmd/teamupsql/internal/render"

// Option is an option of the command line that changes the shell's settings.
type Option struct {
	Name, Value, Doc string // Value names the option's value, "" for one without
	apply            func(s *Shell, value string)
}

// Options are those of the DuckDB command line.
var Options = []Option{
	{"ascii", "", "set output mode to 'ascii'", func(s *Shell, _ string) { s.mode, s.column, s.row = render.ASCII, "\x1f", "\x1e" }},
	modeOption(render.Box), modeOption(render.ColumnsOf),
	{"csv", "", "set output mode to 'csv'", func(s *Shell, _ string) { s.mode, s.column = render.CSV, "," }},
	modeOption(render.DuckBox), modeOption(render.HTML), modeOption(render.JSON), modeOption(render.JSONLines),
	modeOption(render.Line), modeOption(render.List), modeOption(render.Markdown), modeOption(render.Quote), modeOption(render.Table),
	{"header", "", "turn headers on", func(s *Shell, _ string) { s.headers = true }},
	{"noheader", "", "turn headers off", func(s *Shell, _ string) { s.headers = false }},
	{"separator", "SEP", "set output column separator, default '|'", func(s *Shell, v string) { s.column = v }},
	{"newline", "SEP", `set output row separator, default '\n'`, func(s *Shell, v string) { s.row = v }},
	{"nullvalue", "TEXT", "set text for NULL values, default 'NULL'", func(s *Shell, v string) { s.null = v }},
	{"echo", "", "print statements before they run", func(s *Shell, _ string) { s.echo = true }},
	{"bail", "", "stop after an error", func(s *Shell, _ string) { s.bail = bailOn }},
}

func modeOption(m render.Mode) Option {
	return Option{string(m), "", "set output mode to '" + string(m) + "'", func(s *Shell, _ string) { s.mode = m }}
}

// Set applies an option.
func (s *Shell) Set(o Option, value string) { o.apply(s, value) }

// Bails reports whether input ends at errors: the user's setting, or otherwise.
func (s *Shell) Bails(otherwise bool) bool {
	if s.bail == bailAuto {
		return otherwise
	}
	return s.bail == bailOn
}
