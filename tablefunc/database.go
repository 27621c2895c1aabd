package tablefunc

import (
	"context"
	"errors"
	"sync"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/internal/duckc"
	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/tablefunc/internal/plan"
)

// reports are those that have a table function.
var reports = report.All()

// instance is one DuckDB database in which the functions are registered. Several
// connectors may open the same file; DuckDB gives them one database, in which the
// function exists once, and each connection finds its own settings here by its id.
type instance struct {
	key string // "" for a database that no other connector can reach

	mu       sync.Mutex
	sessions map[uint64]*session
	others   *session             // of all other connections, nil if they have none
	observed map[uint64]*observed // what their connections bound last, by their number
	single   bool                 // no other database was attached when others was set

	folder *duckc.Folder // shows the plans of statements

	standIns plan.StandIns // for the plans of statements
}

// instances finds the database again when a second connector opens it. An entry
// goes when DuckDB drops the registered function, which may happen on any thread
// and inside acquire, hence the two locks.
var instances = struct {
	acquiring  sync.Mutex // held while a database is looked up and registered
	sync.Mutex            // guards the map
	byKey      map[string]*instance
}{byKey: map[string]*instance{}}

// errForeign is what a connection gets of which this package knows nothing.
var errForeign = errors.New("this connection does not say whom to ask; open the database with package tablefunc, or call its Register")

// acquire returns the instance for the database of conn, with the function
// registered. db is the database, or zero if the driver does not show it.
func acquire(key string, conn mapping.Connection, db mapping.Database) (*instance, error) {
	instances.acquiring.Lock()
	defer instances.acquiring.Unlock()
	if in, ok := lookUp(key); ok {
		return in, nil
	}
	in := &instance{key: key, sessions: map[uint64]*session{}, observed: map[uint64]*observed{}}
	var err error
	if in.folder, err = duckc.NewFolder(conn); err != nil {
		return nil, err
	}
	if err := in.registerAll(conn); err != nil {
		return nil, err
	}
	if db.Ptr != nil {
		addTables(db)
	}
	if key != "" {
		instances.Lock()
		defer instances.Unlock()
		instances.byKey[key] = in
	}
	return in, nil
}

// registerAll registers all functions of this package in the database of conn.
func (in *instance) registerAll(conn mapping.Connection) error {
	var errs []error
	for _, r := range reports {
		errs = append(errs, duckc.Register(conn, r.Function, reportTable{in, r}, func(f mapping.TableFunction) { addNamedParameters(f, r) }))
	}
	return errors.Join(append(errs,
		duckc.Register(conn, RequestsFunctionName, requestsTable{in}, func(mapping.TableFunction) {}),
		duckc.AddOption(conn, ProviderSetting, providerSettingDoc),
		duckc.Register(conn, ExplainFunctionName, explainTable{in}, duckc.TextParameters(1)),
		in.standIns.Register(conn))...)
}

// addTables makes FROM teamup_customers work without parentheses.
func addTables(db mapping.Database) {
	for _, r := range reports {
		duckc.AddTable(db, r.Function)
	}
	duckc.AddTable(db, RequestsFunctionName)
}

func lookUp(key string) (*instance, bool) {
	instances.Lock()
	defer instances.Unlock()
	in, ok := instances.byKey[key]
	return in, ok
}

// Destroy is called when DuckDB drops the registered function with its database.
func (in *instance) Destroy() {
	instances.Lock()
	if in.key != "" && instances.byKey[in.key] == in {
		delete(instances.byKey, in.key)
	}
	instances.Unlock()
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.others != nil {
		_ = in.others.settings.close()
	}
	in.folder.Close()
}

// serveOthers gives s to all connections that have no session of their own. It
// says whether they had none before.
func (in *instance) serveOthers(s *session, single bool) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.others != nil {
		return false
	}
	in.others, in.single = s, single
	return true
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
	if in.others != nil {
		return in.others, nil
	}
	return nil, errForeign
}

// session is what the function needs to know of the connections that call it: one
// of ours, or all those of a database where [Register] was called.
type session struct {
	settings *settings
	contexts duckc.ContextLookup // the context of the statement that a connection runs, nil for none

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
	switch {
	case s.ctx != nil:
		return s.ctx, s.current
	case s.contexts == nil:
		return context.Background(), nil
	}
	return s.contexts(connID), nil
}
