package export_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/export"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

// Whatever goes wrong on the way, readers find what they found before, and the next
// run does what this one did not.
func TestFaults(t *testing.T) {
	for _, name := range []string{"500", "close", "403", "truncated_json", "null_row"} {
		for which, mode := range map[string]func(*export.Job){"full": func(*export.Job) {}, "incremental": incremental} {
			t.Run(name+", "+which, func(t *testing.T) {
				b := open(t, teamuptest.WithCustomers(400))
				b.export()
				for range 300 {
					b.server.Store().Insert(nil)
				}
				fault, ok := teamuptest.FaultByName(name)
				require.True(t, ok)
				b.server.Inject(fault, func(c teamuptest.Call) bool { return c.Offset > 0 })
				assert.ErrorContains(t, b.fails(b.job(mode)), b.dir)
				b.server.ClearFaults()
				b.export(mode)
				assert.Equal(t, b.texts("SELECT id FROM teamup_customers() ORDER BY id"), b.texts("SELECT id FROM "+b.exported()+" ORDER BY id"))
			})
		}
	}
}

func TestAnErrorOfTeamUpIsFound(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(10))
	fault, _ := teamuptest.FaultByName("403")
	b.server.Inject(fault, teamuptest.Always)
	var refused *httpsource.APIError
	assert.ErrorAs(t, b.fails(b.job()), &refused)
}

// stalling is a server whose second page does not come until the request ends. reached
// is closed when it was asked for.
func stalling() (fault teamuptest.Fault, reached <-chan struct{}) {
	asked := make(chan struct{})
	var once sync.Once
	return teamuptest.Answer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		once.Do(func() { close(asked) })
		<-r.Context().Done()
	})), asked
}

func TestCancel(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(400))
	b.export()
	fault, reached := stalling()
	b.server.Inject(fault, func(c teamuptest.Call) bool { return c.Offset > 200 })
	before := b.files()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-reached
		cancel()
	}()
	_, err := export.Run(ctx, b.db, b.job())
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, before, b.files())
	b.server.ClearFaults()
	b.export()
}

// Two runs at once: the second one says so, and does no harm.
func TestLocked(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(400))
	fault, reached := stalling()
	b.server.Inject(fault, func(c teamuptest.Call) bool { return c.Offset > 200 })
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error)
	go func() {
		_, err := export.Run(ctx, b.db, b.job())
		ended <- err
	}()
	<-reached
	_, err := export.Run(context.Background(), b.db, b.job())
	var locked *export.LockedError
	assert.ErrorAs(t, err, &locked)
	assert.ErrorContains(t, err, "another export is writing there")
	cancel()
	assert.ErrorIs(t, <-ended, context.Canceled)
	b.server.ClearFaults()
	b.export() // the lock is gone with its holder, though its file is there
}

// What a killed run leaves is gone with the next one, and no more than that.
func TestLeftovers(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(50))
	b.export()
	for _, name := range []string{"snapshots/v000002/created_year=2024/v000002-0.parquet", ".spill/x.tmp", "snapshots/mine/x", "snapshots/v2/x"} {
		file := filepath.Join(b.dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		require.NoError(t, os.WriteFile(file, []byte("half a file"), 0o600))
	}
	require.NoError(t, os.Symlink(filepath.Join("snapshots", "v000002"), filepath.Join(b.dir, ".current-next")))
	b.export(incremental)
	names := b.names()
	assert.Contains(t, names, "current -> snapshots/v000001")
	assert.NotContains(t, names, "snapshots/v000002/created_year=2024/v000002-0.parquet")
	assert.NotContains(t, names, ".spill/x.tmp")
	assert.NotContains(t, names, ".current-next -> snapshots/v000002")
	assert.Contains(t, names, "snapshots/mine/x")
	assert.Contains(t, names, "snapshots/v2/x")
}

// Whoever loses the link does not lose the snapshots with it, whatever becomes of the
// next run.
func TestALostLink(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(50))
	b.export()
	require.NoError(t, os.Remove(filepath.Join(b.dir, "current")))
	half := filepath.Join(b.dir, "snapshots", "v000002")
	fault, _ := teamuptest.FaultByName("403")
	b.server.Inject(fault, teamuptest.Always)
	b.fails(b.job())
	b.server.ClearFaults()
	require.NoError(t, os.MkdirAll(filepath.Join(half, "created_year=2024"), 0o700))
	assert.Equal(t, "v000002", filepath.Base(b.export().Snapshot), "which was half a snapshot before")
	assert.Contains(t, b.names(), "snapshots/v000001/_export.json")
	assert.NoDirExists(t, filepath.Join(half, "created_year=2024", "v000001-0.parquet"))
	b.export()
	assert.NotContains(t, b.names(), "snapshots/v000001/_export.json")
}

// A file that is no longer what was written is not added to.
func TestADamagedSnapshot(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(50))
	b.export(func(j *export.Job) { j.Partitions = nil })
	require.NoError(t, os.WriteFile(filepath.Join(b.dir, "current", "v000001-0.parquet"), []byte("no parquet"), 0o600))
	assert.ErrorContains(t, b.fails(b.job(incremental, func(j *export.Job) { j.Partitions = nil })), "-full writes a new one")
}

// A reader that has found out what is current reads that, whatever is written next.
func TestAReaderReadsOneState(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(300))
	b.export()
	was, err := filepath.EvalSymlinks(filepath.Join(b.dir, "current"))
	require.NoError(t, err)
	state := func() []string {
		var files []string
		require.NoError(t, filepath.WalkDir(was, func(path string, _ os.DirEntry, err error) error {
			files = append(files, path)
			return err
		}))
		return files
	}
	before := state()
	b.server.Store().Insert(nil)
	b.export(incremental)
	assert.Equal(t, before, state())
}

func TestNoDirectory(t *testing.T) {
	b := open(t, teamuptest.WithCustomers(1))
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := export.Run(context.Background(), b.db, export.Job{Dir: file})
	var path *os.PathError
	assert.True(t, errors.As(err, &path), err)
}
