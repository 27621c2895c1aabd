package duckc

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/duckdb/duckdb-go/v2/mapping"
)

// The driver keeps its C handles in unexported fields. The functions in this
// file are the only ones that look there; each checks the field's name and type,
// so that a later driver that differs gives an error and not a crash.

// Connection returns the C handle of an open connection. It is valid until the
// connection is closed.
func Connection(conn *duckdb.Conn) (mapping.Connection, error) {
	field, err := unexported(conn, "conn", reflect.TypeFor[mapping.Connection]())
	if err != nil {
		return mapping.Connection{}, err
	}
	return *(*mapping.Connection)(field), nil
}

// Database returns the C handle of a connector's database. It is valid until the connector
// is closed.
func Database(connector *duckdb.Connector) (mapping.Database, error) {
	field, err := unexported(connector, "db", reflect.TypeFor[mapping.Database]())
	if err != nil {
		return mapping.Database{}, err
	}
	return *(*mapping.Database)(field), nil
}

// ConnectionID returns the number of a connection in its database.
func ConnectionID(conn mapping.Connection) uint64 {
	var ctx mapping.ClientContext
	mapping.ConnectionGetClientContext(conn, &ctx)
	defer mapping.DestroyClientContext(&ctx)
	return uint64(mapping.ClientContextGetConnectionId(ctx))
}

// BindingConnectionID returns the number of the connection that binds a table function.
func BindingConnectionID(info mapping.BindInfo) uint64 {
	var ctx mapping.ClientContext
	mapping.TableFunctionGetClientContext(info, &ctx)
	defer mapping.DestroyClientContext(&ctx)
	return uint64(mapping.ClientContextGetConnectionId(ctx))
}

// Prepared returns the C handle of a prepared statement. It is valid until the
// statement is closed.
func Prepared(stmt *duckdb.Stmt) (mapping.PreparedStatement, error) {
	field, err := unexported(stmt, "preparedStmt", reflect.TypeFor[*mapping.PreparedStatement]())
	if err != nil {
		return mapping.PreparedStatement{}, err
	}
	handle := *(**mapping.PreparedStatement)(field)
	if handle == nil {
		return mapping.PreparedStatement{}, errors.New("duckc: the statement is not prepared")
	}
	return *handle, nil
}

// ContextLookup returns the context of the statement that a connection of the driver is
// running, by the connection's id.
type ContextLookup func(connID uint64) context.Context

// DriverContexts returns the lookup that the driver keeps for all connections of the
// same connector as conn.
func DriverContexts(conn *duckdb.Conn) (ContextLookup, error) {
	field, ok := reflect.TypeFor[duckdb.Conn]().FieldByName("ctxStore")
	if !ok || field.Type.Kind() != reflect.Pointer || field.Type.Elem().Kind() != reflect.Struct ||
		field.Type.Elem().NumField() != 1 || field.Type.Elem().Field(0).Type != reflect.TypeFor[sync.Map]() {
		return nil, unknownDriver("ctxStore")
	}
	store := *(**sync.Map)(unsafe.Add(unsafe.Pointer(conn), field.Offset))
	return func(connID uint64) context.Context {
		if v, ok := store.Load(connID); ok {
			if ctx, ok := v.(context.Context); ok {
				return ctx
			}
		}
		return context.Background()
	}, nil
}

func unexported[T any](object *T, name string, want reflect.Type) (unsafe.Pointer, error) {
	field, ok := reflect.TypeFor[T]().FieldByName(name)
	if !ok || field.Type != want {
		return nil, unknownDriver(name)
	}
	return unsafe.Add(unsafe.Pointer(object), field.Offset), nil
}

func unknownDriver(field string) error {
	return fmt.Errorf("duckc: this version of duckdb-go keeps its handles elsewhere (field %q); use the version that this module's go.mod names", field)
}
