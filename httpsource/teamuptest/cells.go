package teamuptest

import (
	"slices"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// cells is a row of a report of which all rows are made when the first is needed, or an
// item of a list in it. A [shape] says where what is.
type cells struct {
	id     int64
	values []value
	lists  [][]*cells // nil for NULL
}

// shape is how the cells of a report's rows are arranged.
type shape struct {
	fields []field
	values map[string]int // by dotted name
	lists  map[string]list
	sizes  [2]int // of the cells of a row
}

type list struct {
	at    int
	items *shape
}

// newShape arranges cells for all scalars and lists of the columns.
func newShape(columns []report.Field) *shape {
	s := &shape{values: map[string]int{}, lists: map[string]list{}}
	s.fields = s.arrange(columns, "")
	return s
}

func (s *shape) arrange(columns []report.Field, around string) []field {
	fields := make([]field, len(columns))
	for i, c := range columns {
		f := field{name: c.Name, kind: c.Type.Kind}
		name := around + c.Name
		switch c.Type.Kind {
		case report.Struct:
			from := s.sizes
			f.parts = s.arrange(c.Type.Fields, name+".")
			to := s.sizes
			f.known = func(r row) bool {
				return slices.ContainsFunc(r.cells.values[from[0]:to[0]], func(v value) bool { return v.kind != 0 }) ||
					slices.ContainsFunc(r.cells.lists[from[1]:to[1]], func(l []*cells) bool { return l != nil })
			}
		case report.List:
			l := list{s.sizes[1], newShape(c.Type.Elem.Fields)}
			s.lists[name] = l
			s.sizes[1]++
			item := object("", func(row) bool { return true }, complete(l.items.fields, c.Type.Elem.Fields)...)
			f.list = func(dst []byte, r row, w *view) []byte {
				items := r.cells.lists[l.at]
				return appendList(dst, Null[[]*cells]{items, items != nil}, func(dst []byte, c *cells) []byte { return item.append(dst, row{cells: c}, w) })
			}
		default:
			at := s.sizes[0]
			s.values[name] = at
			s.sizes[0]++
			f.scalar = func(r row, _ *view) value { return r.cells.values[at] }
		}
		fields[i] = f
	}
	return fields
}

// filler fills the cells of one row.
type filler struct {
	*shape
	*cells
}

func (s *shape) row(id int64) filler {
	return filler{s, &cells{id, make([]value, s.sizes[0]), make([][]*cells, s.sizes[1])}}
}

func (f filler) set(name string, v value) {
	at, ok := f.shape.values[name]
	if !ok {
		panic("teamuptest: no column " + name)
	}
	f.cells.values[at] = v
}

func (f filler) text(name, text string)                { f.set(name, textOf(Some(text))) }
func (f filler) date(name string, d Null[report.Date]) { f.set(name, dateOf(d)) }
func (f filler) time(name string, t Null[time.Time])   { f.set(name, timeOf(t)) }
func (f filler) truth(name string, b Null[bool])       { f.set(name, boolOf(b)) }

func (f filler) ref(name string, r Null[Ref]) {
	if r.Valid {
		f.set(name+".id", idOf(r.V.ID))
		f.set(name+".name", textOf(r.V.Name))
	}
}

func (f filler) money(name string, m Money) {
	for _, part := range moneyParts {
		f.set(name+"."+part, moneyPart(part, m))
	}
}

// customer names a customer as other reports do.
func (f filler) customer(c *Customer) {
	f.ref("customer", Some(Ref{c.ID, c.FullName()}))
	f.set("customer.email", textOf(c.Email))
}

// add adds an item to a list, which is NULL before.
func (f filler) add(name string) filler {
	l := f.shape.lists[name]
	item := l.items.row(0)
	f.cells.lists[l.at] = append(f.cells.lists[l.at], item.cells)
	return item
}

// empty makes a list one without items.
func (f filler) empty(name string) { f.cells.lists[f.shape.lists[name].at] = []*cells{} }

// prepared has a report's rows in memory.
type prepared struct {
	shape    *shape
	key      int
	rows     []*cells
	changing []int // the values that mutations change
}

// prepare serves a report from rows that fill makes, in ascending order of their ids.
func prepare(s served, hidden []report.Field, rows func(s *Store, of *shape) []*cells) *served {
	of := newShape(append(slices.Clip(s.report.Columns), hidden...))
	s.fields, s.hidden = of.fields[:len(s.report.Columns)], of.fields[len(s.report.Columns):]
	made := serve(s)
	made.source = func(s *Store) source {
		p := &prepared{shape: of, key: of.values[made.report.Key], rows: rows(s, of)}
		for _, c := range p.rows {
			c.values[p.key] = idOf(c.id)
		}
		for _, m := range made.measures[1:] {
			p.changing = append(p.changing, of.values[m.name])
		}
		return p
	}
	return made
}

func (s *prepared) size() int             { return len(s.rows) }
func (s *prepared) scratch() row          { return row{} }
func (s *prepared) remove(row, time.Time) {}

func (s *prepared) id(p int) int64 {
	if p < len(s.rows) {
		return s.rows[p].id
	}
	var last int64
	if len(s.rows) > 0 {
		last = s.rows[len(s.rows)-1].id
	}
	return last + idGap*int64(p-len(s.rows)+1)
}

// read repeats the rows after the last.
func (s *prepared) read(_ row, p int) row {
	if len(s.rows) == 0 {
		return row{cells: s.shape.row(0).cells}
	}
	return row{cells: s.rows[p%len(s.rows)]}
}

func (s *prepared) clone(r row) row {
	c := *r.cells
	c.values = slices.Clone(c.values)
	return row{cells: &c}
}

func (s *prepared) settle(r row, id int64) {
	r.cells.id = id
	r.cells.values[s.key] = idOf(id)
}

// toggle gives one value that filters look at that of another row, or NULL.
func (s *prepared) toggle(d *draw, r row) {
	at := pick(d, s.changing)
	r.cells.values[at] = value{}
	if len(s.rows) > 0 && !d.chance(100) {
		r.cells.values[at] = pick(d, s.rows).values[at]
	}
}
