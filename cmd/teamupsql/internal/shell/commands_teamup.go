package shell

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teamupsql/teamupsql/cmd/internal/account"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/report"
)

// teamupCommands are the commands that DuckDB's shell does not have.
var teamupCommands = []command{
	{name: "explain", usage: "SQL", doc: "Show the requests of SQL without sending them, and how each predicate is pushed down", args: -1, raw: true,
		run: (*Shell).explainCommand},
	{name: "requests", doc: "Show the requests of the last statement", args: 0, run: (*Shell).requestsCommand},
	{name: "login", usage: "?-save|-forget?", doc: "Ask for the TeamUp token, without echo", args: -1, unsafe: true, least: 2,
		more: "-save\tKeep it for later runs, in the system's keyring or a file that only you can read\n-forget\tDrop it, and the saved one",
		run:  (*Shell).loginCommand},
	{name: "columns", usage: "?REPORT? ?PATTERN?", doc: "List the columns of a report, teamup_customers() by default, and what filters them", args: -1, least: 2,
		run: (*Shell).columnsCommand},
	{name: "demo", usage: "?CUSTOMERS|off?", doc: "Use an embedded server with made-up customers instead of TeamUp", args: -1, least: 2,
		run: (*Shell).demoCommand},
	{name: "ratelimit", doc: "Show the requests of the last minute and the waits for TeamUp's limit", args: 0, least: 2,
		run: (*Shell).rateCommand},
}

func (s *Shell) requestsCommand(ctx context.Context, _ []string) error {
	events, more := s.teamup.last()
	if len(events) == 0 {
		s.printf("No requests so far.\n")
		return nil
	}
	rows := make([]string, len(events))
	for i, e := range events {
		rows[i] = s.requestRow(i+1, e)
	}
	err := s.printTable(ctx, "SELECT * FROM (VALUES "+strings.Join(rows, ", ")+
		`) t("#", request, reason, status, "rows", bytes, ms, try, error)`)
	if more > 0 {
		s.printf("and %d more\n", more)
	}
	return err
}

func (s *Shell) requestRow(n int, e httpsource.RequestEvent) string {
	request := e.Method + " " + e.Path
	if q := report.EncodeValues(e.Parameters); q != "" {
		request += "?" + readable(q)
	}
	if e.ProviderID != 0 {
		request += " (provider " + strconv.FormatInt(e.ProviderID, 10) + ")"
	}
	failure := "NULL"
	if e.Err != nil {
		failure = sqltext.QuoteText(s.teamup.conceal(e.Err.Error()))
	}
	return fmt.Sprintf("(%d, %s, %s, %s, %d, %d, %d, %d, %s::VARCHAR)", n, sqltext.QuoteText(request), sqltext.QuoteText(string(e.Reason)),
		map[bool]string{true: "NULL", false: strconv.Itoa(e.Status)}[e.Status == 0],
		e.Rows, e.Bytes, e.Duration.Milliseconds(), e.Try, failure)
}

// readable undoes the escapes that only get in a reader's way.
func readable(query string) string {
	return strings.NewReplacer("%2C", ",", "%3A", ":").Replace(query)
}

func (s *Shell) columnsCommand(ctx context.Context, args []string) error {
	of := report.Customers
	if len(args) > 0 {
		name := strings.TrimSuffix(strings.ToLower(args[0]), "()")
		if i := slices.IndexFunc(report.All(), func(r *report.Report) bool { return name == r.Function || name == r.Name }); i >= 0 {
			of, args = report.All()[i], args[1:]
		}
	}
	if len(args) > 1 {
		return errUsage
	}
	where := ""
	if len(args) == 1 {
		where = " WHERE name ILIKE " + sqltext.QuoteText(args[0])
	}
	var rows []string
	for _, c := range of.Columns {
		rows = append(rows, fmt.Sprintf("(%s, %s, %s, %s)",
			sqltext.QuoteText(c.Name), sqltext.QuoteText(c.Type.SQL()), sqltext.QuoteText(c.Doc), sqltext.QuoteText(strings.Join(filters(of, c, c.Name), ", "))))
	}
	return s.printTable(ctx, `SELECT * FROM (VALUES `+strings.Join(rows, ", ")+
		`) t(name, "type", content, "filtered by")`+where)
}

// filters returns the parameters that filter by a field or by a field in it.
func filters(of *report.Report, f report.Field, path string) []string {
	list := of.Filters(path)
	for _, part := range f.Type.Fields {
		list = append(list, filters(of, part, path+"."+part.Name)...)
	}
	return list
}

func (s *Shell) demoCommand(_ context.Context, args []string) error {
	n := account.DemoCustomers
	switch {
	case len(args) > 1:
		return errUsage
	case len(args) == 1 && args[0] == "off":
		if err := s.teamup.StopDemo(); err != nil {
			return err
		}
		s.printf("teamup_customers() now reads from %s\n", s.teamup.Where())
		return nil
	case len(args) == 1:
		var err error
		if n, err = strconv.Atoi(args[0]); err != nil {
			return fmt.Errorf("%q is not a number of customers", args[0])
		}
	}
	if err := s.teamup.StartDemo(n); err != nil {
		return err
	}
	s.printf("teamup_customers() now reads from %s\n", s.teamup.Where())
	return nil
}

func (s *Shell) rateCommand(context.Context, []string) error {
	sent, waited := s.teamup.budget(time.Now())
	limit := "none"
	if n := s.teamup.Client().RatePerMinute(); n > 0 {
		limit = strconv.Itoa(n)
	}
	s.printf("requests in the last minute: %d (limit: %s)\ntotal wait for the rate limit: %s\n", sent, limit, waited.Round(time.Millisecond))
	return nil
}

func (s *Shell) loginCommand(_ context.Context, args []string) error {
	save := len(args) == 1 && strings.TrimLeft(args[0], "-") == "save"
	switch {
	case len(args) == 1 && strings.TrimLeft(args[0], "-") == "forget":
		return s.teamup.forget()
	case len(args) > 0 && !save:
		return errors.New(".login takes no token as an argument, because the history would contain it; run .login and enter the token at the prompt")
	case s.cfg.Terminal.Secret == nil:
		return errors.New(".login needs a terminal; in scripts set " + httpsource.EnvToken + " or use -token-file")
	}
	secret, err := s.cfg.Terminal.Secret("TeamUp token: ")
	fmt.Fprintln(s.cfg.Err)
	if err != nil {
		return err
	}
	if secret = strings.TrimSpace(secret); secret == "" {
		return errors.New("no token was entered; the previous token stays in use")
	}
	if err := s.teamup.logIn(secret); err != nil {
		return err
	}
	if !save {
		return nil
	}
	where, err := s.cfg.Login.Save(secret)
	if err == nil {
		s.printf("The token is saved in %s.\n", where)
	}
	return err
}

func (s *Shell) explainCommand(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	for _, statement := range sqltext.Statements(args[0]) {
		explanation, err := s.db.explain(ctx, statement)
		if err != nil {
			return err
		}
		s.printf("%s", explanation)
	}
	return nil
}
