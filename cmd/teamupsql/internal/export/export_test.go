package export_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/export"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc"
)

func TestFull(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(250))
	r := b.export()
	assert.Equal(t, b.texts("SELECT id, email, created_at, venue, coalesce(year(created_at AT TIME ZONE 'UTC'), -1) FROM teamup_customers() ORDER BY id"),
		b.texts("SELECT id, email, created_at, venue, created_year FROM "+b.exported()+" ORDER BY id"))
	assert.True(t, r.Written)
	assert.Equal(t, 3, r.Requests, "a request for each hundred")
	assert.Equal(t, len(b.names())-2, r.Files, "all but the link and the manifest")
	assert.Contains(t, b.names(), "current -> snapshots/v000001")
	assert.Contains(t, b.names(), "snapshots/v000001/created_year=2025/v000001-0.parquet")

	// All again: what has changed and who has left are seen.
	ids, err := b.server.Store().IDs(report.Customers.Query())
	require.NoError(t, err)
	require.True(t, b.server.Store().Delete(ids[0]))
	require.True(t, b.server.Store().Update(ids[1], func(c *teamuptest.Customer) { c.Email = teamuptest.Some("new@example.com") }))
	b.export()
	assert.Equal(t, b.texts("SELECT id, email FROM teamup_customers() ORDER BY id"), b.texts("SELECT id, email FROM "+b.exported()+" ORDER BY id"))
	assert.NotContains(t, b.texts("SELECT id FROM "+b.exported()), fmt.Sprint(ids[0]))
	assert.Contains(t, b.texts("SELECT email FROM "+b.exported()), "new@example.com")
	assert.Contains(t, b.names(), "current -> snapshots/v000002")
}

func TestIncremental(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(500))
	first := b.export(incremental)
	assert.False(t, first.Incremental, "the first run reads all")
	before := b.files()

	r := b.export(incremental)
	assert.Equal(t, export.Result{Incremental: true, Snapshot: first.Snapshot, After: r.After, AllRows: first.Rows,
		AllFiles: first.Files, Requests: 1}, r)
	assert.Equal(t, before, b.files(), "nothing new, nothing written")

	store := b.server.Store()
	old := b.texts("SELECT * FROM " + b.exported() + " ORDER BY id")
	changed := r.After
	store.Update(changed, func(c *teamuptest.Customer) { c.Email = teamuptest.Some("changed@example.com") })
	for range 130 {
		store.Insert(nil)
	}
	r = b.export(incremental)
	assert.Equal(t, 2, r.Requests, "new customers alone are asked for")
	assert.Equal(t, first.Rows+r.Rows, r.AllRows)
	all := b.texts("SELECT * FROM " + b.exported() + " ORDER BY id")
	require.Len(t, all, r.AllRows)
	assert.Equal(t, old, all[:len(old)], "customers that were there stay as they were read")
	assert.Equal(t, b.texts("SELECT id FROM teamup_customers() ORDER BY id"), b.texts("SELECT id FROM "+b.exported()+" ORDER BY id"))
	assert.NotContains(t, b.texts("SELECT email FROM "+b.exported()), "changed@example.com")
	assert.Contains(t, b.names(), "snapshots/v000002/created_year=2024/v000001-0.parquet", "files that were there are taken over")

	r = b.export()
	assert.False(t, r.Incremental)
	assert.Contains(t, b.texts("SELECT email FROM "+b.exported()), "changed@example.com")
	assert.Equal(t, r.AllRows, len(b.texts("SELECT id FROM "+b.exported())))
}

// A file that an incremental run takes over takes no space of its own.
func TestFilesAreLinked(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(100))
	b.export()
	b.server.Store().Insert(nil)
	b.export(incremental)
	const file = "created_year=2024/v000001-0.parquet"
	one, err := os.Stat(filepath.Join(b.dir, "snapshots", "v000001", file))
	require.NoError(t, err)
	other, err := os.Stat(filepath.Join(b.dir, "snapshots", "v000002", file))
	require.NoError(t, err)
	assert.True(t, os.SameFile(one, other))
}

