package scan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/teamupsql/teamupsql/report"
)

// MaxKeys is the longest list of ids that is taken from the other side of a join.
const MaxKeys = 10_000

// Keys are the queries for the values that joins of a scan can match.
type Keys struct {
	IDs   *Fact // nil for all
	Extra []ExtraKeys
}

// ExtraKeys is the query for the values of a column after the report's columns.
type ExtraKeys struct {
	Index  uint64
	Values Fact
}

// facts are the queries for the values.
func (k Keys) facts() (list []Fact) {
	if k.IDs != nil {
		list = append(list, *k.IDs)
	}
	for _, x := range k.Extra {
		list = append(list, x.Values)
	}
	return list
}

// values returns the values of a key in ascending order, and whether they are known.
func (s *Facts) values(f Fact) (keys []int64, known bool) {
	text, err := s.Get(f)
	if err != nil {
		return nil, false
	}
	keys = []int64{}
	for part := range strings.SplitSeq(text, ",") {
		if part == "" {
			continue
		}
		id, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return nil, false
		}
		keys = append(keys, id)
	}
	slices.Sort(keys)
	return keys, len(keys) <= MaxKeys
}

// keyIDs returns the ids that the joins of a scan can match, nil for all.
func (s *Facts) keyIDs(k Keys) []int64 {
	if k.IDs == nil {
		return nil
	}
	// Ids below 1 cannot be requested.
	if list, known := s.values(*k.IDs); known && (len(list) == 0 || list[0] > 0) {
		return list
	}
	return nil
}

// excludes reports whether the joins cannot match any row with this value in the column at
// a position.
func (s *Facts) excludes(k Keys, at uint64, value int64) bool {
	return slices.ContainsFunc(k.Extra, func(x ExtraKeys) bool {
		if x.Index != at {
			return false
		}
		list, known := s.values(x.Values)
		_, found := slices.BinarySearch(list, value)
		return known && !found
	})
}

// worthwhile reports whether n ids take fewer requests than all customers of a business.
func (s *Env) worthwhile(of *report.Report, n int, provider int64) bool {
	all, _ := s.Totals.Expected(of, provider)
	return pageCount(n, report.MaxIDs) < pageCount(int(all), report.MaxLimit-1)
}

// maxIDs is the longest list of ids that is worthwhile, 0 while the number of
// customers is not known.
func (s *Env) maxIDs(of *report.Report, provider int64) int {
	all, known := s.Totals.Expected(of, provider)
	if !known {
		return 0
	}
	return report.MaxIDs * max(1, pageCount(int(all), report.MaxLimit-1)-1)
}

// pageCount returns the number of pages for a number of rows.
func pageCount(rows, perPage int) int { return (rows + perPage - 1) / perPage }

// withKeys narrows a query to these ids.
func withKeys(q report.Query, keys []int64) report.Query {
	roles := q.Report.Roles
	named, above := report.Value[[]int64](q, roles.Keys), report.Value[int64](q, roles.KeyAbove)
	keys = slices.DeleteFunc(append([]int64{}, keys...), func(id int64) bool {
		return named != nil && !slices.Contains(named, id) || id <= above
	})
	return q.With(roles.Keys, keys).Without(roles.KeyAbove)
}

// Want has the keys read, if they are not known yet.
func (s *Facts) Want(keys []Keys) {
	for _, k := range keys {
		for _, f := range k.facts() {
			_, _ = s.Get(f)
		}
	}
}
