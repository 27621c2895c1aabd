package tablefunc

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQueriesThatEndInATopAreWrapped(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT a FROM t ORDER BY a LIMIT 3":                    "SELECT * FROM (SELECT a FROM t ORDER BY a LIMIT 3\n)",
		"from t order by a limit 3 offset 2 ; ":                 "SELECT * FROM (from t order by a limit 3 offset 2\n)",
		"WITH x AS (FROM t) FROM x ORDER BY a LIMIT 1 -- end":   "SELECT * FROM (WITH x AS (FROM t) FROM x ORDER BY a LIMIT 1 -- end\n)",
		"(SELECT 1) UNION (SELECT 2) ORDER BY 1 LIMIT 1":        "SELECT * FROM ((SELECT 1) UNION (SELECT 2) ORDER BY 1 LIMIT 1\n)",
		"SELECT a FROM t ORDER BY a":                            "",
		"SELECT a FROM t LIMIT 3":                               "",
		"SELECT sum(a) OVER (ORDER BY b) FROM t LIMIT 3":        "",
		"SELECT a FROM (FROM t ORDER BY a LIMIT 3) ORDER BY a":  "",
		"SELECT 'ORDER BY a LIMIT 3', \"ORDER\", 1 AS x FROM t": "",
		"UPDATE t SET a = 1":                                    "",
		"PIVOT t ON a USING count(*) ORDER BY a LIMIT 3":        "",
		"": "",
	} {
		got, ok := wrapTop(query)
		require.Equal(t, want, got, query)
		require.Equal(t, want != "", ok, query)
	}
}
