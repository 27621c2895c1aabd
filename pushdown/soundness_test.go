package pushdown_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/internal/madeup"
	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// matches is the report's own filter. Where the vendor does not say what a
// parameter means, it does what serves the least.
func matches(q report.Query, c customer, nullIsFalse bool) bool {
	for _, p := range q.Report.Parameters {
		column := p.Answers.Column
		v, ok := c.shown[column]
		if p.Type.Kind == report.TimestampTZ {
			v = c.real[column]
		}
		passes := true
		switch want := q.Get(p.Name).(type) {
		case bool:
			if p.Answers.Operator == report.Positive {
				passes = (v > 0) == want
			} else {
				passes = (ok || nullIsFalse) && (v == 1) == want
			}
		case []int64:
			passes = ok && slices.Contains(want, v)
		case []string: // traits
			passes = slices.ContainsFunc(q.Report.Traits, func(t report.Trait) bool {
				return slices.Contains(want, t.Name) && t.Column != "" && c.shown[t.Column] == 1
			})
		case int64:
			passes = v > want
		case time.Time:
			passes = ok && within(p, v, want.UnixMicro())
		case report.Date:
			passes = ok && within(p, v, int64(want))
		}
		if !passes {
			return false
		}
	}
	return true
}

func within(p report.Parameter, v, bound int64) bool {
	if p.Answers.Operator == report.AtLeast {
		return v >= bound
	}
	return v <= bound
}

// named draws parameters that the user may have given.
func (w *world) named() report.Query {
	q := w.of.Query()
	for _, p := range w.of.Named() {
		if w.roll(6) > 0 {
			continue
		}
		at := slices.IndexFunc(w.drawn, func(c column) bool { return c.path == p.Answers.Column })
		switch {
		case p.Name == w.of.Roles.AnyOf:
			q = q.With(p.Name, []string{"new", "lead"}[:1+w.roll(2)])
		case at < 0:
		case p.Type.Kind == report.Boolean:
			q = q.With(p.Name, w.roll(2) == 0)
		case p.Type.Kind == report.BigInt:
			q = q.With(p.Name, w.roll(8))
		case p.Type.Kind == report.List:
			q = q.With(p.Name, []int64{3, 5, int64(6 + w.roll(5))})
		case p.Type.Kind == report.DateKind:
			q = q.With(p.Name, report.Date(w.drawn[at].draw(w)))
		case p.Type.Kind == report.TimestampTZ:
			q = q.With(p.Name, time.UnixMicro(w.drawn[at].draw(w)))
		}
	}
	return q
}

// planOf is a plan with one scan of all columns of the customers report below a FILTER
// of the predicates.
func planOf(filters []predicate) string { return planOver(report.Customers, filters) }

func planOver(r *report.Report, filters []predicate) string {
	var columns, texts []string
	for i := range len(r.Columns) + 2 {
		columns = append(columns, fmt.Sprintf(`{"index":%d,"has_index":true,"index_type":"FULL_READ","child_indexes":[]}`, i))
	}
	for _, f := range filters {
		texts = append(texts, f.json)
	}
	return fmt.Sprintf(`{"error":false,"plans":[{"type":"LOGICAL_FILTER","expressions":[%s],"children":[
		{"type":"LOGICAL_GET","name":%q,"table_index":0,"children":[],"column_indexes":[%s],"names":[%s]}]}]}`,
		strings.Join(texts, ","), r.Function, strings.Join(columns, ","), strings.Repeat(`"",`, len(r.Columns))+`"shoe size","provider_id"`)
}

// trial draws predicates and rows and checks what the package promises.
func trial(t *testing.T, d dice) {
	of, drawn := report.Customers, testColumns
	if d.roll(4) == 0 {
		of, drawn = madeup.Visits, visitColumns
	}
	w := newWorld(d, of, drawn)
	var filters []predicate
	for range 1 + w.roll(3) {
		filters = append(filters, w.predicate(w.roll(4)))
	}
	named := w.named()
	plan, err := pushdown.ReadPlan([]byte(planOver(of, filters)), report.Customers, madeup.Visits)
	require.NoError(t, err)
	require.Len(t, plan.Scans, 1)
	require.Equal(t, of, plan.Scans[0].Report)
	session := session
	session.Provider, session.ProviderAt = w.provider, uint64(len(of.Columns)+1)
	tr := plan.Scans[0].Translate(named, session)
	require.NoError(t, tr.Query.Validate())
	nullIsFalse := w.roll(2) == 0
	for range 60 {
		c := w.customer()
		used := true
		for _, f := range filters {
			used = used && f.eval(c) == yes
		}
		if passes := tr.Check.Passes(c.value); used || tr.Exact && !tr.Nothing {
			require.Equal(t, used, passes, "check: %v\n%v", c, tr.Results)
		}
		plain, pushed := matches(named, c, nullIsFalse), matches(tr.Query, c, nullIsFalse) && !tr.Nothing
		if used && plain {
			require.True(t, pushed, "missing: %v\n%v\n%s", c, tr.Results, tr.Query.Encode())
		}
		if pushed {
			require.True(t, plain, "added: %v\n%v\n%s", c, tr.Results, tr.Query.Encode())
			require.True(t, used || !tr.Exact, "not exact: %v\n%v\n%s", c, tr.Results, tr.Query.Encode())
		}
	}
}

// value is a column of the customer as a check reads it.
func (c customer) value(path string) (int64, bool) {
	v, ok := c.shown[path]
	return v, ok
}

func TestNoCustomerIsMissing(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 2_000 {
		trial(t, random{r})
	}
}

func FuzzPredicates(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		b := make([]byte, 200)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { trial(t, &bytesDice{b}) })
}
