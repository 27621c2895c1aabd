package teamuptest

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/teamupsql/teamupsql/report"
)

// slot is one key of a row.
type slot struct {
	prefix []byte // the key as JSON, with its colon
	name   string
	write  func(dst []byte, r row, w *view) []byte
}

// layout is how the rows of one request are written.
type layout struct {
	served  *served
	slots   []slot
	headers []header
}

// newLayout lays out what the query asks for without what is hidden, all columns if
// it names none. The key is always there: it is the report's required column.
func newLayout(q report.Query, g *generator, shape PartShape, hidden []string) *layout {
	of := servedAs(q.Report)
	roles := q.Report.Roles
	asked := report.Value[[]string](q, roles.Columns)
	if asked == nil {
		for _, c := range q.Report.Columns {
			asked = append(asked, c.Name)
		}
	}
	if !slices.Contains(asked, q.Report.Key) {
		asked = append([]string{q.Report.Key}, asked...)
	}
	l := layout{served: of}
	var root node
	for _, key := range asked {
		t := of.trails[key]
		if slices.Contains(hidden, t.name()) {
			continue
		}
		l.addHeaders(t, report.Value[[]string](q, roles.Sort), shape)
		root.ask(t)
	}
	for _, n := range root.parts {
		if shape == Nested {
			l.addSlot(n.trail.name(), n.pruned().append)
		} else {
			l.addFlat(n, shape)
		}
	}
	for _, id := range report.Value[[]int64](q, roles.Fields) {
		if key := customKey(id); !slices.Contains(hidden, key) {
			l.addCustom(g, id, key)
		}
	}
	return &l
}

// node is a requested field, or a struct with requested fields.
type node struct {
	trail trail
	whole bool
	parts []*node // of a struct that is not asked for whole
}

// ask adds a field below the node.
func (n *node) ask(t trail) {
	for i, f := range t {
		if n.whole {
			return
		}
		k := slices.IndexFunc(n.parts, func(o *node) bool { return o.trail.last() == f })
		if k < 0 {
			n.parts, k = append(n.parts, &node{trail: t[:i+1]}), len(n.parts)
		}
		n = n.parts[k]
	}
	n.whole, n.parts = true, nil
}

// pruned returns the field of the node with only its requested fields.
func (n *node) pruned() *field {
	f := *n.trail.last()
	if !n.whole {
		f.parts = nil
		for _, p := range n.parts {
			f.parts = append(f.parts, *p.pruned())
		}
	}
	return &f
}

func (l *layout) addSlot(name string, write func([]byte, row, *view) []byte) {
	prefix, _ := json.Marshal(name) // a string always marshals
	l.slots = append(l.slots, slot{append(prefix, ':'), name, write})
}

// addFlat adds what the node asks for under dotted names.
func (l *layout) addFlat(n *node, shape PartShape) {
	f := n.trail.last()
	for _, p := range n.parts {
		l.addFlat(p, shape)
	}
	switch {
	case !n.whole:
	case shape == AllFlat && f.parts != nil:
		for i := range f.parts {
			l.addFlat(&node{trail: append(slices.Clone(n.trail), &f.parts[i]), whole: true}, shape)
		}
	case len(n.trail) == 1:
		l.addSlot(f.name, f.append)
	default:
		l.addSlot(n.trail.name(), func(dst []byte, r row, w *view) []byte {
			if !n.trail.known(r) {
				return append(dst, "null"...)
			}
			return f.append(dst, r, w)
		})
	}
}

func customKey(id int64) string { return fmt.Sprintf("custom_field_%d", id) }

func (l *layout) addCustom(g *generator, id int64, key string) {
	l.headers = append(l.headers, header{Label: fmt.Sprintf("Custom field %d", id), Key: key})
	l.addSlot(key, func(dst []byte, r row, w *view) []byte { return w.append(dst, l.served.custom(g, r, id)) })
}

// appendRow writes one row; alter, if not nil, may write a slot's value instead.
func (l *layout) appendRow(dst []byte, r row, w *view, alter func(dst []byte, s *slot) ([]byte, bool)) []byte {
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
			dst = s.write(dst, r, w)
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
