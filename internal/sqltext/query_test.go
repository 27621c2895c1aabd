package sqltext

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQueryInsideAStatementIsFound(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 1":                                                            "SELECT 1",
		"EXPLAIN SELECT 1":                                                    "SELECT 1",
		"/* a */ explain analyze SELECT 1":                                    "SELECT 1",
		"EXPLAIN (ANALYZE, FORMAT json) SELECT 1":                             "SELECT 1",
		"EXPLAIN (SELECT 1)":                                                  "(SELECT 1)",
		"EXPLAIN ANALYZE COPY (SELECT 1) TO 'x'":                              "SELECT 1",
		"COPY (SELECT (1)) TO 'x.csv' (HEADER)":                               "SELECT (1)",
		"COPY t FROM 'x.csv'":                                                 "COPY t FROM 'x.csv'",
		"CREATE OR REPLACE TEMP TABLE \"AS\" AS SELECT 1":                     "SELECT 1",
		"CREATE TABLE t(a, b) AS FROM x":                                      "FROM x",
		"INSERT INTO t SELECT 1":                                              "SELECT 1",
		"INSERT INTO t (a) BY NAME (SELECT 1)":                                "(SELECT 1)",
		"INSERT INTO t(a) WITH x AS (SELECT 1) FROM x ON CONFLICT DO NOTHING": "WITH x AS (SELECT 1) FROM x ",
		"INSERT INTO t SELECT 1 RETURNING a":                                  "SELECT 1 ",
		"INSERT INTO t VALUES (1)":                                            "INSERT INTO t VALUES (1)",
		"CREATE VIEW v(a) AS SELECT 1":                                        "SELECT 1",
		"CREATE TABLE t AS FROM x WITH NO DATA":                               "FROM x ",
		"CREATE TABLE t AS (FROM x) WITH DATA":                                "(FROM x) ",
		"CREATE TABLE t AS SELECT no, data":                                   "SELECT no, data",
		"CREATE TABLE t AS FROM data":                                         "FROM data",
		"WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a":                  "WITH a AS (SELECT 1) SELECT * FROM a",
		"WITH a AS (SELECT 1) INSERT OR IGNORE INTO t(x) FROM a RETURNING x":  "WITH a AS (SELECT 1) FROM a ",
		"WITH a AS (SELECT 1) SELECT insert FROM a":                           "WITH a AS (SELECT 1) SELECT insert FROM a",
		"": "",
	} {
		require.Equal(t, want, InnerQuery(text), text)
	}
}

func TestNameLength(t *testing.T) {
	for name, rest := range map[string]string{
		"t": "", "a.b.c d": " d", `"a.b"."c""d"(x)`: "(x)", "'v*.csv', 1": ", 1", "né, x": ", x", "": "", "(": "(",
	} {
		require.Equal(t, len(name)-len(rest), NameLength(name), name)
	}
}

func TestQuoting(t *testing.T) {
	require.Equal(t, `'it''s "x"'`, QuoteText(`it's "x"`))
	require.Equal(t, `"it's ""x"""`, QuoteName(`it's "x"`))
}
