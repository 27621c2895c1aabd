package teamuptest

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/teamupsql/teamupsql/report"
)

// source is the meaning of one value of the columns parameter: a column, or one field of a
// struct.
type source struct {
	column *field
	part   *field // nil for the complete column
}

// sources contains every value of the columns parameter.
var sources = indexSources()

func indexSources() map[string]source {
	m := map[string]source{}
	for _, c := range report.Customers.Columns {
		f := fields[c.Name]
		m[c.Name] = source{column: f}
		for i, p := range c.Type.Fields {
			for _, key := range p.Keys {
				m[key] = source{f, &f.parts[i]}
			}
		}
	}
	return m
}

// name returns the dotted form of the source, also for an alias.
func (s source) name() string {
	if s.part == nil {
		return s.column.name
	}
	return s.column.name + "." + s.part.name
}

func (s source) scalar() func(*Customer, *view) value {
	switch {
	case s.part == nil:
		return s.column.scalar
	case s.part.scalar == nil:
		return nil
	}
	return func(c *Customer, w *view) value {
		if !s.column.known(c) {
			return value{}
		}
		return s.part.scalar(c, w)
	}
}

// slot is one key of a row.
type slot struct {
	prefix []byte // the key as JSON, with its colon
	name   string
	write  func(dst []byte, c *Customer, w *view) []byte
}

// layout is how the rows of one request are written.
type layout struct {
	slots   []slot
	headers []header
}

// newLayout returns the columns that the query requests, without hidden ones; all columns
// if it names none. The id is always included, because the report requires it.
func newLayout(q report.Query, g *generator, shape PartShape, hidden []string) *layout {
	asked := report.Value[[]string](q, roles.Columns)
	if asked == nil {
		for _, c := range report.Customers.Columns {
			asked = append(asked, c.Name)
		}
	}
	if !slices.Contains(asked, report.Customers.Key) {
		asked = append([]string{report.Customers.Key}, asked...)
	}
	var l layout
	var order []*field
	parts := map[*field][]*field{} // nil entry: the complete column
	for _, key := range asked {
		s := sources[key]
		if slices.Contains(hidden, s.name()) {
			continue
		}
		l.addHeaders(s, report.Value[[]string](q, roles.Sort), shape)
		have, seen := parts[s.column]
		switch {
		case !seen:
			order = append(order, s.column)
			fallthrough
		case have != nil:
			if s.part == nil {
				parts[s.column] = nil
			} else if !slices.Contains(have, s.part) {
				parts[s.column] = append(have, s.part)
			}
		}
	}
	for _, f := range order {
		l.addField(f, parts[f], shape)
	}
	for _, id := range report.Value[[]int64](q, roles.Fields) {
		if key := customKey(id); !slices.Contains(hidden, key) {
			l.addCustom(g, id, key)
		}
	}
	return &l
}

func (l *layout) addSlot(name string, write func([]byte, *Customer, *view) []byte) {
	prefix, _ := json.Marshal(name) // a string always marshals
	l.slots = append(l.slots, slot{append(prefix, ':'), name, write})
}

func (l *layout) addField(f *field, parts []*field, shape PartShape) {
	if parts == nil && f.parts != nil && shape == AllFlat {
		for i := range f.parts {
			parts = append(parts, &f.parts[i])
		}
	}
	switch {
	case parts != nil && shape != Nested:
		for _, p := range parts {
			l.addSlot(f.name+"."+p.name, func(dst []byte, c *Customer, w *view) []byte {
				if !f.known(c) {
					return append(dst, "null"...)
				}
				return p.append(dst, c, w)
			})
		}
	case parts != nil:
		some := *f
		some.parts = make([]field, len(parts))
		for i, p := range parts {
			some.parts[i] = *p
		}
		l.addSlot(f.name, some.append)
	default:
		l.addSlot(f.name, f.append)
	}
}

func customKey(id int64) string { return fmt.Sprintf("custom_field_%d", id) }

func (l *layout) addCustom(g *generator, id int64, key string) {
	l.headers = append(l.headers, header{Label: fmt.Sprintf("Custom field %d", id), Key: key})
	l.addSlot(key, func(dst []byte, c *Customer, w *view) []byte { return w.append(dst, g.customField(c, id)) })
}

// append writes the field's value as JSON.
func (f *field) append(dst []byte, c *Customer, w *view) []byte {
	switch {
	case f.scalar != nil:
		return w.append(dst, f.scalar(c, w))
	case f.list != nil:
		return f.list(dst, c, w)
	case !f.known(c):
		return append(dst, "null"...)
	}
	dst = append(dst, '{')
	for i := range f.parts {
		p := &f.parts[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = p.append(append(dst, p.prefix...), c, w)
	}
	return append(dst, '}')
}

// appendRow writes one row; alter, if not nil, may write a slot's value instead.
func (l *layout) appendRow(dst []byte, c *Customer, w *view, alter func(dst []byte, s *slot) ([]byte, bool)) []byte {
	dst = append(dst, '{')
	start := len(dst)
	if w.quirks.ExtraKeys {
		dst = append(dst, `"~unknown":{"a":[1,{"b":null}],"id":"x"},`...)
	}
	for i := range l.slots {
		s, from := &l.slots[i], len(dst)
		dst = append(dst, s.prefix...)
		value := len(dst)
		done := false
		if alter != nil {
			dst, done = alter(dst, s)
		}
		if !done {
			dst = s.write(dst, c, w)
		}
		if w.quirks.OmitNulls && string(dst[value:]) == "null" {
			dst = dst[:from]
			continue
		}
		dst = append(dst, ',')
	}
	if w.quirks.ExtraKeys {
		dst = append(dst, `"row_url":"https://example.com/?id=1",`...)
	}
	if len(dst) > start {
		dst = dst[:len(dst)-1] // the last comma
	}
	return append(dst, '}')
}
