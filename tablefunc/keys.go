package tablefunc

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// mostKeys is the longest list of ids that is taken from the other side of a join.
const mostKeys = 10_000

// scanKeys says where the values stand that joins let through to a scan.
type scanKeys struct {
	ids   *fact // nil for all
	extra []extraKeys
}

// extraKeys says where the values of a column behind the report's stand.
type extraKeys struct {
	index  uint64
	values fact
}

// facts are the queries for the values.
func (k scanKeys) facts() (list []fact) {
	if k.ids != nil {
		list = append(list, *k.ids)
	}
	for _, x := range k.extra {
		list = append(list, x.values)
	}
	return list
}

// keys finds where the keys stand that joins let through, for each scan.
func (p planner) keys(scans []pushdown.Scan) []scanKeys {
	keys := make([]scanKeys, len(scans))
	for i, s := range scans {
		if s.Keys != nil {
			if f, err := p.distinct(s.Keys); err == nil {
				keys[i].ids = &f
			}
		}
		for _, k := range s.ExtraKeys {
			if f, err := p.distinct(k.Keys); err == nil {
				keys[i].extra = append(keys[i].extra, extraKeys{k.Index, f})
			}
		}
	}
	return keys
}

// distinct is the query for the different values of a key.
func (p planner) distinct(k *pushdown.Keys) (fact, error) {
	table, mayFail, err := p.tableSQL(k.Table)
	if err != nil {
		return fact{}, err
	}
	where := ""
	if k.Where != "" {
		where = " WHERE " + k.Where
	}
	return fact{mayFail: mayFail, query: fmt.Sprintf(`SELECT coalesce(string_agg(k::VARCHAR, ','), '') FROM
		(SELECT DISTINCT k FROM (SELECT TRY_CAST(%s AS BIGINT) AS k FROM %s%s) WHERE k IS NOT NULL LIMIT %d)`,
		k.Column, table, where, mostKeys+1)}, nil
}

// tableSQL names the table in SQL, and reports whether reading it can fail. A stand-in
// is named by what it stands for.
func (p planner) tableSQL(t pushdown.Table) (sql string, mayFail bool, err error) {
	switch t.Function {
	case "":
		return sqltext.QuoteName(t.Catalog) + "." + sqltext.QuoteName(t.Schema) + "." + sqltext.QuoteName(t.Name), false, nil
	case standInName:
		table, err := p.instance.imitated(t.Argument)
		if err == nil && strings.Contains(strings.ToLower(table), "reject") {
			err = errors.New("rejected lines would be stored twice")
		}
		return table, true, err
	case "parquet_scan", "read_parquet":
		return "read_parquet(" + sqltext.QuoteText(t.Argument) + ")", true, nil
	}
	return "", false, fmt.Errorf("%s is not read for keys", t.Function)
}

// values returns the values of a key in ascending order, and whether they are known.
func (s *facts) values(f fact) (keys []int64, known bool) {
	text, err := s.get(f)
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
	return keys, len(keys) <= mostKeys
}

// keyIDs returns the ids that joins let through to a scan, nil for all.
func (st *statement) keyIDs(k scanKeys) []int64 {
	if k.ids == nil {
		return nil
	}
	// The report cannot be asked for customers below 1.
	if list, known := st.facts.values(*k.ids); known && (len(list) == 0 || list[0] > 0) {
		return list
	}
	return nil
}

// excludes reports whether no row with this value in the column at a place can pass.
func (st *statement) excludes(k scanKeys, at uint64, value int64) bool {
	return slices.ContainsFunc(k.extra, func(x extraKeys) bool {
		if x.index != at {
			return false
		}
		list, known := st.facts.values(x.values)
		_, found := slices.BinarySearch(list, value)
		return known && !found
	})
}

// worthwhile says whether n ids take fewer requests than all customers of a
// business.
func (s *settings) worthwhile(of *report.Report, n int, provider int64) bool {
	all, _ := s.expected(of, provider)
	return pages(n, report.MaxIDs) < pages(int(all), report.MaxLimit-1)
}

// mostIDs is the longest list of ids that is worthwhile, 0 while the number of
// customers is not known.
func (s *settings) mostIDs(of *report.Report, provider int64) int {
	all, told := s.expected(of, provider)
	if !told {
		return 0
	}
	return report.MaxIDs * max(1, pages(int(all), report.MaxLimit-1)-1)
}

// pages is how many pages so many rows fill.
func pages(rows, perPage int) int { return (rows + perPage - 1) / perPage }

// withKeys narrows a query to these ids.
func withKeys(q report.Query, keys []int64) report.Query {
	roles := q.Report.Roles
	named, above := report.Value[[]int64](q, roles.Keys), report.Value[int64](q, roles.KeyAbove)
	keys = slices.DeleteFunc(append([]int64{}, keys...), func(id int64) bool {
		return named != nil && !slices.Contains(named, id) || id <= above
	})
	return q.With(roles.Keys, keys).Without(roles.KeyAbove)
}