func TestWhatDoesNotFitIsRefused(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(100))
	b.export()
	b.server.Store().Insert(nil)
	asked := len(b.server.Requests())
	for name, c := range map[string]struct {
		edit func(*export.Job)
		says string
	}{
		"a column more":  {func(j *export.Job) { j.Columns = append(j.Columns, "age") }, "columns differ (age would be new)"},
		"a column less":  {func(j *export.Job) { j.Columns = j.Columns[:3] }, "venue would be missing"},
		"another order":  {func(j *export.Job) { j.Columns = []string{"id", "created_at", "email", "venue"} }, "another order"},
		"partitions":     {func(j *export.Job) { j.Partitions = nil }, "none instead of created_year=year(created_at)"},
		"where":          {func(j *export.Job) { j.Where = "is_active" }, `"is_active" instead of ""`},
		"deleted":        {func(j *export.Job) { j.IncludeDeleted = true }, "included: true instead of false"},
		"another source": {func(j *export.Job) { j.Source = "elsewhere" }, "from elsewhere"},
	} {
		t.Run(name, func(t *testing.T) {
			err := b.fails(b.job(incremental, c.edit))
			var mismatch *export.MismatchError
			require.ErrorAs(t, err, &mismatch)
			assert.ErrorContains(t, err, c.says)
			assert.ErrorContains(t, err, "-full")
		})
	}
	assert.Len(t, b.server.Requests(), asked, "nothing is asked for what cannot be added")
	b.export(func(j *export.Job) { j.Columns = append(j.Columns, "age") })
}

// The manifest says how fresh new customers are, and how fresh the others.
func TestManifestTimes(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(10))
	times := func() (m struct{ Full, Written time.Time }) {
		text, err := os.ReadFile(filepath.Join(b.dir, "current", "_export.json"))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &m))
		return m
	}
	at := func(hours int) func(*export.Job) {
		return func(j *export.Job) { j.Now = func() time.Time { return today().Add(time.Duration(hours) * time.Hour) } }
	}
	b.export(at(0))
	b.server.Store().Insert(func(c *teamuptest.Customer) { c.DeletedAt = teamuptest.Null[time.Time]{} })
	b.export(incremental, at(1))
	assert.Equal(t, today(), times().Full)
	assert.Equal(t, today().Add(time.Hour), times().Written)
	b.export(at(2))
	assert.Equal(t, today().Add(2*time.Hour), times().Full)
}

func TestASnapshotWithoutManifest(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(10))
	b.export()
	require.NoError(t, os.Remove(filepath.Join(b.dir, "current", "_export.json")))
	assert.ErrorContains(t, b.fails(b.job(incremental)), "-full writes a new one")
	b.export()
}

func TestBadJobs(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(10))
	for name, c := range map[string]struct {
		edit func(*export.Job)
		says string
	}{
		"no such column":               {func(j *export.Job) { j.Columns = []string{"emial"} }, `"email"`},
		"no such function":             {func(j *export.Job) { j.Where = "nothing(id)" }, "nothing"},
		"half an expression":           {func(j *export.Job) { j.Where = "is_active AND" }, "syntax error"},
		"a partition's name":           {func(j *export.Job) { j.Partitions = []export.Partition{{Name: "venue", Expr: "venue.name"}} }, "give it another one"},
		"two partitions alike":         {func(j *export.Job) { j.Partitions = []export.Partition{{Name: "a", Expr: "1"}, {Name: "a", Expr: "2"}} }, "give it another one"},
		"a directory like *":           {func(j *export.Job) { j.Dir += "*" }, "pattern"},
		"no such compression":          {func(j *export.Job) { j.Compression = "zip" }, "compression"},
		"businesses, little by little": {func(j *export.Job) { j.Providers, j.Incremental = []int64{1, 2}, true }, "run a full export"},
		"no such custom field":         {func(j *export.Job) { j.Fields = []int64{99} }, "custom field 99"},
		"a second SQL statement":       {func(j *export.Job) { j.Where = "1 = 1); DROP TABLE x; --" }, "syntax error"},
	} {
		t.Run(name, func(t *testing.T) { assert.ErrorContains(t, b.fails(b.job(c.edit)), c.says) })
	}
}

func TestCurrentIsNotOurs(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(10))
	require.NoError(t, os.MkdirAll(filepath.Join(b.dir, "current"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(b.dir, "current", "x"), nil, 0o600))
	assert.ErrorContains(t, b.fails(b.job()), "move it away")
}

