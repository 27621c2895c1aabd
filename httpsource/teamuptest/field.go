package teamuptest

import (
	"slices"

	"github.com/teamupsql/teamupsql/report"
)

// row is a row of a report before it is written. The zero value is none.
type row struct {
	*Customer // of the customers report
	cells     *cells
}

// field is a column of a report, or a part of one, as read from a row. It is one of three: scalar, struct (parts), or list.
type field struct {
	name   string
	prefix string // the name as JSON, with its colon
	kind   report.Kind
	scalar func(r row, w *view) value

	parts []field
	known func(r row) bool // of a struct: whether it is not NULL

	list func(dst []byte, r row, w *view) []byte // writes the list as JSON
}

// complete gives a report's columns, or the parts of a struct, the fields that are known,
// and to the others NULL.
func complete(known []field, columns []report.Field) []field {
	list := make([]field, len(columns))
	for i, c := range columns {
		f := &list[i]
		if k := slices.IndexFunc(known, func(have field) bool { return have.name == c.Name }); k >= 0 {
			*f = known[k]
		}
		f.name, f.kind, f.prefix = c.Name, c.Type.Kind, `"`+c.Name+`":`
		switch {
		case c.Type.Kind == report.Struct:
			f.parts = complete(f.parts, c.Type.Fields)
			if f.known == nil {
				f.known = func(row) bool { return false }
			}
		case c.Type.Kind == report.List && f.list == nil:
			f.list = func(dst []byte, _ row, _ *view) []byte { return append(dst, "null"...) }
		case c.Type.Kind != report.List && f.scalar == nil:
			f.scalar = func(row, *view) value { return value{} }
		}
	}
	return list
}

// append writes the field's value as JSON.
func (f *field) append(dst []byte, r row, w *view) []byte {
	switch {
	case f.scalar != nil:
		return w.append(dst, f.scalar(r, w))
	case f.list != nil:
		return f.list(dst, r, w)
	case !f.known(r):
		return append(dst, "null"...)
	}
	dst = append(dst, '{')
	for i := range f.parts {
		p := &f.parts[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = p.append(append(dst, p.prefix...), r, w)
	}
	return append(dst, '}')
}

// trail is a field with the structs around it, the column first.
type trail []*field

// name is the dotted form, whichever key asked for it.
func (t trail) name() string {
	name := t[0].name
	for _, f := range t[1:] {
		name += "." + f.name
	}
	return name
}

func (t trail) last() *field { return t[len(t)-1] }

// known reports whether none of the structs around the field is NULL.
func (t trail) known(r row) bool {
	for _, f := range t[:len(t)-1] {
		if !f.known(r) {
			return false
		}
	}
	return true
}

// scalar reads the field's value; nil for a struct or a list.
func (t trail) scalar() func(r row, w *view) value {
	read := t.last().scalar
	if read == nil || len(t) == 1 {
		return read
	}
	return func(r row, w *view) value {
		if !t.known(r) {
			return value{}
		}
		return read(r, w)
	}
}

// trails has, by key, the fields that the parameter [report.Roles.Columns] can ask for.
func trails(fields []field, columns []report.Field) map[string]trail {
	m := map[string]trail{}
	var walk func(fields []field, columns []report.Field, around trail)
	walk = func(fields []field, columns []report.Field, around trail) {
		for i, c := range columns {
			t := append(slices.Clone(around), &fields[i])
			m[t.name()] = t
			for _, key := range c.Keys {
				m[key] = t
			}
			walk(fields[i].parts, c.Type.Fields, t)
		}
	}
	walk(fields, columns, nil)
	return m
}

func appendList[T any](dst []byte, list Null[[]T], item func([]byte, T) []byte) []byte {
	if !list.Valid {
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for i, v := range list.V {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = item(dst, v)
	}
	return append(dst, ']')
}
