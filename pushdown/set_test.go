package pushdown

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/report"
)

// The laws are tried on sets of a few numbers, among them both ends of the range.
var sample = []int64{minValue, minValue + 1, -3, -2, -1, 0, 1, 2, 3, 4, 5, maxValue - 1, maxValue}

func randomSet(r *rand.Rand) set {
	out := set{null: r.IntN(2) == 0}
	for range r.IntN(5) {
		a, b := sample[r.IntN(len(sample))], sample[r.IntN(len(sample))]
		out = union(out, values(min(a, b), max(a, b)))
	}
	return out
}

// members lists which of the sample, and NULL, belong to s.
func members(s set) (out []bool) {
	for _, v := range sample {
		out = append(out, s.contains(v))
	}
	return append(out, s.null)
}

func combine(a, b []bool, f func(a, b bool) bool) []bool {
	out := make([]bool, len(a))
	for i := range a {
		out[i] = f(a[i], b[i])
	}
	return out
}

func TestSetsKeepTheLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 3_000 {
		a, b := randomSet(r), randomSet(r)
		ma, mb := members(a), members(b)
		require.Equal(t, combine(ma, mb, func(a, b bool) bool { return a || b }), members(union(a, b)))
		require.Equal(t, combine(ma, mb, func(a, b bool) bool { return a && b }), members(a.intersect(b)))
		require.Equal(t, combine(ma, ma, func(a, _ bool) bool { return !a }), members(a.complement()))
		require.Equal(t, members(a), members(a.complement().complement()))
		require.True(t, a.intersect(b).within(a))
		require.True(t, a.within(union(a, b)))
		require.Equal(t, a.within(b), a.intersect(b.complement()).empty())
		many := []set{a, b, a, union(a, b), b, a, a, a, b, a}
		require.Equal(t, members(a.intersect(b)), members(intersection(many)))
	}
}

func TestNeighboursStayApart(t *testing.T) {
	named := union(values(5, 5), values(6, 6), values(6, 6))
	require.Equal(t, []span{{5, 5}, {6, 6}}, named.spans)
	require.True(t, values(5, 6).within(named), "and still are the range")
	require.Equal(t, []span{{6, 6}}, named.intersect(values(6, maxValue)).spans)
}

func TestAdditionStopsAtTheEnds(t *testing.T) {
	require.Equal(t, int64(maxValue), plus(maxValue-1, 5))
	require.Equal(t, int64(minValue), plus(minValue+1, -5))
	require.Equal(t, int64(maxValue), plus(maxValue, -5), "an end is no number")
	require.Equal(t, int64(3), plus(5, -2))
}

func TestConstraintsForgetRatherThanGuess(t *testing.T) {
	of := func(path string) columnExpr { return columnExpr{Path: path, of: report.Customers} }
	active, fresh := rows(of("is_active"), values(1, 1), true), rows(of("is_new"), values(1, 1), true)
	small := rows(of("id"), values(1, 5), true)

	both := all(active, small)
	require.True(t, both.exact)
	require.Len(t, both.sets, 2)

	traits := either(active, fresh)
	require.True(t, traits.exact)
	require.Equal(t, []string{"new", "active"}, traits.any[0].names(report.Customers))

	mixed := either(both, fresh)
	require.False(t, mixed.exact, "the bound on id is forgotten")
	require.Equal(t, traits.any, mixed.any)

	require.True(t, either(active, small).unlimited())
	require.True(t, all(small, rows(of("id"), values(9, 9), true)).never)
	require.True(t, either(noRow(), noRow()).never)
	require.Equal(t, small, either(small, noRow()))
}
