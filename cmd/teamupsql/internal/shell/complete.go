package shell

import (
	"context"
	"slices"
	"strings"

	"github.com/reeflective/readline"

	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/render"
	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/report"
)

// candidate is a completion of the word before the cursor.
type candidate struct{ word, doc, group string }

// complete are the completions for the cursor at the end of text.
func (s *Shell) complete(ctx context.Context, text string) readline.Completions {
	start := strings.LastIndexByte(text, '\n') + 1
	var found []candidate
	var prefix string // the part that the candidates replace
	if line := text[start:]; strings.HasPrefix(line, ".") && accepts(text[:start]) {
		prefix, found = dotCandidates(line)
	} else {
		prefix, found = s.sqlCandidates(ctx, text)
	}
	// The editor's word begins after the last blank; a word of SQL may be shorter.
	blank := text[strings.LastIndexAny(text, " \t\n")+1:]
	before := strings.TrimSuffix(blank, prefix)
	values := make([]readline.Completion, 0, len(found))
	for _, c := range found {
		values = append(values, readline.Completion{Value: before + c.word, Display: render.VisibleLine(c.word), Description: render.VisibleLine(c.doc), Tag: c.group})
	}
	completions := readline.CompleteRaw(values)
	completions.PREFIX = blank
	return completions
}

// dotCandidates complete a dot command or its argument.
func dotCandidates(line string) (prefix string, found []candidate) {
	command, arg, hasArg := strings.Cut(line, " ")
	if !hasArg {
		for _, c := range commands {
			if strings.HasPrefix("."+c.name, command) {
				found = append(found, candidate{"." + c.name, c.doc, "commands"})
			}
		}
		return command, found
	}
	c, err := findCommand(command[1:])
	if err != nil {
		return arg, nil
	}
	switch {
	case c.name == "mode":
		for _, m := range render.Modes {
			found = append(found, candidate{string(m.Mode), m.Doc, "modes"})
		}
	case strings.HasPrefix(c.usage, "on|off"):
		for _, word := range strings.Split(c.usage, "|") {
			found = append(found, candidate{word: strings.ToLower(word)})
		}
	case c.name == "help":
		for _, c := range commands {
			found = append(found, candidate{c.name, c.doc, "commands"})
		}
	}
	return arg, startingWith(arg, found)
}

// sqlCandidates returns completions for a word of SQL: DuckDB's, and the names of the
// reports' functions, columns and parameters.
func (s *Shell) sqlCandidates(ctx context.Context, text string) (prefix string, found []candidate) {
	at := len(text)
	for at > 0 && sqltext.IsWord(text[at-1]) {
		at--
	}
	prefix = text[at:]
	switch {
	case at > 0 && text[at-1] == '.':
		found = fields(text[:at-1])
		if len(found) == 0 {
			found = functions() // main.teamup_customers()
		}
	case prefix == "" && beforeTable(text):
		found = functions() // the columns of all reports would fill the screen
	default:
		if of := withinCall(text[:at]); of != nil {
			return prefix, startingWith(prefix, parameters(of))
		}
		found = append(columns(text), functions()...)
	}
	found = startingWith(prefix, found)
	if prefix != "" {
		found = append(found, startingWith(prefix, s.duckDBCandidates(ctx, text))...)
	}
	var seen []string
	return prefix, slices.DeleteFunc(found, func(c candidate) bool {
		known := slices.Contains(seen, c.word)
		seen = append(seen, c.word)
		return known
	})
}

// beforeTable reports whether the last word of the text is FROM or JOIN.
func beforeTable(text string) bool {
	last := ""
	for _, t := range sqltext.Tokens(text) {
		if t.Kind != sqltext.Space && t.Kind != sqltext.Comment {
			last = strings.ToUpper(text[t.Start:t.End])
		}
	}
	return last == "FROM" || last == "JOIN"
}

// functions are the table functions of the reports.
func functions() []candidate {
	var list []candidate
	for _, r := range report.All() {
		list = append(list, candidate{r.Function + "()", "the " + r.Name + " report", "teamup"})
	}
	return list
}

// duckDBCandidates are DuckDB's own proposals.
func (s *Shell) duckDBCandidates(ctx context.Context, text string) []candidate {
	rows, err := s.db.user.QueryContext(ctx, "SELECT suggestion, suggestion_type FROM sql_auto_complete("+sqltext.QuoteText(text)+")")
	if err != nil {
		return nil // no proposals
	}
	defer rows.Close()
	var found []candidate
	for rows.Next() {
		var c candidate
		if rows.Scan(&c.word, &c.group) != nil {
			break
		}
		isReport := slices.ContainsFunc(report.All(), func(r *report.Report) bool { return r.Function == c.word })
		if !strings.HasPrefix(c.word, "__") && !isReport {
			c.group = strings.ReplaceAll(c.group, "_", " ")
			found = append(found, c)
		}
	}
	return found
}

// startingWith are the candidates that the prefix begins, in whatever case.
func startingWith(prefix string, all []candidate) []candidate {
	return slices.DeleteFunc(all, func(c candidate) bool {
		return len(c.word) < len(prefix) || !strings.EqualFold(c.word[:len(prefix)], prefix)
	})
}

// withinCall returns the report whose function the text ends within the parentheses of,
// nil for none.
func withinCall(text string) (of *report.Report) {
	call := -1
	for _, r := range report.All() {
		if i := strings.LastIndex(strings.ToLower(text), r.Function); i > call {
			call, of = i, r
		}
	}
	if of == nil {
		return nil
	}
	depth := 0
	rest := text[call+len(of.Function):]
	for _, t := range sqltext.Tokens(rest) {
		switch rest[t.Start:t.End] {
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				return nil
			}
		}
	}
	if depth != 1 {
		return nil
	}
	return of
}

func parameters(of *report.Report) []candidate {
	var list []candidate
	for _, p := range of.Named() {
		list = append(list, candidate{p.Name + " := ", p.Type.SQL() + ": " + p.Doc, "parameters"})
	}
	return append(list,
		candidate{"provider_id := ", "BIGINT: The business, if the token can read several", "parameters"},
		candidate{"provider_ids := ", "BIGINT[]: Several businesses, instead of provider_id", "parameters"})
}

// columns are those of the reports that the text names; of all reports if it names none,
// because columns come before FROM.
func columns(text string) []candidate {
	named := slices.DeleteFunc(report.All(), func(r *report.Report) bool { return !strings.Contains(strings.ToLower(text), r.Function) })
	if len(named) == 0 {
		named = report.All()
	}
	var list []candidate
	for _, r := range named {
		for _, c := range r.Columns {
			list = append(list, candidate{c.Name, c.Doc, "columns"})
		}
	}
	return list
}

// fields are the fields of the structs whose dotted names end the text.
func fields(text string) []candidate {
	at := len(text)
	for at > 0 && (sqltext.IsWord(text[at-1]) || text[at-1] == '.') {
		at--
	}
	var list []candidate
	for _, r := range report.All() {
		for path, more := strings.ToLower(text[at:]), true; more; _, path, more = strings.Cut(path, ".") {
			// What is before the column may be the table.
			if c, ok := r.Field(path); ok {
				for _, f := range c.Type.Fields {
					list = append(list, candidate{f.Name, f.Doc, "parts of " + c.Name})
				}
				break
			}
		}
	}
	return list
}
