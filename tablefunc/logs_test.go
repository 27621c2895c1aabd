package tablefunc_test

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/tablefunc"
)

func TestStatementsAreLogged(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(80))
	defer server.Close()
	var log bytes.Buffer
	db := openAt(t, server.URL(), tablefunc.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	mustTexts(t, db, "SELECT 1")
	require.Empty(t, log.String())
	mustTexts(t, db, "SELECT count(a.email) FROM teamup_customers() a JOIN teamup_customers() b USING (id)")
	require.Regexp(t, `^time=\S+ level=INFO msg=statement statement=\d+ scans=2 requests=1 retries=0 rows=7\d bytes=\d+ waited=0s duration=\S+\n$`, log.String())
	require.NotContains(t, log.String(), token)
}
