package export_test

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/export"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

// withNulls is a business of customers of whom one lacks all values, and one was born
// on a day.
func withNulls(t *testing.T) *business {
	b := open(t, teamuptest.WithCustomers(40))
	store := b.server.Store()
	store.Insert(func(c *teamuptest.Customer) { *c = teamuptest.Customer{ID: c.ID} })
	store.Insert(func(c *teamuptest.Customer) {
		c.DeletedAt, c.DateOfBirth = teamuptest.Null[time.Time]{}, teamuptest.Some(report.Date(5000))
		c.IsActive, c.Gender = teamuptest.Some(true), teamuptest.Some("other")
		c.CreatedAt = teamuptest.Some(today())
	})
	return b
}

// strict are readers that take the type of a level from the name of one directory and
// refuse the others that don't fit, as ClickHouse does.
var strict = map[string]func(string) error{
	"number": func(s string) error { _, err := strconv.ParseInt(s, 10, 64); return err },
	"amount": func(s string) error { _, err := strconv.ParseFloat(s, 64); return err },
	"date":   func(s string) error { _, err := time.Parse(time.DateOnly, s); return err },
	"time":   func(s string) error { _, err := time.Parse("2006-01-02 15:04:05-07", s); return err },
	"text": func(s string) error {
		if _, err := strconv.ParseBool(s); err == nil || s == "" {
			return fmt.Errorf("%q is a boolean or nothing", s)
		}
		return nil
	},
}

// The names of a level's directories are all of one type, those of NULLs too: readers
// that infer it from one name read every file. Arrow's Parquet reader finds in each
// directory the customers whose value it names.
func TestEveryReaderReadsThePartitions(t *testing.T) {
	for expression, c := range map[string]struct{ reader, null string }{
		"year(created_at)":                {"number", "-1"},
		"age":                             {"number", "-1"},
		"family.id":                       {"number", "-1"},
		"hash(gender) % 4":                {"number", ""},
		"account_credit_balance.decimal":  {"amount", "-1"},
		"date_of_birth":                   {"date", "1970-01-01"},
		"date_trunc('month', created_at)": {"time", "1970-01-01 00:00:00+00"},
		"is_active":                       {"text", "unknown"},
		"gender":                          {"text", "unknown"},
		"venue.name":                      {"text", "unknown"},
		"nullif(full_name, full_name)":    {"text", "unknown"},
	} {
		t.Run(expression, func(t *testing.T) {
			b := withNulls(t)
			r := b.export(func(j *export.Job) { j.Partitions = []export.Partition{{Name: "level", Expr: expression}} })
			where := map[int64]string{}
			files := b.parquetFiles()
			require.Len(t, files, r.Files)
			for _, file := range files {
				value, found := strings.CutPrefix(filepath.Base(filepath.Dir(file)), "level=")
				require.True(t, found, file)
				value, err := url.PathUnescape(value)
				require.NoError(t, err)
				require.NoError(t, strict[c.reader](value))
				for _, id := range idsOf(t, file) {
					where[id] = value
				}
			}
			want := map[int64]string{}
			rows, err := b.db.Query("SELECT id, CAST((" + expression + ") AS VARCHAR) FROM teamup_customers()")
			require.NoError(t, err)
			defer rows.Close()
			for rows.Next() {
				var id int64
				var value sql.NullString
				require.NoError(t, rows.Scan(&id, &value))
				if want[id] = c.null; value.Valid {
					want[id] = value.String
				}
				if name, ok := map[string]string{"true": "yes", "false": "no"}[value.String]; ok {
					want[id] = name
				}
			}
			require.NoError(t, rows.Err())
			assert.Equal(t, want, where)
		})
	}
}

// idsOf are the customers in a file, read by Arrow.
func idsOf(t *testing.T, file string) (ids []int64) {
	t.Helper()
	table := readParquet(t, file, memory.DefaultAllocator)
	defer table.Release()
	at := table.Schema().FieldIndices("id")
	require.Len(t, at, 1)
	for _, chunk := range table.Column(at[0]).Data().Chunks() {
		ids = append(ids, chunk.(*array.Int64).Int64Values()...)
	}
	return ids
}

// A dataset without customers stands where NULLs would, and a reader that infers the
// types finds the same as later.
func TestNobodyIsOfTheSameType(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(0))
	by := func(j *export.Job) {
		j.Partitions = []export.Partition{export.DefaultPartition, {Name: "day", Expr: "created_at::DATE"}, {Name: "at", Expr: "created_at"}, {Name: "by_gender", Expr: "gender"}}
	}
	b.export(by)
	types := "SELECT typeof(created_year), typeof(day), typeof(by_gender) FROM (SELECT 1) LEFT JOIN " + b.exported() + " ON true LIMIT 1"
	assert.Equal(t, []string{"BIGINT|DATE|VARCHAR"}, b.texts(types))
	require.Contains(t, b.names(), "snapshots/v000001/created_year=-1/day=1970-01-01/at=1970-01-01%2000%3A00%3A00%2B00/by_gender=unknown/v000001-0.parquet")
	b.server.Store().Insert(func(c *teamuptest.Customer) { *c = teamuptest.Customer{ID: c.ID} })
	b.export(by)
	assert.Equal(t, []string{"BIGINT|DATE|VARCHAR"}, b.texts(types))
	require.Contains(t, b.names(), "snapshots/v000002/created_year=-1/day=1970-01-01/at=1970-01-01%2000%3A00%3A00%2B00/by_gender=unknown/v000002-0.parquet",
		"which is how DuckDB writes it")
}

// A snapshot of an earlier version, whose NULLs stand elsewhere, is not added to.
func TestAnEarlierFormatIsNotAddedTo(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(10))
	b.export()
	manifest := filepath.Join(b.dir, "current", "_export.json")
	require.NoError(t, os.WriteFile(manifest, []byte(`{"format": 1, "partitions": ["created_year=year(created_at)"]}`), 0o600))
	assert.ErrorContains(t, b.fails(b.job(incremental)), "its format is 1 instead of 2); -full writes a new one")
	b.export()
}

// Partitions by a custom field keep the type that it has in the snapshot.
func TestAPartitionKeepsItsType(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(100))
	by := func(expression string) func(*export.Job) {
		return func(j *export.Job) {
			j.Fields, j.Columns = []int64{2}, []string{"created_at"}
			j.Partitions = []export.Partition{{Name: "level", Expr: expression}}
		}
	}
	b.export(by(`"Custom field 2"::DOUBLE`))
	manifest := filepath.Join(b.dir, "current", "_export.json")
	text, err := os.ReadFile(manifest)
	require.NoError(t, err)
	// As another process found it, whose first customers had fractions.
	text = []byte(strings.ReplaceAll(string(text), `\"Custom field 2\"::DOUBLE`, `\"Custom field 2\"`))
	require.NoError(t, os.WriteFile(manifest, text, 0o600))
	b.server.Store().Insert(func(c *teamuptest.Customer) { c.DeletedAt = teamuptest.Null[time.Time]{} })
	require.Equal(t, 1, b.export(by(`"Custom field 2"`), incremental).Rows)
	for _, name := range b.names() {
		if dir := path.Base(path.Dir(name)); strings.HasPrefix(dir, "level=") && dir != "level=-1" {
			assert.Contains(t, dir, ".", "a DOUBLE")
		}
	}
}