func TestConditions(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(300))
	r := b.export(func(j *export.Job) {
		j.Where, j.IncludeDeleted, j.Columns = "is_active OR deleted_at IS NOT NULL -- or so", true, []string{"Email"}
		j.Partitions = []export.Partition{{Name: "gone", Expr: "deleted_at IS NOT NULL -- whether"}, {Name: "month", Expr: "month(created_at)"}}
	})
	assert.Equal(t, b.texts(`SELECT id, email, if(deleted_at IS NOT NULL, 'yes', 'no'), coalesce(month(created_at AT TIME ZONE 'UTC'), -1)
		FROM teamup_customers(include_deleted := true) WHERE is_active OR deleted_at IS NOT NULL ORDER BY id`),
		b.texts("SELECT id, email, gone, month::INT FROM "+b.exported()+" ORDER BY id"))
	assert.Positive(t, r.Rows)
}

func TestCustomFieldsAndBusinesses(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(150), teamuptest.WithProviders(7, 8))
	r := b.export(func(j *export.Job) {
		j.Providers, j.Fields, j.Columns = []int64{8, 7}, []int64{2, 3}, nil
		j.Partitions = []export.Partition{{Name: "business", Expr: "provider_id"}}
	})
	const columns = `id, provider_id, "Custom field 2", "Custom field 3"`
	want := b.texts("SELECT " + columns + " FROM teamup_customers(provider_ids := [7, 8], extra_customer_fields := [2, 3]) ORDER BY ALL")
	assert.Len(t, want, r.Rows)
	assert.Equal(t, want, b.texts("SELECT "+columns+" FROM "+b.exported()+" ORDER BY ALL"))
	assert.Equal(t, 2, r.Files)

	b.export(func(j *export.Job) { j.Providers = []int64{7, 8} })
	assert.ErrorContains(t, b.fails(b.job(incremental)), "providers [7,8]")
}

func TestEachColumnOnce(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(20))
	b.export(func(j *export.Job) { j.Columns = []string{"Email", "ID", "email", "created_at", "EMAIL"} })
	assert.Equal(t, []string{"id", "email", "created_at", "created_year"}, b.texts("SELECT column_name FROM (DESCRIBE FROM "+b.exported()+")"))
	assert.False(t, b.export(incremental, func(j *export.Job) { j.Columns = []string{"email", "created_at"} }).Written)
}

// What finds out the custom fields is counted too.
func TestRequestsAreCounted(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(150))
	r := b.export(func(j *export.Job) { j.Fields, j.Columns = []int64{2}, nil })
	assert.Len(t, b.server.Requests(), r.Requests)
}

// A process guesses the type of a custom field by the first customers. When another one
// has shown it to be wider, new customers are still added.
func TestACustomFieldKeepsItsType(t *testing.T) {
	for name, edit := range map[string]func(*export.Job){
		"all columns": func(j *export.Job) { j.Columns = nil },
		"some":        func(j *export.Job) { j.Columns = []string{"custom FIELD 2", "created_at", "Custom field 3"} },
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t, teamuptest.WithCustomers(400), teamuptest.WithFault(teamuptest.Cell("custom_field_2", `"wide"`),
				func(c teamuptest.Call) bool { return c.Offset > 150 }))
			fields := func(j *export.Job) { edit(j); j.Fields = []int64{2, 3} }
			var typed *requests.FieldTypeError
			require.ErrorAs(t, b.fails(b.job(fields)), &typed)
			b.export(fields)
			types := `SELECT typeof("Custom field 2"), typeof("Custom field 3"), count(*) > 300 FROM ` + b.exported() + ` GROUP BY ALL`
			assert.Equal(t, []string{"VARCHAR|BOOLEAN|true"}, b.texts(types))

			require.NoError(t, b.db.Close())
			var err error
			b.db, err = tablefunc.Open("", tablefunc.WithClient(b.client), tablefunc.WithClock(today), tablefunc.WithStatementObserver(export.Observe)) // which knows nothing yet
			require.NoError(t, err)
			assert.False(t, b.export(fields, incremental).Written)
			b.server.Store().Insert(func(c *teamuptest.Customer) { c.DeletedAt = teamuptest.Null[time.Time]{} })
			assert.Equal(t, 1, b.export(fields, incremental).Rows)
			assert.Equal(t, []string{"VARCHAR|BOOLEAN|true"}, b.texts(types))
		})
	}
}

