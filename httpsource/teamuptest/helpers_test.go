package teamuptest_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/report"
)

func query(t testing.TB, text string) report.Query {
	t.Helper()
	v, err := url.ParseQuery(text)
	require.NoError(t, err)
	q, err := report.ParseQuery(v)
	require.NoError(t, err)
	return q
}
