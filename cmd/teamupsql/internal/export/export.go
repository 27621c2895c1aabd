// Package export writes the customers report to a directory as partitioned
// Parquet, for engines that read files: Spark, Trino, BigQuery, DuckDB itself.
//
// Each run that has rows to write creates a complete snapshot of the dataset and then
// makes it current by renaming a symbolic link:
//
//	DIR/current -> snapshots/v000002    read by readers
//	DIR/snapshots/v000002/created_year=2026/v000002-0.parquet
//	DIR/snapshots/v000002/_export.json  its manifest
//	DIR/snapshots/v000001/              kept for readers that still use it
//	DIR/.lock                           locked by the run that writes
//
// A run that adds customers includes the existing files in its snapshot as hard links. File
// names are never reused.
package export

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/requests"
)

// Job describes an export.
type Job struct {
	Dir         string // is made if it does not exist
	Incremental bool   // add customers with larger ids than those there are, instead of reading all
	Keep        int    // previous snapshots to keep, 0 or more

	Columns        []string // of teamup_customers(); nil for all. The id is always written
	Where          string   // SQL, "" for none
	IncludeDeleted bool
	Fields         []int64     // custom fields, each a column
	Providers      []int64     // several businesses, with the column provider_id; nil for the client's own
	Partitions     []Partition // from the outermost directory inwards; nil for none
	Compression    string      // as DuckDB's COPY has it; "" for zstd
	Source         string      // names the base URL and business, so that a dataset has one source; contains no secret

	Now func() time.Time // the present, nil for time.Now
}

// Result describes what a run wrote.
type Result struct {
	Incremental bool   // it read new customers only
	Written     bool   // there is a new snapshot
	Snapshot    string // the current one, as a path below Job.Dir
	After       int64  // the largest id that was there before an incremental run
	Rows, Files int    // that were written
	AllRows     int    // of the snapshot
	AllFiles    int
	Requests    int // to TeamUp
}

// String is the result as one line.
func (r Result) String() string {
	asked := count(r.Requests, "request")
	switch {
	case !r.Incremental:
		return fmt.Sprintf("full: %s in %s, %s; now in %s",
			count(r.Rows, "customer"), count(r.Files, "file"), asked, r.Snapshot)
	case !r.Written:
		return fmt.Sprintf("incremental: no customers after id %d, %s; %s stays", r.After, asked, r.Snapshot)
	}
	return fmt.Sprintf("incremental: %s after id %d in %s, %s; now %s in %s in %s",
		count(r.Rows, "customer"), r.After, count(r.Files, "file"), asked,
		count(r.AllRows, "customer"), count(r.AllFiles, "file"), r.Snapshot)
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// Run exports the report that teamup_customers() in db reads. If it returns nil, the
// complete export is written and current. Otherwise the previous snapshot is still current.
// At most one run may write to a directory, see [LockedError]. db must be opened with
// [Observe]. Use it only for this run, because DuckDB's temporary files are below job.Dir
// until the run ends.
func Run(ctx context.Context, db *sql.DB, job Job) (Result, error) {
	r, err := run(ctx, db, job)
	if err != nil {
		return Result{}, fmt.Errorf("export to %s: %w", job.Dir, err)
	}
	r.Snapshot = filepath.Join(job.Dir, snapshotsDir, filepath.Base(r.Snapshot)) // as the caller names it
	return r, nil
}

func run(ctx context.Context, db *sql.DB, job Job) (result Result, err error) {
	if err := job.complete(); err != nil {
		return result, err
	}
	if err := os.MkdirAll(filepath.Join(job.Dir, snapshotsDir), dirMode); err != nil {
		return result, err
	}
	unlock, err := lock(filepath.Join(job.Dir, lockFile))
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	set, err := openSet(job.Dir)
	if err != nil {
		return result, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	w := writer{job: job, set: set, conn: conn}
	ctx = context.WithValue(ctx, writerKey{}, &w)
	if err := w.prepare(ctx); err != nil {
		return result, err
	}
	return w.write(ctx)
}

// complete checks the job and fills in its defaults.
func (j *Job) complete() (err error) {
	if j.Dir, err = filepath.Abs(j.Dir); err != nil {
		return err
	}
	if strings.ContainsAny(j.Dir, "*?[") {
		return errors.New("DuckDB reads *, ? and [ in a path as a pattern; choose another directory")
	}
	if j.Incremental && j.Providers != nil {
		return errors.New("several businesses are not exported incrementally, since a new customer of one may have a smaller id than an old one of another; run a full export, or give each business a directory of its own")
	}
	if j.Compression == "" {
		j.Compression = "zstd"
	}
	if j.Now == nil {
		j.Now = time.Now
	}
	return nil
}

type writerKey struct{}

// Observe counts the requests of a run. Give it to tablefunc.WithStatementObserver.
func Observe(ctx context.Context, s requests.Summary) {
	if w, ok := ctx.Value(writerKey{}).(*writer); ok {
		w.requests += s.Requests
	}
}

// writer is one run, once the directory is its own.
type writer struct {
	job      Job
	set      *set
	conn     *sql.Conn
	old      *manifest // of the current snapshot; nil for none
	fresh    manifest  // of the one to be written
	wider    wider
	after    int64 // the largest id of an incremental run's snapshot
	requests int   // see Observe
}

// prepare reads the existing snapshot and checks that the job fits it. It sends requests
// only for custom fields.
func (w *writer) prepare(ctx context.Context) (err error) {
	for _, set := range []string{
		"SET TimeZone = 'UTC'", // so that year(created_at) is the same wherever this runs
		"SET temp_directory = " + sqltext.QuoteText(w.set.spill()),
	} {
		if _, err := w.conn.ExecContext(ctx, set); err != nil {
			return err
		}
	}
	if w.fresh, err = w.describe(ctx); err != nil || !w.job.Incremental || w.set.current == 0 {
		w.job.Incremental = false // the first run reads all
		return err
	}
	if w.old, err = readManifest(w.set.path(w.set.current)); err != nil {
		return err
	}
	w.wider = w.fresh.widen(w.old)
	if err := w.old.fits(w.fresh); err != nil {
		return err
	}
	w.fresh.Full = w.old.Full
	w.after, err = w.largestID(ctx)
	return err
}

// write makes the snapshot, and the current one of it.
func (w *writer) write(ctx context.Context) (Result, error) {
	snapshot, discard, err := w.set.begin()
	if err != nil {
		return Result{}, err
	}
	defer discard()
	rows, files, err := w.copyTo(ctx, snapshot)
	if err != nil {
		return Result{}, err
	}
	r := Result{Incremental: w.job.Incremental, After: w.after, Rows: rows, Files: files,
		AllRows: rows, AllFiles: files, Requests: w.requests}
	if w.job.Incremental {
		if rows == 0 {
			r.Snapshot, r.AllRows, r.AllFiles = w.set.path(w.set.current), w.old.Rows, w.old.Files
			return r, nil
		}
		linked, err := w.set.takeOver(snapshot, w.old.Rows == 0)
		if err != nil {
			return Result{}, err
		}
		r.AllRows, r.AllFiles = r.AllRows+w.old.Rows, r.AllFiles+linked
	}
	w.fresh.Rows, w.fresh.Files = r.AllRows, r.AllFiles
	if err := w.fresh.write(w.set.path(snapshot)); err != nil {
		return Result{}, err
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	if err := w.set.publish(snapshot, w.job.Keep); err != nil {
		return Result{}, err
	}
	r.Written, r.Snapshot = true, w.set.path(snapshot)
	return r, nil
}
