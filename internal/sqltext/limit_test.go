package sqltext_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/internal/sqltext"
)

func TestIsLimited(t *testing.T) {
	for query, want := range map[string]bool{
		"SELECT a FROM t ORDER BY a LIMIT 3":                    true,
		"from t order by a limit 3 offset 2 ; ":                 true,
		"WITH x AS (FROM t) FROM x ORDER BY a LIMIT 1 -- end":   true,
		"(SELECT 1) UNION (SELECT 2) ORDER BY 1 LIMIT 1":        true,
		"SELECT a FROM t ORDER BY a":                            false,
		"SELECT a FROM t LIMIT 3":                               false,
		"SELECT sum(a) OVER (ORDER BY b) FROM t LIMIT 3":        false,
		"SELECT a FROM (FROM t ORDER BY a LIMIT 3) ORDER BY a":  false,
		"SELECT 'ORDER BY a LIMIT 3', \"ORDER\", 1 AS x FROM t": false,
		"UPDATE t SET a = 1":                                    false,
		"PIVOT t ON a USING count(*) ORDER BY a LIMIT 3":        false,
		"": false,
	} {
		require.Equal(t, want, sqltext.IsLimited(query), query)
	}
}

func TestWrapLimited(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT a FROM t LIMIT 1":                      "SELECT a FROM t LIMIT 1",
		"SELECT a FROM t ORDER BY a LIMIT 1;":          "SELECT * FROM (SELECT a FROM t ORDER BY a LIMIT 1\n)",
		"(FROM t order by b limit 2) UNION (SELECT 1)": "(SELECT * FROM (FROM t order by b limit 2\n)) UNION (SELECT 1)",
		"SELECT list(a ORDER BY b), 'ORDER (LIMIT'":    "SELECT list(a ORDER BY b), 'ORDER (LIMIT'",
	} {
		require.Equal(t, want, sqltext.WrapLimited(query))
	}
}
