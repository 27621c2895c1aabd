package export_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/export"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// TestMain also checks that the tests leave no goroutine and no Arrow memory behind.
func TestMain(m *testing.M) {
	flag.Parse()
	status := m.Run()
	if held := arrowconv.AllocatedBytes(); held != 0 {
		fmt.Printf("%d bytes of Arrow memory are left\n", held)
		status = 1
	}
	if err := goleak.Find(); err != nil {
		fmt.Println(err)
		status = 1
	}
	os.Exit(status)
}

// today is the present of the test servers and of the exports.
func today() time.Time { return time.Date(2026, time.March, 15, 12, 0, 0, 0, time.UTC) }

// business is a report server, a database that asks it and a directory to export to.
type business struct {
	*testing.T
	server *teamuptest.Server
	client *httpsource.Client
	db     *sql.DB
	dir    string
}

func open(t *testing.T, options ...teamuptest.Option) *business {
	t.Helper()
	b := &business{T: t, server: teamuptest.NewServer(options...), dir: filepath.Join(t.TempDir(), "it's", "customers")}
	t.Cleanup(b.server.Close)
	var err error
	b.client, err = httpsource.New(httpsource.Config{BaseURL: b.server.URL(), Token: httpsource.NewToken("secret"),
		Retry: httpsource.Retry{Tries: 2, Wait: time.Millisecond, MaxWait: 5 * time.Millisecond}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.client.Close()) })
	b.db, err = tablefunc.Open("", tablefunc.WithClient(b.client), tablefunc.WithClock(today), tablefunc.WithStatementObserver(export.Observe))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.db.Close()) })
	return b
}

// job is an export to the business's directory, of few columns since they are enough.
func (b *business) job(edit ...func(*export.Job)) export.Job {
	j := export.Job{Dir: b.dir, Keep: 1, Now: today, Columns: []string{"id", "email", "created_at", "venue"},
		Partitions: []export.Partition{export.DefaultPartition}}
	for _, e := range edit {
		e(&j)
	}
	return j
}

func incremental(j *export.Job) { j.Incremental = true }

// export runs a job that is expected to succeed.
func (b *business) export(edit ...func(*export.Job)) export.Result {
	b.Helper()
	r, err := export.Run(context.Background(), b.db, b.job(edit...))
	require.NoError(b, err)
	return r
}

// fails runs a job that is expected to fail, and to leave everything as it was.
func (b *business) fails(job export.Job) error {
	b.Helper()
	before := b.files()
	_, err := export.Run(context.Background(), b.db, job)
	require.Error(b, err)
	require.Equal(b, before, b.files())
	return err
}

// files are all files of the directory, with their sizes and where links point to.
func (b *business) files() []string {
	b.Helper()
	list := []string{}
	require.NoError(b, filepath.WalkDir(b.dir, func(path string, e fs.DirEntry, err error) error {
		if os.IsNotExist(err) || err == nil && e.Name() == ".lock" || e != nil && e.IsDir() {
			return nil
		}
		require.NoError(b, err)
		name, err := filepath.Rel(b.dir, path)
		require.NoError(b, err)
		info, err := e.Info()
		require.NoError(b, err)
		text := fmt.Sprintf("%s %d", filepath.ToSlash(name), info.Size())
		if to, err := os.Readlink(path); err == nil {
			text = filepath.ToSlash(name + " -> " + to)
		}
		list = append(list, text)
		return nil
	}))
	return list
}

// names are the files without their sizes.
func (b *business) names() []string {
	list := b.files()
	for i, f := range list {
		if !strings.Contains(f, " -> ") {
			list[i] = f[:strings.LastIndexByte(f, ' ')]
		}
	}
	return list
}

// texts are the rows of a query, each as text.
func (b *business) texts(query string) []string {
	b.Helper()
	rows, err := b.db.Query("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (" + query + ")")
	require.NoError(b, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(b, err)
	list := []string{}
	for rows.Next() {
		values, targets := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		require.NoError(b, rows.Scan(targets...))
		row := make([]string, len(columns))
		for i, v := range values {
			row[i] = "NULL"
			if v.Valid {
				row[i] = v.String
			}
		}
		list = append(list, strings.Join(row, "|"))
	}
	require.NoError(b, rows.Err())
	return list
}

// exported is the SQL of what readers read.
func (b *business) exported() string {
	path := strings.ReplaceAll(filepath.Join(b.dir, "current", "**", "*.parquet"), "'", "''")
	return "read_parquet('" + path + "', hive_partitioning = true)"
}
