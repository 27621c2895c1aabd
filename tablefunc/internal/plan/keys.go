package plan

import (
	"errors"
	"fmt"
	"strings"

	"github.com/teamupsql/teamupsql/internal/scan"
	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/pushdown"
)

// keys finds where the keys stand that joins let through, for each scan.
func (p Planner) keys(scans []pushdown.Scan) []scan.Keys {
	keys := make([]scan.Keys, len(scans))
	for i, s := range scans {
		if s.Keys != nil {
			if f, err := p.distinct(s.Keys); err == nil {
				keys[i].IDs = &f
			}
		}
		for _, k := range s.ExtraKeys {
			if f, err := p.distinct(k.Keys); err == nil {
				keys[i].Extra = append(keys[i].Extra, scan.ExtraKeys{Index: k.Index, Values: f})
			}
		}
	}
	return keys
}

// distinct is the query for the different values of a key.
func (p Planner) distinct(k *pushdown.Keys) (scan.Fact, error) {
	table, mayFail, err := p.tableSQL(k.Table)
	if err != nil {
		return scan.Fact{}, err
	}
	where := ""
	if k.Where != "" {
		where = " WHERE " + k.Where
	}
	return scan.Fact{MayFail: mayFail, Query: fmt.Sprintf(`SELECT coalesce(string_agg(k::VARCHAR, ','), '') FROM
		(SELECT DISTINCT k FROM (SELECT TRY_CAST(%s AS BIGINT) AS k FROM %s%s) WHERE k IS NOT NULL LIMIT %d)`,
		k.Column, table, where, scan.MaxKeys+1)}, nil
}

// tableSQL names the table in SQL, and reports whether reading it can fail. A stand-in
// is named by what it stands for.
func (p Planner) tableSQL(t pushdown.Table) (sql string, mayFail bool, err error) {
	switch t.Function {
	case "":
		return sqltext.QuoteName(t.Catalog) + "." + sqltext.QuoteName(t.Schema) + "." + sqltext.QuoteName(t.Name), false, nil
	case standInName:
		table, err := p.StandIns.original(t.Argument)
		if err == nil && strings.Contains(strings.ToLower(table), "reject") {
			err = errors.New("rejected lines would be stored twice")
		}
		return table, true, err
	case "parquet_scan", "read_parquet":
		return "read_parquet(" + sqltext.QuoteText(t.Argument) + ")", true, nil
	}
	return "", false, fmt.Errorf("%s is not read for keys", t.Function)
}