// Values that no path can hold as they are, and those that are none.
func TestPartitionValues(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(0))
	for _, gender := range []string{"", "a/b=c", "..", "ä %", "it's", "NULL"} {
		b.server.Store().Insert(func(c *teamuptest.Customer) {
			c.Gender, c.DeletedAt = teamuptest.Some(gender), teamuptest.Null[time.Time]{}
		})
	}
	b.server.Store().Insert(func(c *teamuptest.Customer) {
		c.Gender, c.DeletedAt = teamuptest.Null[string]{}, teamuptest.Null[time.Time]{}
	})
	r := b.export(func(j *export.Job) {
		j.Columns, j.Partitions = []string{"gender"}, []export.Partition{{Name: "by_gender", Expr: "gender"}, {Name: "day", Expr: "DATE '2026-03-15'"}}
	})
	assert.Equal(t, []int{7, 6}, []int{r.Rows, r.Files}, "'' and NULL are together")
	assert.Equal(t, []string{"|unknown|2026-03-15", "a/b=c|a/b=c|2026-03-15", "..|..|2026-03-15", "ä %|ä %|2026-03-15",
		"it's|it's|2026-03-15", "NULL|NULL|2026-03-15", "NULL|unknown|2026-03-15"},
		b.texts("SELECT gender, by_gender, day FROM "+b.exported()+" ORDER BY id"))
	for _, name := range b.names() {
		assert.NotContains(t, name, "by_gender=/")
	}
}

func TestNoPartitions(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(100))
	none := func(j *export.Job) { j.Partitions = nil }
	b.export(none)
	b.server.Store().Insert(func(c *teamuptest.Customer) { c.DeletedAt = teamuptest.Null[time.Time]{} })
	r := b.export(none, incremental)
	assert.Equal(t, []string{"current -> snapshots/v000002", "snapshots/v000001/_export.json", "snapshots/v000001/v000001-0.parquet",
		"snapshots/v000002/_export.json", "snapshots/v000002/v000001-0.parquet", "snapshots/v000002/v000002-0.parquet"}, b.names())
	assert.Equal(t, 1, r.Rows)
	assert.Equal(t, 2, r.AllFiles)
}

// A dataset without customers has its columns, and takes up the first who come.
func TestNobody(t *testing.T) {
	for name, partitions := range map[string][]export.Partition{
		"one level":  {export.DefaultPartition},
		"two levels": {export.DefaultPartition, {Name: "by_venue", Expr: "venue.name"}},
		"none":       nil,
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t, teamuptest.WithCustomers(0))
			by := func(j *export.Job) { j.Partitions = partitions }
			r := b.export(by)
			assert.Equal(t, 1, r.Files)
			assert.Empty(t, b.texts("SELECT id, email, created_at, venue.name FROM "+b.exported()))
			assert.False(t, b.export(by, incremental).Written)
			b.server.Store().Insert(func(c *teamuptest.Customer) { c.DeletedAt = teamuptest.Null[time.Time]{} })
			r = b.export(by, incremental)
			assert.Equal(t, []int{1, 1, 1}, []int{r.Rows, r.AllRows, r.AllFiles})
			assert.Len(t, b.texts("SELECT * FROM "+b.exported()), 1)
		})
	}
}

func TestKeep(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(10))
	snapshots := func() (list []string) {
		entries, err := os.ReadDir(filepath.Join(b.dir, "snapshots"))
		require.NoError(t, err)
		for _, e := range entries {
			list = append(list, e.Name())
		}
		return list
	}
	keep := func(n int) func(*export.Job) { return func(j *export.Job) { j.Keep = n } }
	for range 4 {
		b.export(keep(2))
	}
	assert.Equal(t, []string{"v000002", "v000003", "v000004"}, snapshots())
	b.export(keep(1))
	assert.Equal(t, []string{"v000004", "v000005"}, snapshots())
	b.export(keep(0))
	assert.Equal(t, []string{"v000006"}, snapshots())
}

func TestParsePartition(t *testing.T) {
	for text, want := range map[string]export.Partition{
		"m=month(created_at)": {Name: "m", Expr: "month(created_at)"},
		" a_1 = id % 4 ":      {Name: "a_1", Expr: "id % 4"},
		"x=a=b":               {Name: "x", Expr: "a=b"},
		"gender":              {Name: "by_gender", Expr: "gender"},
		"created_year=strftime(created_at,\n'%Y')": {Name: "created_year", Expr: "strftime(created_at,\n'%Y')"},
	} {
		p, err := export.ParsePartition(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, p)
		again, err := export.ParsePartition(p.String())
		require.NoError(t, err)
		assert.Equal(t, p, again)
	}
	for _, text := range []string{"", "Month=1", "year(created_at)", "a==b", "=x", "ä=1", "x=", "x= "} {
		_, err := export.ParsePartition(text)
		assert.Error(t, err, text)
	}
}
