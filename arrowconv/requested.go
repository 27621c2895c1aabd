package arrowconv

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/teamupsql/teamupsql/report"
)

// requested is a key that the rows or the headers of a response must contain.
type requested struct {
	key     string
	places  []place      // the members of rows that can contain it
	names   []string     // under which a header may name it
	parts   []*requested // of a struct
	of      *requested   // the struct that contains it, nil for none
	objects *object      // of a struct: the object that reads it

	// Whether the headers of the last response contain the key or one of its fields.
	named, partNamed bool
}

// place is a member of an object that can contain a column's values.
type place struct {
	object *object
	slot   *slot
}

// newRequested describes a column or field, and all its fields.
func newRequested(f report.Field, path string, c column, of *requested) *requested {
	q := &requested{key: path, places: c.base().places, names: append([]string{path}, f.Keys...), of: of}
	if r, ok := c.(*record); ok {
		q.objects = &r.members
		for i, part := range f.Type.Fields {
			q.parts = append(q.parts, newRequested(part, path+"."+part.Name, r.parts[i], q))
		}
	}
	return q
}

// inRows reports whether a row of the page has the key.
func (q *requested) inRows() bool {
	for _, p := range q.places {
		if p.slot.seen > p.object.before {
			return true
		}
	}
	return false
}

// missing appends the keys that neither the rows nor the headers contain.
func (q *requested) missing(list []string) []string {
	switch {
	case q.named, q.inRows() && !q.partNamed, q.of != nil && q.of.isNull():
		return list
	case q.partNamed, slices.ContainsFunc(q.parts, (*requested).inRows): // the struct is flattened
		for _, part := range q.parts {
			list = part.missing(list)
		}
		return list
	}
	return append(list, q.key)
}

// isNull reports whether the response contains the struct and it is NULL in all rows of the
// page. Then its fields can be absent.
func (q *requested) isNull() bool {
	return (q.named || q.inRows()) && q.objects.serial == q.objects.before
}

// name notes which keys the headers name.
func (q *requested) name(headers map[string]bool) (any bool) {
	q.named = slices.ContainsFunc(q.names, func(n string) bool { return headers[n] })
	q.partNamed = false
	for _, part := range q.parts {
		q.partNamed = part.name(headers) || q.partNamed
	}
	return q.named || q.partNamed
}

// contract contains the keys that a response must contain.
type contract struct {
	columns []*requested // those of which something is requested
	keys    []*requested // the requested columns and fields
	objects []*object    // the objects that can contain these
	headers []byte       // the last ones
	invalid error        // the error in these, nil for none
}

// newContract lists the requested keys of the columns; nil means all columns. id is the
// report's key.
func newContract(root *record, id string, columns []report.Field, keys []string) *contract {
	c := &contract{}
	for i, f := range columns {
		column := newRequested(f, f.Name, root.parts[i], nil)
		before := len(c.keys)
		if keys != nil {
			c.choose(column, keys)
		} else if f.Name != id { // which every row must have
			c.keys = append(c.keys, column)
		}
		if len(c.keys) > before {
			c.columns = append(c.columns, column)
			c.watch(column)
		}
	}
	return c
}

// choose adds the column, or those of its fields that are among the keys.
func (c *contract) choose(q *requested, keys []string) {
	if i := slices.IndexFunc(q.names, func(n string) bool { return slices.Contains(keys, n) }); i >= 0 {
		q.key = q.names[i]
		c.keys = append(c.keys, q)
		return
	}
	for _, part := range q.parts {
		c.choose(part, keys)
	}
}

// watch adds the objects that can contain a column and its fields to c.objects.
func (c *contract) watch(q *requested) {
	add := func(o *object) {
		if !slices.Contains(c.objects, o) {
			c.objects = append(c.objects, o)
		}
	}
	for _, p := range q.places {
		add(p.object)
	}
	if q.objects != nil {
		add(q.objects)
	}
	for _, part := range q.parts {
		c.watch(part)
	}
}

// check is the error for a page that lacks requested keys. A page without rows lacks
// nothing: no value of it is made NULL.
func (c *contract) check(page *Page) error {
	if len(page.ids) == 0 || len(c.keys) == 0 {
		return nil
	}
	if !bytes.Equal(page.headers, c.headers) || (page.headers == nil) != (c.headers == nil) {
		c.read(page.headers)
	}
	var missing []string
	for _, q := range c.keys {
		missing = q.missing(missing)
	}
	switch {
	case missing == nil:
		return nil
	case c.invalid != nil:
		return c.invalid
	}
	return &MissingColumnsError{Keys: missing}
}

// read notes which keys the headers of a page name.
func (c *contract) read(headers []byte) {
	c.headers, c.invalid = headers, nil
	var list []struct{ Key string }
	if headers != nil {
		if err := json.Unmarshal(headers, &list); err != nil {
			list, c.invalid = nil, wrongHeaders(headers, err)
		}
	}
	named := make(map[string]bool, len(list))
	for _, h := range list {
		named[h.Key] = true
	}
	for _, q := range c.columns {
		q.name(named)
	}
}

func wrongHeaders(headers []byte, err error) error {
	return &FormatError{Reason: fmt.Sprintf("unexpected column_headers (%v)", err), Excerpt: shorten(headers)}
}

// reset ends a page.
func (c *contract) reset() {
	for _, o := range c.objects {
		o.before = o.serial
	}
}
