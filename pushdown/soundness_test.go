package pushdown_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// matches is the report's own filter. Where the vendor does not say what a
// parameter means, it does what serves the least.
func matches(q report.Query, c customer, nullIsFalse bool) bool {
	is := func(path string, want *bool) bool {
		v, ok := c.shown[path]
		return want == nil || (ok || nullIsFalse) && (v == 1) == *want
	}
	within := func(low, high *int64, v int64, ok bool) bool {
		return low == nil && high == nil || ok && (low == nil || v >= *low) && (high == nil || v <= *high)
	}
	var low, high, from, to *int64
	if t := q.CreatedAtGTE; t != nil {
		low = new(t.UnixMicro())
	}
	if t := q.CreatedAtLTE; t != nil {
		high = new(t.UnixMicro())
	}
	if d := q.DateOfBirthGTE; d != nil {
		from = new(int64(*d))
	}
	if d := q.DateOfBirthLTE; d != nil {
		to = new(int64(*d))
	}
	_, created := c.shown["created_at"]
	born, hasBirth := c.shown["date_of_birth"]
	credit := q.HasAccountCredit == nil || (c.shown["account_credit_balance.decimal"] > 0) == *q.HasAccountCredit
	id := c.shown["id"]
	return (q.IDs == nil || slices.Contains(q.IDs, id)) && (q.IDGT == nil || id > *q.IDGT) &&
		is("is_active", q.IsActive) && is("is_new", q.IsNew) && is("is_claimed", q.IsClaimed) && credit &&
		within(low, high, c.created, created) && within(from, to, born, hasBirth) &&
		(q.IsAny == nil || slices.ContainsFunc(report.Traits(), func(t report.Trait) bool {
			return slices.Contains(q.IsAny, t.Name) && t.Column != "" && c.shown[t.Column] == 1
		}))
}

// named draws parameters that the user may have given.
func (w *world) named() report.Query {
	var q report.Query
	if w.roll(6) == 0 {
		q.IsActive = new(w.roll(2) == 0)
	}
	if w.roll(6) == 0 {
		q.IDs = []int64{3, 5, int64(6 + w.roll(5))}
	}
	if w.roll(6) == 0 {
		q.IDGT = new(int64(w.roll(8)))
	}
	if w.roll(6) == 0 {
		q.IsAny = []string{"new", "lead"}[:1+w.roll(2)]
	}
	if w.roll(6) == 0 {
		q.DateOfBirthGTE = new(report.Date(testColumns[7].draw(w)))
	}
	if w.roll(6) == 0 {
		q.HasAccountCredit = new(w.roll(2) == 0)
	}
	return q
}

// planOf is a plan with one scan of all columns below a FILTER of the predicates.
func planOf(filters []predicate) string {
	var columns, texts []string
	for i := range len(report.Columns()) + 2 {
		columns = append(columns, fmt.Sprintf(`{"index":%d,"has_index":true,"index_type":"FULL_READ","child_indexes":[]}`, i))
	}
	for _, f := range filters {
		texts = append(texts, f.json)
	}
	return fmt.Sprintf(`{"error":false,"plans":[{"type":"LOGICAL_FILTER","expressions":[%s],"children":[
		{"type":"LOGICAL_GET","name":"teamup_customers","table_index":0,"children":[],"column_indexes":[%s],"names":[%s]}]}]}`,
		strings.Join(texts, ","), strings.Join(columns, ","), strings.Repeat(`"",`, shoeSizeAt)+`"shoe size","provider_id"`)
}

// trial draws predicates and customers and checks what the package promises.
func trial(t *testing.T, d dice) {
	w := newWorld(d)
	var filters []predicate
	for range 1 + w.roll(3) {
		filters = append(filters, w.predicate(w.roll(4)))
	}
	named := w.named()
	plan, err := pushdown.ReadPlan([]byte(planOf(filters)), function)
	require.NoError(t, err)
	require.Len(t, plan.Scans, 1)
	session := session
	session.Provider, session.ProviderAt = w.provider, providerAt
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
			require.Equal(t, used, passes, "check: %v\n%v", c, plan.Scans[0].Predicates)
		}
		plain, pushed := matches(named, c, nullIsFalse), matches(tr.Query, c, nullIsFalse) && !tr.Nothing
		if used && plain {
			require.True(t, pushed, "missing: %v\n%v\n%s", c, plan.Scans[0].Predicates, tr.Query.Encode())
		}
		if pushed {
			require.True(t, plain, "added: %v\n%v\n%s", c, plan.Scans[0].Predicates, tr.Query.Encode())
			require.True(t, used || !tr.Exact, "not exact: %v\n%v\n%s", c, plan.Scans[0].Predicates, tr.Query.Encode())
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
