package duckc

import (
	"database/sql/driver"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/duckdb/duckdb-go/v2/mapping"
)

// noteArguments notes the arguments of the types for which Go has a value that is bound
// alike. An argument of another type stays unknown.
func noteArguments() {
	noteArgument(&mapping.BindBoolean, known)
	noteArgument(&mapping.BindInt8, known)
	noteArgument(&mapping.BindInt16, known)
	noteArgument(&mapping.BindInt32, known)
	noteArgument(&mapping.BindInt64, known)
	noteArgument(&mapping.BindUInt8, known)
	noteArgument(&mapping.BindUInt16, known)
	noteArgument(&mapping.BindUInt32, known)
	noteArgument(&mapping.BindUInt64, known)
	noteArgument(&mapping.BindFloat, known)
	noteArgument(&mapping.BindDouble, known)
	noteArgument(&mapping.BindValue, listValue)
	noteArgument(&mapping.BindTimestamp, instant(duckdb.TYPE_TIMESTAMP))
	noteArgument(&mapping.BindTimestampTZ, instant(duckdb.TYPE_TIMESTAMP_TZ))
	noteArgument(&mapping.BindDate, func(d mapping.Date) (any, duckdb.Type) {
		return time.Unix(int64(mapping.DateMembers(&d))*secondsOfDay, 0).UTC(), duckdb.TYPE_DATE
	})
	noteArgument(&mapping.BindHugeInt, unknown)
	noteArgument(&mapping.BindUHugeInt, unknown)
	noteArgument(&mapping.BindTime, unknown)
	noteArgument(&mapping.BindInterval, unknown)
	noteArgument(&mapping.BindBlob, unknown)
	text, null := mapping.BindVarcharLength, mapping.BindNull
	mapping.BindVarcharLength = func(statement mapping.PreparedStatement, at mapping.IdxT, value string, length mapping.IdxT) mapping.State {
		note(statement, at, value, known)
		return text(statement, at, value, length)
	}
	mapping.BindNull = func(statement mapping.PreparedStatement, at mapping.IdxT) mapping.State {
		note(statement, at, any(nil), known)
		return null(statement, at)
	}
}

const secondsOfDay = 24 * 60 * 60

// noteArgument notes what the driver binds by a variable of package mapping.
func noteArgument[T any](bind *func(mapping.PreparedStatement, mapping.IdxT, T) mapping.State, goValue func(T) (any, duckdb.Type)) {
	original := *bind
	*bind = func(statement mapping.PreparedStatement, at mapping.IdxT, value T) mapping.State {
		note(statement, at, value, goValue)
		return original(statement, at, value)
	}
}

// note notes an argument of a statement, if that is one that is remembered. goValue returns
// unknownValue for an argument that is not noted.
func note[T any](statement mapping.PreparedStatement, at mapping.IdxT, value T, goValue func(T) (any, duckdb.Type)) {
	found, ok := prepared.Load(statement.Ptr)
	if !ok {
		return
	}
	p := found.(*preparedStatement)
	a := noteOf{NamedValue: driver.NamedValue{Ordinal: int(at), Name: mapping.ParameterName(statement, at)}}
	a.Value, a.kind = goValue(value)
	p.mu.Lock()
	defer p.mu.Unlock()
	if delete(p.args, at); a.Value != unknownValue {
		p.args[at] = a
	}
}

// unknownValue stands for an argument that is not known.
var unknownValue any = new(byte)

func known[T any](value T) (any, duckdb.Type) { return value, duckdb.TYPE_INVALID }

func unknown[T any](T) (any, duckdb.Type) { return unknownValue, duckdb.TYPE_INVALID }

// instant returns the time of a timestamp of the type t.
func instant(t duckdb.Type) func(mapping.Timestamp) (any, duckdb.Type) {
	return func(ts mapping.Timestamp) (any, duckdb.Type) {
		return time.UnixMicro(mapping.TimestampMembers(&ts)).UTC(), t
	}
}

// listValue returns a list of texts or integers.
func listValue(v mapping.Value) (any, duckdb.Type) {
	kind := mapping.GetValueType(v) // which belongs to the value
	if mapping.GetTypeId(kind) != mapping.TypeList {
		return unknown(v)
	}
	item := mapping.ListTypeChildType(kind)
	defer mapping.DestroyLogicalType(&item)
	switch mapping.GetTypeId(item) {
	case mapping.TypeVarchar:
		return items(v, mapping.GetVarchar)
	case mapping.TypeBigInt:
		return items(v, mapping.GetInt64)
	case mapping.TypeInteger:
		return items(v, mapping.GetInt32)
	}
	return unknown(v)
}

// items returns the items of a list, if none is NULL.
func items[T any](list mapping.Value, of func(mapping.Value) T) (any, duckdb.Type) {
	all := make([]T, mapping.GetListSize(list))
	for i := range all {
		item := mapping.GetListChild(list, mapping.IdxT(i))
		defer mapping.DestroyValue(&item)
		if mapping.IsNullValue(item) { // GetVarchar would end the process
			return unknown(list)
		}
		all[i] = of(item)
	}
	return all, duckdb.TYPE_INVALID
}
