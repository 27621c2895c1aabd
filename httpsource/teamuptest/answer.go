package teamuptest

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/teamupsql/teamupsql/report"
)

// page is one response before it is written.
type page struct {
	store  *Store
	table  *table
	layout *layout
	view   *view

	call  Call
	all   []int32 // the positions of all that match; not to be changed
	rows  []int32 // those of this page; the page's own
	total string  // as JSON, "" for none

	altered int // the row that is passed to alter
	alter   func(dst []byte, s *slot) ([]byte, bool)
}

// answer sends the page for q, or the fault that applies.
func (s *Server) answer(x *exchange, store *Store, q report.Query) *problem {
	n := int(s.counted.Add(1))
	if every := s.config.mutateEvery; every > 0 && n%every == 0 {
		store.mutate(q.Report)
	}
	buf := getBuffer()
	defer putBuffer(buf)
	fault, bad := s.render(x, store, q, n, buf)
	if bad != nil {
		return bad
	}
	x.contentType = contentType(q)
	if fault.send == nil {
		x.send(http.StatusOK, x.contentType, buf.b)
		return nil
	}
	fault.send(x, buf.b)
	return nil
}

// isJSON reports whether q requests JSON rather than CSV.
func isJSON(q report.Query) bool { return q.Get(q.Report.Roles.Format) == report.FormatJSON }

func contentType(q report.Query) string {
	if isJSON(q) {
		return "application/json"
	}
	return "text/csv; charset=utf-8"
}

// render writes the page into buf while nothing can change.
func (s *Server) render(x *exchange, store *Store, q report.Query, n int, buf *buffer) (Fault, *problem) {
	t, unlock := store.reading(q.Report)
	defer unlock()
	shape := s.config.quirks.Parts
	if !isJSON(q) {
		shape = max(shape, Flat) // a CSV has no nesting
	}
	p := &page{store: store, table: t, view: store.view(s.config.quirks), layout: newLayout(q, &store.gen, shape, s.config.quirks.Hidden)}
	var err error
	if p.all, err = store.find(t, q, p.view); err != nil {
		return Fault{}, invalid(err)
	}
	p.cut(q, s.config.quirks)
	p.call.N, p.call.Request = n, x.r
	if p.total, err = p.count(q); err != nil {
		return Fault{}, invalid(err)
	}
	fault := s.faults.due(p.call)
	if fault.page != nil {
		fault.page(p)
	}
	x.became.Seq, x.became.Rows, x.became.Fault = store.seq, len(p.rows), fault.Name
	if isJSON(q) {
		buf.b = p.appendJSON(buf.b)
	} else {
		p.writeCSV(buf)
	}
	return fault, nil
}

// count returns the total of the response to q.
func (p *page) count(q report.Query) (string, error) {
	all, err := p.all, error(nil)
	roles := q.Report.Roles
	switch p.view.quirks.Total {
	case TotalIsMissing:
		return "", nil
	case TotalIsNull:
		return "null", nil
	case TotalLeavesIDGT:
		all, err = p.store.find(p.table, q.Without(roles.KeyAbove), p.view)
	case TotalOfAll:
		every := q.Report.Query()
		for _, h := range p.table.hides {
			every = every.With(h.parameter, q.Get(h.parameter))
		}
		all, err = p.store.find(p.table, every, p.view)
	}
	return strconv.Itoa(len(all)), err
}

func number(q report.Query, name string) int { return int(report.Value[int64](q, name)) }

// cut takes the page's rows out of all that match.
func (p *page) cut(q report.Query, quirks Quirks) {
	limit, offset := report.DefaultLimit, 0
	roles := q.Report.Roles
	for _, name := range []string{roles.Limit, roles.PageSize} {
		if q.Has(name) {
			limit = number(q, name)
		}
	}
	if quirks.FixedLimit > 0 {
		limit = quirks.FixedLimit
	}
	switch {
	case q.Has(roles.Offset):
		offset = number(q, roles.Offset)
	case q.Has(roles.Page) && limit > 0:
		offset = min(number(q, roles.Page)-1, len(p.all)/limit+1) * limit
	}
	from := min(offset, len(p.all))
	to := min(from+limit, len(p.all))
	p.rows = slices.Clone(p.all[from:to])
	p.call = Call{Query: q, Offset: offset, Limit: limit, Total: len(p.all)}
}

func (p *page) appendJSON(dst []byte) []byte {
	headers, _ := json.Marshal(p.layout.headers) // texts and numbers always marshal
	dst = append(dst, '{')
	if p.total != "" {
		dst = append(append(append(dst, `"total":`...), p.total...), ',')
	}
	dst = append(append(append(dst, `"column_headers":`...), headers...), `,"rows":[`...)
	scratch := p.table.source.scratch()
	for i, position := range p.rows {
		if i > 0 {
			dst = append(dst, ',')
		}
		alter := p.alter
		if i != p.altered {
			alter = nil
		}
		dst = p.layout.appendRow(dst, p.table.read(scratch, int(position)), p.view, alter)
	}
	return append(dst, `]}`...)
}

// writeCSV writes the page with the labels of the columns as headers. Text is written as it
// is, NULL as nothing, other values as JSON.
func (p *page) writeCSV(buf *buffer) {
	w := csv.NewWriter(buf)
	record := make([]string, len(p.layout.slots))
	for i, s := range p.layout.slots {
		record[i] = p.table.label(s.name)
	}
	_ = w.Write(record) // into memory, as all of it
	scratch := p.table.source.scratch()
	var cell []byte
	for _, position := range p.rows {
		r := p.table.read(scratch, int(position))
		for i, s := range p.layout.slots {
			cell = s.write(cell[:0], r, p.view)
			record[i] = csvText(cell)
		}
		_ = w.Write(record)
	}
	w.Flush()
}

func csvText(cell []byte) string {
	switch {
	case string(cell) == "null":
		return ""
	case cell[0] == '"':
		text, _ := jsontext.AppendUnquote(nil, cell) // written by ourselves
		return string(text)
	}
	return string(cell)
}
