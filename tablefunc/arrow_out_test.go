package tablefunc_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// queryArrow runs a query that is expected to begin.
func queryArrow(t *testing.T, db *sql.DB, query string, args ...any) array.RecordReader {
	t.Helper()
	r, err := tablefunc.QueryArrow(context.Background(), db, query, args...)
	require.NoError(t, err)
	return r
}

// batchTexts renders a batch, row by row.
func batchTexts(b arrow.RecordBatch) []string {
	rows := make([]string, b.NumRows())
	for i := range rows {
		for j := range int(b.NumCols()) {
			rows[i] += b.ColumnName(j) + "=" + b.Column(j).ValueStr(i) + "\n"
		}
	}
	return rows
}

func readerTexts(t *testing.T, r array.RecordReader) []string {
	t.Helper()
	var all []string
	for r.Next() {
		require.LessOrEqual(t, r.RecordBatch().NumRows(), int64(2048))
		all = append(all, batchTexts(r.RecordBatch())...)
	}
	require.NoError(t, r.Err())
	return all
}

// reportTexts renders the report as it is without DuckDB.
func reportTexts(t *testing.T, server *teamuptest.Server) []string {
	t.Helper()
	client, err := httpsource.New(httpsource.Config{BaseURL: server.URL(), Token: httpsource.NewToken(token)})
	require.NoError(t, err)
	defer client.Close()
	decoder, err := arrowconv.NewDecoder(report.Customers, report.Customers.Columns, arrowconv.Options{})
	require.NoError(t, err)
	var keys []string
	for _, c := range report.Customers.Columns {
		keys = append(keys, c.Keys...)
	}
	scan := httpsource.Scan(context.Background(), client, httpsource.Request{Query: report.Customers.Query().With("columns", keys), WholeScan: true}, decoder.Decode)
	defer scan.Close()
	var all []string
	for {
		page, err := scan.Next(context.Background())
		if err == io.EOF {
			return all
		}
		require.NoError(t, err)
		all = append(all, batchTexts(page.Record())...)
		page.Release()
	}
}

func TestArrowIsTheReportItself(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(700))
	mustExec(t, db, "SET TimeZone = 'UTC'")
	want := reportTexts(t, server)
	require.Greater(t, len(want), 600)
	for _, query := range []string{
		"FROM teamup_customers() ORDER BY id",
		"SELECT * FROM teamup_customers() WHERE id > $1 ORDER BY id",
	} {
		var args []any
		if query[0] == 'S' {
			args = []any{0}
		}
		r := queryArrow(t, db, query, args...)
		require.Equal(t, want, readerTexts(t, r), query)
		for i, c := range report.Customers.Columns {
			require.Equal(t, c.Name, r.Schema().Field(i).Name)
		}
		r.Release()
	}
}

func TestArrowOfOrdinarySQL(t *testing.T) {
	db, _ := open(t)
	r := queryArrow(t, db, `SET VARIABLE n = 3; SELECT i, i::HUGEINT h, 'text ' || i t, [i, NULL] l, {'a': i} s, MAP {'k': i} m, i / 2 d,
		TIME '12:00:00' AS tm, INTERVAL 1 MONTH AS iv, 'x'::BLOB b, NULL n, i::DECIMAL(38, 3) AS dn, 'b'::ENUM ('a', 'b') e
		FROM range(getvariable('n')) r(i)`)
	defer r.Release()
	require.Equal(t, "i: type=int64, nullable", r.Schema().Field(0).String())
	rows := readerTexts(t, r)
	require.Len(t, rows, 3)
	require.Contains(t, rows[2], "t=text 2\nl=[2,null]\ns={\"a\":2}\n")
	require.False(t, r.Next())
	require.Nil(t, r.RecordBatch())
}

// Who gives up may release a reader while another goroutine is still in Next.
func TestArrowReleasedWhileItIsRead(t *testing.T) {
	db, _ := open(t)
	for range 20 {
		ctx, cancel := context.WithCancel(context.Background())
		r, err := tablefunc.QueryArrow(ctx, db, "SELECT i, repeat('x', 100) FROM range(50000000) t(i)")
		require.NoError(t, err)
		begun, ended := make(chan bool, 1), make(chan bool)
		go func() {
			defer close(ended)
			for r.Next() {
				select {
				case begun <- true:
				default:
				}
			}
		}()
		<-begun
		cancel()
		r.Release()
		<-ended
		require.Nil(t, r.RecordBatch())
		require.Equal(t, []string{"[1]"}, mustTexts(t, db, "SELECT 1"))
	}
}

