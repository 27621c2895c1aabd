package teamuptest_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

// compareShown orders two values of a column as the rows show them, without NULLs.
func compareShown(a, b any) int {
	switch a := a.(type) {
	case json.Number:
		x, _ := a.Float64()
		y, _ := b.(json.Number).Float64()
		return int(max(-1, min(1, x-y)))
	case bool:
		switch {
		case a == b:
			return 0
		case a:
			return 1
		}
		return -1
	}
	s, u := a.(string), b.(string)
	if x, err := time.Parse(time.RFC3339Nano, s); err == nil {
		y, _ := time.Parse(time.RFC3339Nano, u)
		return x.Compare(y)
	}
	return strings.Compare(s, u)
}

// TestEveryScalarCanBeSortedBy checks both directions and the place of NULLs.
func TestEveryScalarCanBeSortedBy(t *testing.T) {
	t.Parallel()
	s := map[teamuptest.NullOrder]*teamuptest.Server{}
	for _, o := range []teamuptest.NullOrder{teamuptest.NullsLargest, teamuptest.NullsFirst, teamuptest.NullsLast} {
		s[o] = teamuptest.New(teamuptest.WithCustomers(400), teamuptest.WithQuirks(teamuptest.Quirks{NullOrder: o}))
	}
	sortable := 0
	for _, key := range report.Customers.Keys() {
		header := getPage(t, s[0], "limit=1&columns="+key).Headers
		name := header[len(header)-1]["key"].(string)
		if header[len(header)-1]["sortable"] == false {
			resp, _ := get(t, s[0], path+"?sort="+key)
			require.Equal(t, 400, resp.StatusCode, key)
			continue
		}
		sortable++
		for order, server := range s {
			for _, sign := range []string{"", "-"} {
				p := getAll(t, server, "columns="+key+"&sort="+sign+key)
				nullsFirst := order == teamuptest.NullsFirst || order == teamuptest.NullsLargest && sign == "-"
				for i := 1; i < len(p); i++ {
					a, b := p[i-1].at(name), p[i].at(name)
					if a == nil || b == nil {
						require.False(t, a != b && (a == nil) != nullsFirst, "%s%s at %d: %v %v", sign, key, i, a, b)
						continue
					}
					n := compareShown(a, b)
					require.False(t, n > 0 && sign == "" || n < 0 && sign == "-", "%s%s at %d: %v %v", sign, key, i, a, b)
				}
			}
		}
	}
	require.Greater(t, sortable, 50)
}

func TestSortBySeveralColumns(t *testing.T) {
	t.Parallel()
	s := teamuptest.New(teamuptest.WithCustomers(400))
	p := getPage(t, s, "limit=100&columns=id,venue.name,age&sort=venue_name,-age,id")
	require.Equal(t, map[string]any{"order": "asc", "priority": json.Number("0")}, p.Headers[1]["sorted"])
	require.Equal(t, map[string]any{"order": "desc", "priority": json.Number("1")}, p.Headers[2]["sorted"])
	less := func(a, b row) int {
		for i, name := range []string{"venue.name", "age", "id"} {
			x, y := a.at(name), b.at(name)
			if i == 1 {
				x, y = y, x
			}
			switch {
			case x == nil && y == nil:
			case x == nil:
				return 1
			case y == nil:
				return -1
			case compareShown(x, y) != 0:
				return compareShown(x, y)
			}
		}
		return 0
	}
	require.True(t, slices.IsSortedFunc(p.Rows, less))
}

// TestOrderWithoutSort is the same every time, but not that of the ids.
func TestOrderWithoutSort(t *testing.T) {
	t.Parallel()
	s, other := teamuptest.New(), teamuptest.New(teamuptest.WithQuirks(teamuptest.Quirks{IgnoreSort: true}))
	plain := ids(getPage(t, s, "limit=100").Rows)
	require.False(t, slices.IsSorted(plain))
	require.Equal(t, plain, ids(getPage(t, s, "limit=100").Rows))
	require.Equal(t, plain, ids(getPage(t, other, "limit=100&sort=id").Rows))
	up, down := getAll(t, s, "columns=id&sort=id"), getAll(t, s, "columns=id&sort=-id")
	require.True(t, slices.IsSorted(ids(up)))
	slices.Reverse(down)
	require.Equal(t, up, down)
}
