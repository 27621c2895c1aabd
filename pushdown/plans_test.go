package pushdown_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

var update = flag.Bool("update", false, "write the golden files and the documentation anew")

var session = pushdown.Session{Now: time.Date(2026, 7, 15, 9, 0, 0, 0, time.UTC), Calendar: "gregorian"}

// statement is one of testdata/statements.txt with its recorded plans.
type statement struct {
	section, sql           string
	named                  string // as written
	unoptimized, optimized json.RawMessage
}

func statements(t testing.TB) []statement {
	text, err := os.ReadFile("testdata/statements.txt")
	require.NoError(t, err)
	plans, err := os.Open("testdata/plans.jsonl")
	require.NoError(t, err)
	defer plans.Close()
	dec := json.NewDecoder(plans)
	var out []statement
	section := ""
	for _, line := range strings.Split(string(text), "\n") {
		switch {
		case line == "":
		case strings.HasPrefix(line, "# "):
			section = line[2:]
		case strings.HasPrefix(line, ":named "):
			out[len(out)-1].named = line[len(":named "):]
		default:
			var p struct {
				SQL                    string
				Unoptimized, Optimized json.RawMessage
			}
			require.NoError(t, dec.Decode(&p), "record the plans anew, see testdata/record")
			require.Equal(t, line, p.SQL, "record the plans anew, see testdata/record")
			out = append(out, statement{section: section, sql: line, unoptimized: raw(t, p.Unoptimized), optimized: raw(t, p.Optimized)})
		}
	}
	return out
}

// raw is the plan itself where it was recorded as text, since it is not JSON.
func raw(t testing.TB, plan json.RawMessage) json.RawMessage {
	if len(plan) > 0 && plan[0] == '"' {
		var text string
		require.NoError(t, json.Unmarshal(plan, &text))
		return json.RawMessage(text)
	}
	return plan
}

func namedQuery(t testing.TB, of *report.Report, text string) report.Query {
	v, err := url.ParseQuery(text)
	require.NoError(t, err)
	q, err := of.Parse(v)
	require.NoError(t, err)
	return q
}

// scans are the statement's scans in bind order, and their translations.
func (s statement) scans(t testing.TB) ([]pushdown.Scan, []pushdown.Translation, error) {
	unoptimized, err := pushdown.ReadPlan(s.unoptimized, report.All()...)
	if err != nil {
		return nil, nil, err
	}
	optimized, err := pushdown.ReadPlan(s.optimized, report.All()...)
	if err != nil {
		return nil, nil, err
	}
	scans := pushdown.InBindOrder(unoptimized, optimized)
	var out []pushdown.Translation
	for _, scan := range scans {
		out = append(out, scan.Translate(namedQuery(t, cmp.Or(scan.Report, report.Customers), s.named), session))
	}
	return scans, out, nil
}

func TestStatementsBecomeRequests(t *testing.T) {
	var b strings.Builder
	section := ""
	for _, s := range statements(t) {
		if s.section != section {
			section = s.section
			fmt.Fprintf(&b, "# %s\n\n", section)
		}
		fmt.Fprintln(&b, s.sql)
		if s.named != "" {
			fmt.Fprintln(&b, "  given", s.named)
		}
		scans, translations, err := s.scans(t)
		if err != nil {
			fmt.Fprintln(&b, "  error:", err)
		}
		for i, scan := range scans {
			describe(&b, scan, translations[i])
		}
		fmt.Fprintln(&b)
	}
	golden(t, "testdata/requests.golden", b.String())
}

func describe(b *strings.Builder, scan pushdown.Scan, tr pushdown.Translation) {
	fmt.Fprintf(b, "  scan %d:", scan.TableIndex)
	switch {
	case scan.Dropped:
		fmt.Fprintln(b, " dropped")
		return
	case scan.Duplicate:
		fmt.Fprintln(b, " duplicate")
		return
	case tr.Nothing:
		fmt.Fprint(b, " no request")
	default:
		fmt.Fprintf(b, " GET ?%s", tr.Query.Encode())
	}
	if tr.Exact {
		fmt.Fprint(b, ", exact")
	}
	fmt.Fprintln(b, use(scan.Use))
	for _, f := range tr.Results {
		fmt.Fprintf(b, "    %s: %s", f.Outcome, f.Predicate)
		if len(f.Parameters) > 0 {
			fmt.Fprintf(b, " -> %s", strings.Join(f.Parameters, ", "))
		}
		if f.Why != "" {
			fmt.Fprintf(b, " (%s)", f.Why)
		}
		fmt.Fprintln(b)
	}
}