func TestArrowWithoutRowsHasItsSchema(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(5))
	r := queryArrow(t, db, "SELECT id, venue FROM teamup_customers() WHERE email = 'nobody'")
	defer r.Release()
	require.Equal(t, []string{"id", "venue"}, []string{r.Schema().Field(0).Name, r.Schema().Field(1).Name})
	require.Empty(t, readerTexts(t, r))
}

func TestBatchesOutliveTheirReader(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(450))
	defer server.Close()
	db := openFile(t, "", server)
	var kept []arrow.RecordBatch
	var want []string
	r := queryArrow(t, db, "SELECT id, full_name, venue, active_customer_memberships FROM teamup_customers() ORDER BY id")
	for r.Next() {
		r.RecordBatch().Retain()
		kept = append(kept, r.RecordBatch())
		want = append(want, batchTexts(r.RecordBatch())...)
	}
	require.NoError(t, r.Err())
	r.Release()
	require.NoError(t, db.Close())
	require.Greater(t, len(want), 400)
	var rows []string
	for _, b := range kept {
		rows = append(rows, batchTexts(b)...)
		b.Release()
	}
	require.Equal(t, want, rows)
}

func TestArrowIsStreamed(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(20_000))
	db.SetMaxOpenConns(1)
	r := queryArrow(t, db, "FROM teamup_customers()")
	require.True(t, r.Next())
	require.Positive(t, r.RecordBatch().NumRows())
	r.Retain()
	r.Release()
	require.True(t, r.Next())
	r.Release()
	require.Less(t, len(server.Requests()), 150, "of some 200")

	// The only connection is free again, at the end without a Release.
	require.Equal(t, []string{"[1]"}, mustTexts(t, db, "SELECT 1"))
	r = queryArrow(t, db, "SELECT 1")
	readerTexts(t, r)
	require.Equal(t, []string{"[1]"}, mustTexts(t, db, "SELECT 1"))
	r.Release()
}

func TestArrowErrorsAreGoErrors(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(3000))
	server.Inject(teamuptest.Status(403, ""), teamuptest.Nth(5))
	db.SetMaxOpenConns(1)
	r, err := tablefunc.QueryArrow(context.Background(), db, "SELECT * FROM teamup_customers()")
	for err == nil && r.Next() {
	}
	if err == nil {
		err = r.Err()
		r.Release()
	}
	var api *httpsource.APIError
	require.ErrorAs(t, err, &api)
	require.Equal(t, 403, api.Status)

	_, err = tablefunc.QueryArrow(context.Background(), db, "SELECT nothing FROM teamup_customers()")
	require.ErrorContains(t, err, "nothing")
	_, err = tablefunc.QueryArrow(context.Background(), db, "SELECT ?", make(chan int))
	require.Error(t, err)
	_, err = tablefunc.QueryArrow(context.Background(), db, "SELECT 1::VARIANT")
	require.ErrorContains(t, err, "cast the column to another type: Not implemented Error: Unsupported Arrow type VARIANT")
	require.Equal(t, []string{"[1]"}, mustTexts(t, db, "SELECT 1"))

	plain, err := sql.Open("duckdb", "")
	require.NoError(t, err)
	defer plain.Close()
	_, err = tablefunc.QueryArrow(context.Background(), plain, "SELECT 1")
	require.ErrorContains(t, err, "QueryArrow needs a database that Open")
}

func TestArrowEndsWithItsContext(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(20_000), teamuptest.WithLatency(2*time.Millisecond))
	db.SetMaxOpenConns(1)
	for i := range 6 {
		ctx, cancel := context.WithCancel(context.Background())
		r, err := tablefunc.QueryArrow(ctx, db, "SELECT * FROM teamup_customers()")
		require.NoError(t, err)
		for range i {
			require.True(t, r.Next())
		}
		cancel()
		for r.Next() {
		}
		require.ErrorIs(t, r.Err(), context.Canceled)
		r.Release()
		require.Equal(t, []string{"[1]"}, mustTexts(t, db, "SELECT 1"))
	}
}

func TestArrowInATransaction(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(120))
	conn, err := db.Conn(context.Background())
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.ExecContext(context.Background(), "BEGIN; CREATE TEMP TABLE few AS SELECT id FROM teamup_customers() ORDER BY id LIMIT 30")
	require.NoError(t, err)
	require.NoError(t, conn.Raw(func(driverConn any) error {
		r, err := driverConn.(*tablefunc.Conn).QueryArrow(context.Background(), "SELECT email FROM teamup_customers() JOIN few USING (id)")
		if err != nil {
			return err
		}
		defer r.Release()
		if rows := readerTexts(t, r); len(rows) != 30 {
			return fmt.Errorf("%d rows", len(rows))
		}
		return r.Err()
	}))
	_, err = conn.ExecContext(context.Background(), "ROLLBACK")
	require.NoError(t, err)
}
