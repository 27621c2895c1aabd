package tablefunc_test

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/report"
)

// bind makes a value an argument and returns what stands for it in the text until
// numbered gives it its number.
func (g *generator) bind(value any) string {
	g.args = append(g.args, value)
	return fmt.Sprintf("§%d§", len(g.args)-1)
}

var placeholder = regexp.MustCompile("§[0-9]+§")

// numbered gives the arguments that a statement holds their numbers, and returns them.
func (g *generator) numbered(statement string) (text string, args []any) {
	numbers := map[string]int{}
	text = placeholder.ReplaceAllStringFunc(statement, func(p string) string {
		if numbers[p] == 0 {
			at, _ := strconv.Atoi(strings.Trim(p, "§"))
			args = append(args, g.args[at])
			numbers[p] = len(args)
		}
		return "$" + strconv.Itoa(numbers[p])
	})
	g.args = nil
	return text, args
}

// argument returns a value to compare the leaf with, in one of the types of Go that
// a program may pass.
func (g *generator) argument(l leaf) (value any, ok bool) {
	values := g.values[l.sql]
	if len(values) == 0 {
		return nil, false
	}
	text := choose(g, values...)
	if g.chance(5) {
		return nil, true
	}
	switch l.kind {
	case report.BigInt, report.Integer:
		n, err := strconv.ParseInt(text, 10, 64)
		return choose[any](g, n, n, int(n), int32(n), float64(n), float64(n)+0.5, text), err == nil
	case report.Decimal:
		f, err := strconv.ParseFloat(text, 64)
		return choose[any](g, f, int64(f), text), err == nil
	case report.Boolean:
		return g.chance(50), true
	case report.TimestampTZ:
		for _, layout := range []string{"2006-01-02 15:04:05.999999-07", "2006-01-02 15:04:05.999999-07:00"} {
			if at, err := time.Parse(layout, text); err == nil {
				return choose[any](g, at, at, at.UTC(), text, text[:10]), true
			}
		}
		return text, true
	case report.DateKind:
		day, err := time.Parse(time.DateOnly, text)
		return choose[any](g, day, day.Add(15*time.Hour), text), err == nil
	}
	return text, l.kind == report.Varchar || l.kind == report.AnyText
}

// listArgument returns a list of such values, now and then.
func (g *generator) listArgument(l leaf) (list any, ok bool) {
	values := g.values[l.sql]
	if !g.binds || len(values) == 0 || !g.chance(10) {
		return nil, false
	}
	switch l.kind {
	case report.BigInt:
		ids := []int64{}
		for range g.IntN(5) {
			n, _ := strconv.ParseInt(choose(g, values...), 10, 64)
			ids = append(ids, n)
		}
		return ids, true
	case report.Varchar:
		return []string{choose(g, values...), "x"}, true
	}
	return nil, false
}

// limit is a number of rows from 1 to most.
func (g *generator) limit(most int) string {
	n := 1 + g.IntN(most)
	if g.binds && g.chance(50) {
		return g.bind(n)
	}
	return strconv.Itoa(n)
}

// settings are what a session may change between two statements. Each has a value
// among them that is DuckDB's own.
var settings = [][]string{
	{"SET TimeZone = 'UTC'", "SET TimeZone = 'Europe/Berlin'", "SET TimeZone = 'Pacific/Kiritimati'", "SET TimeZone = 'Pacific/Pago_Pago'", "SET TimeZone = 'America/New_York'", "SET TimeZone = 'Asia/Kathmandu'"},
	{"PRAGMA enable_optimizer", "PRAGMA enable_optimizer", "PRAGMA disable_optimizer"},
	{"SET disabled_optimizers = ''", "SET disabled_optimizers = ''", "SET disabled_optimizers = 'filter_pushdown'", "SET disabled_optimizers = 'cte_inlining,statistics_propagation'", "SET disabled_optimizers = 'unused_columns,top_n,column_lifetime'"},
	{"SET default_null_order = 'nulls_last'", "SET default_null_order = 'nulls_first'"},
	{"SET threads = 2", "SET threads = 1"},
	{"SET old_implicit_casting = false", "SET old_implicit_casting = true"},
}

// preparedFirst is how live runs a statement that is prepared before the session changes.
const preparedFirst = 0

// kept runs a statement over the table. With a database that duckdb-go opens, a statement
// without arguments means what it meant when it was prepared.
func (w *world) kept(t testing.TB, how int, statement string, args []any, change string) ([]string, error) {
	if how == preparedFirst && w.mode.registered() {
		stmt, err := w.db.Prepare(statement)
		mustExec(t, w.db, change)
		if err == nil {
			defer stmt.Close()
			return texts(statementQuerier{stmt}, "", args...)
		}
	}
	mustExec(t, w.db, change)
	return texts(w.db, statement, args...)
}

// live runs a statement over the report as programs do: at once, prepared before the
// session changes and run twice, or after it was cancelled a few times.
func (w *world) live(t testing.TB, how int, statement string, args []any, change string) ([]string, error) {
	g := w.gen
	switch how {
	case preparedFirst:
		stmt, err := w.db.Prepare(statement)
		mustExec(t, w.db, change)
		if err != nil {
			return texts(w.db, statement, args...)
		}
		defer stmt.Close()
		first, err := texts(statementQuerier{stmt}, "", args...)
		if err != nil || w.mode.registered() && strings.Contains(statement, "ASOF") { // DuckDB cannot run a prepared ASOF JOIN twice
			return first, err
		}
		again, err := texts(statementQuerier{stmt}, "", args...)
		if err == nil && !strings.Contains(statement, "LIMIT") {
			require.Equal(t, sorted(first), sorted(again), "run again: %s %v", statement, args)
		}
		return again, err
	case 1:
		mustExec(t, w.db, change)
		for range 3 {
			ctx, cancel := context.WithCancel(context.Background())
			timer := time.AfterFunc(time.Duration(g.IntN(5000))*time.Microsecond, cancel)
			if rows, err := w.db.QueryContext(ctx, statement, args...); err == nil {
				rows.Close()
			}
			timer.Stop()
			cancel()
		}
	default:
		mustExec(t, w.db, change)
	}
	return texts(w.db, statement, args...)
}
