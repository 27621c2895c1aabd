package tablefunc

import (
	"context"
	"errors"
	"sync"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/duckdb/duckdb-go/v2/mapping"
)

// FunctionName is the name of the table function in SQL.
const FunctionName = "teamup_customers"

// instance is one DuckDB database in which the function is registered. Several
// connectors may open the same file; DuckDB gives them one database, in which the
// function exists once, and each connection finds its own settings here by its id.
type instance struct {
	key string // "" for a database that no other connector can reach

	mu       sync.Mutex
	users    int          // connectors, and scans that hand over
	helper   *duckdb.Conn // open while there are users: the hand-over needs a connection
	raw      mapping.Connection
	sessions map[uint64]*session

	standIns    map[string]*standIn
	lastStandIn uint64
}

// instances finds the database again when a second connector opens it. An entry
// goes when DuckDB drops the registered function, which may happen on any thread
// and inside acquire, hence the two locks.
var instances = struct {
	acquiring  sync.Mutex // held while a database is looked up and registered
	sync.Mutex            // guards the map
	byKey      map[string]*instance
}{byKey: map[string]*instance{}}

// errClosed is what a scan gets whose database was closed by all that opened it here.
var errClosed = errors.New(FunctionName + ": the database handle that provided this function is closed")

// errForeign is what a connection gets that another driver opened.
var errForeign = errors.New(FunctionName + ": this connection does not say whom to ask; open the database with package tablefunc")

// acquire returns the instance for the database of connect's connections, with the
// function registered, and takes a share in it.
func acquire(key string, connect func() (*duckdb.Conn, error)) (*instance, error) {
	instances.acquiring.Lock()
	defer instances.acquiring.Unlock()
	in, known := lookUp(key)
	if !known {
		in = &instance{key: key, sessions: map[uint64]*session{}, standIns: map[string]*standIn{}}
	}
	if err := in.open(connect); err != nil {
		return nil, err
	}
	if known {
		return in, nil
	}
	if err := in.registerAll(in.raw); err != nil {
		return nil, errors.Join(err, in.release())
	}
	if key != "" {
		instances.Lock()
		defer instances.Unlock()
		instances.byKey[key] = in
	}
	return in, nil
}

func lookUp(key string) (*instance, bool) {
	instances.Lock()
	defer instances.Unlock()
	in, ok := instances.byKey[key]
	return in, ok
}

func (in *instance) open(connect func() (*duckdb.Conn, error)) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.helper == nil {
		helper, err := connect()
		if err != nil {
			return err
		}
		raw, err := ConnectionHandle(helper)
		if err != nil {
			return errors.Join(err, helper.Close())
		}
		in.helper, in.raw = helper, raw
	}
	in.users++
	return nil
}

// release gives a share back; the last one closes the helper connection.
func (in *instance) release() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.users--
	if in.users > 0 {
		return nil
	}
	helper := in.helper
	in.helper, in.raw = nil, mapping.Connection{}
	return helper.Close()
}

// deleted is called when DuckDB drops the registered function with its database.
func (in *instance) deleted() {
	instances.Lock()
	defer instances.Unlock()
	if in.key != "" && instances.byKey[in.key] == in {
		delete(instances.byKey, in.key)
	}
}

func (in *instance) add(connID uint64, s *session) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.sessions[connID] = s
}

func (in *instance) remove(connID uint64) {
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.sessions, connID)
}

// session finds the settings of a connection.
func (in *instance) session(connID uint64) (*session, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if s, ok := in.sessions[connID]; ok {
		return s, nil
	}
	if in.helper == nil {
		return nil, errClosed
	}
	return nil, errForeign
}

// connection is the C handle for the hand-over, and a share in the instance, so that
// it stays open until release.
func (in *instance) connection() (mapping.Connection, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.helper == nil {
		return mapping.Connection{}, errClosed
	}
	in.users++
	return in.raw, nil
}

// session is what the function needs to know of the connection that calls it.
type session struct {
	settings *settings
	contexts contextLookup // the context of the statement that a connection runs

	mu      sync.Mutex
	current *statement // what the connection is preparing or running, nil for nothing
	ctx     context.Context
}

// enter makes st the session's current statement until leave.
func (s *session) enter(ctx context.Context, st *statement) (leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, beforeCtx := s.current, s.ctx
	s.current, s.ctx = st, ctx
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.current, s.ctx = before, beforeCtx
	}
}

// running is the current statement and its context.
func (s *session) running(connID uint64) (context.Context, *statement) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx != nil {
		return s.ctx, s.current
	}
	return s.contexts(connID), nil
}
