package teamuptest

import (
	"hash/fnv"
	"math"
	"slices"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// served is a report as this server has it: its rows, and what parameters mean that the
// report does not define.
type served struct {
	report *report.Report
	fields []field // of the report's columns; the others are NULL
	// hidden are fields that no row shows, for filters.
	hidden []field
	// answers are predicates that the report does not know of. A timeframe is AtLeast.
	answers map[string]report.Answer
	// odd are the parameters that are no comparison of one field.
	odd    map[string]func(v any) func(row) bool
	hides  []hiding
	custom func(g *generator, r row, id int64) value // a custom field; nil for none
	source func(s *Store) source

	trails   map[string]trail
	measures []measure
}

// source has the rows of one report in one business, at positions that ascend by id.
type source interface {
	size() int      // how many rows there are at the start
	id(p int) int64 // also of a position after these
	// read returns the row at a position, also after these. It may use scratch for it.
	read(scratch row, p int) row
	scratch() row
	clone(r row) row
	settle(r row, id int64) // completes a row that was changed
	remove(r row, now time.Time)
	toggle(d *draw, r row) // changes something that a filter or a sort can see
}

// hiding says which rows come only if a parameter is true: those with a value in the
// column, or with one of a later day than today.
type hiding struct {
	parameter, column string
	future            bool
}

// measure is a field that filters look at, as a number.
type measure struct {
	name string
	kind report.Kind
	read func(r row, w *view) value
}

var reports = map[*report.Report]*served{}

// serve completes the description of a report, and has the server answer for it.
func serve(s served) *served {
	s.fields = complete(s.fields, s.report.Columns)
	s.trails = trails(s.fields, s.report.Columns)
	s.measure(s.report.Key)
	for _, h := range s.hides {
		s.measure(h.column)
	}
	for _, p := range s.report.Parameters {
		s.measure(s.answer(&p).Column)
	}
	for _, t := range s.report.Traits {
		s.measure(t.Column)
	}
	reports[s.report] = &s
	return &s
}

// servedAs is the report as this server has it.
func servedAs(r *report.Report) *served { return reports[r] }

// servedAt is the report of an address below the base URL, nil for none.
func servedAt(path string) *served {
	for r, s := range reports {
		if r.Path == path {
			return s
		}
	}
	return nil
}

// answer is the predicate of a parameter.
func (s *served) answer(p *report.Parameter) report.Answer {
	if a, ok := s.answers[p.Name]; ok {
		return a
	}
	return p.Answers
}

// measure is the index of a field in the measures; it is added if it is not among them.
func (s *served) measure(name string) int {
	i := slices.IndexFunc(s.measures, func(m measure) bool { return m.name == name })
	if i >= 0 || name == "" {
		return i
	}
	for _, f := range s.hidden {
		if f.name == name {
			s.measures = append(s.measures, measure{name, f.kind, f.scalar})
			return len(s.measures) - 1
		}
	}
	t := s.trails[name]
	s.measures = append(s.measures, measure{name, t.last().kind, t.scalar()})
	return len(s.measures) - 1
}

// numbersOf appends a row's measures; the first is unknown if there is no row.
func (s *served) numbersOf(dst []int64, r row) []int64 {
	for _, m := range s.measures {
		n := int64(unknown)
		if (r != row{}) {
			n = m.read(r, plainly).number()
		}
		dst = append(dst, n)
	}
	return dst
}

// plainly is the view of measures, which do not depend on it.
var plainly = &view{}

// unknown is the measure of NULL.
const unknown = math.MinInt64

// number is what filters compare of a value: of a text its hash.
func (v value) number() int64 {
	switch v.kind {
	case 0:
		return unknown
	case report.Varchar:
		return hash(v.text)
	}
	return v.n
}

func hash(text string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // never fails
	return int64(h.Sum64())
}