func use(u pushdown.Use) string {
	var b strings.Builder
	for _, key := range u.OrderBy {
		fmt.Fprintf(&b, ", by %s", cmp.Or(key.Column, "an expression"))
		if key.Descending {
			b.WriteString(" descending")
		}
		if key.NullsFirst {
			b.WriteString(" nulls first")
		}
	}
	if u.Limit != nil {
		fmt.Fprintf(&b, ", limit %d", *u.Limit)
	}
	if u.Offset != nil {
		fmt.Fprintf(&b, ", offset %d", *u.Offset)
	}
	if u.CountOnly {
		b.WriteString(", count only")
	}
	if !u.Whole {
		b.WriteString(", may stop early")
	}
	return b.String()
}

func golden(t *testing.T, path, got string) {
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "%s is not current; run the tests with -update", path)
}

func TestTheRulesAreDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString(rulesHeader)
	section := ""
	for _, s := range statements(t) {
		title, isRule := strings.CutPrefix(s.section, "Rules: ")
		_, predicate, ok := strings.Cut(s.sql, "WHERE ")
		if !isRule || !ok {
			continue
		}
		if title != section {
			section = title
			fmt.Fprintf(&b, "\n## %s\n\n| WHERE | request | |\n| --- | --- | --- |\n", title)
		}
		_, translations, err := s.scans(t)
		require.NoError(t, err)
		require.Len(t, translations, 1, s.sql)
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", strings.ReplaceAll(predicate, "|", `\|`), requestCell(translations[0]), outcomeCell(translations[0]))
	}
	golden(t, "../docs/pushdown-rules.md", b.String())
}

func requestCell(tr pushdown.Translation) string {
	switch {
	case tr.Nothing:
		return "no request"
	case tr.Query.Encode() == "":
		return ""
	}
	return "`" + tr.Query.Encode() + "`"
}

func outcomeCell(tr pushdown.Translation) string {
	var parts []string
	for _, f := range tr.Results {
		part := f.Outcome.String()
		if f.Why != "" {
			part += ": " + f.Why
		}
		if len(parts) == 0 || parts[len(parts)-1] != part {
			parts = append(parts, part)
		}
	}
	return strings.ReplaceAll(strings.Join(parts, "; "), "|", `\|`)
}

const rulesHeader = `<!-- Generated by go test ./pushdown -update. Do not edit. -->

# Pushdown rules

Each line shows the ` + "`WHERE`" + ` of a statement ` + "`SELECT id FROM teamup_customers() WHERE …`" + ` and the
parameters of its request. A section that is named after another function is about its report.
DuckDB evaluates every predicate again, so the result never
depends on this. The last column says for each predicate whether it is

- *exact*: the request returns exactly the rows for which the predicate is true,
- *widened*: the request may return more rows,
- *left*: the request ignores the predicate.

The examples run in the time zone Europe/Berlin, on 15 July 2026. Predicates combined with
` + "`AND`" + ` apply to the same request. If a predicate and a named parameter filter the same column,
the request uses the intersection of both.

A call with ` + "`provider_ids`" + ` has a column ` + "`provider_id`" + `. All rows of a request have the same
business, so pushdown evaluates a predicate for each business with that number as the value of
the column. ` + "`provider_id = 7`" + ` sends a request to no other business. For
` + "`provider_id = 7 AND is_active OR provider_id = 8 AND is_new`" + ` the request for business 7 has
` + "`is_active=true`, the request for business 8 has `is_new=true`" + `, and there is none for business 9.
This applies to comparisons of the column itself, BETWEEN and IN; other expressions of it are
left. Custom fields have no parameters.
`
