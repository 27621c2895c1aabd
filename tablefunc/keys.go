package tablefunc

import (
	"context"
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

// scanKeys are the values that joins let through to a scan.
type scanKeys struct {
	ids   []int64 // nil for all
	extra []extraKeys
}

// extraKeys are the values of a column behind the report's.
type extraKeys struct {
	index  uint64
	values []int64
}

// readKeys reads the keys that joins let through, for each scan. It runs
// in the statement's transaction, so that it sees the other tables as the statement
// does. Whatever goes wrong leaves a scan without keys.
func (c *Conn) readKeys(ctx context.Context, scans []pushdown.Scan) []scanKeys {
	keys := make([]scanKeys, len(scans))
	if slices.Contains(c.session.settings.off, RuleKeys) {
		return keys
	}
	for i, s := range scans {
		if s.Keys != nil {
			// The report cannot be asked for customers below 1.
			if list, err := c.distinctKeys(ctx, s.Keys); err == nil && (len(list) == 0 || list[0] > 0) {
				keys[i].ids = list
			}
		}
		for _, k := range s.ExtraKeys {
			if list, err := c.distinctKeys(ctx, k.Keys); err == nil {
				keys[i].extra = append(keys[i].extra, extraKeys{k.Index, list})
			}
		}
	}
	return keys
}

// excludes says whether no row with this value in the column at a place can pass.
func (k scanKeys) excludes(at uint64, value int64) bool {
	return slices.ContainsFunc(k.extra, func(x extraKeys) bool {
		_, found := slices.BinarySearch(x.values, value)
		return x.index == at && !found
	})
}

// worthwhile says whether n ids take fewer requests than all customers of a
// business.
func (s *settings) worthwhile(n int, provider int64) bool {
	all, _ := s.expected(provider)
	return pages(n, report.MaxIDs) < pages(int(all), report.MaxLimit-1)
}

// mostIDs is the longest list of ids that is worthwhile, 0 while the number of
// customers is not known.
func (s *settings) mostIDs(provider int64) int {
	all, told := s.expected(provider)
	if !told {
		return 0
	}
	return report.MaxIDs * max(1, pages(int(all), report.MaxLimit-1)-1)
}

// pages is how many pages so many rows fill.
func pages(rows, perPage int) int { return (rows + perPage - 1) / perPage }

// distinctKeys reads the keys from their table, in ascending order. The list is not
// nil.
func (c *Conn) distinctKeys(ctx context.Context, k *pushdown.Keys) ([]int64, error) {
	table, err := c.tableSQL(k.Table)
	if err != nil {
		return nil, err
	}
	where := ""
	if k.Where != "" {
		where = " WHERE " + k.Where
	}
	text, err := c.one(ctx, fmt.Sprintf(`SELECT coalesce(string_agg(k::VARCHAR, ','), '') FROM
		(SELECT DISTINCT k FROM (SELECT TRY_CAST(%s AS BIGINT) AS k FROM %s%s) WHERE k IS NOT NULL LIMIT %d)`,
		k.Column, table, where, mostKeys+1))
	if err != nil {
		return nil, err
	}
	keys := []int64{}
	for part := range strings.SplitSeq(text, ",") {
		if part == "" {
			continue
		}
		id, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return nil, err
		}
		keys = append(keys, id)
	}
	if len(keys) > mostKeys {
		return nil, fmt.Errorf("tablefunc: more than %d keys", mostKeys)
	}
	slices.Sort(keys)
	return keys, nil
}

// tableSQL names the table in SQL. A stand-in is named by what it stands for.
func (c *Conn) tableSQL(t pushdown.Table) (string, error) {
	switch t.Function {
	case "":
		return sqltext.QuoteName(t.Catalog) + "." + sqltext.QuoteName(t.Schema) + "." + sqltext.QuoteName(t.Name), nil
	case standInName:
		return c.instance.imitated(t.Argument)
	case "parquet_scan", "read_parquet":
		return "read_parquet('" + strings.ReplaceAll(t.Argument, "'", "''") + "')", nil
	}
	return "", fmt.Errorf("tablefunc: %s is not read for keys", t.Function)
}

// withKeys narrows a query to these ids.
func withKeys(q report.Query, keys []int64) report.Query {
	keys = slices.DeleteFunc(slices.Clone(keys), func(id int64) bool {
		return q.IDs != nil && !slices.Contains(q.IDs, id) || q.IDGT != nil && id <= *q.IDGT
	})
	q.IDs, q.IDGT = keys, nil
	return q
}
