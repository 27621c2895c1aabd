package scan

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/internal/fields"
	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// The columns of a call are the report's columns, then its custom fields and, if the call
// names several businesses, the business of each row. A projection is a list of positions
// among them.

// Call is one reference to a report in a statement.
type Call struct {
	Report    *report.Report
	Env       *Env
	Arguments Arguments
	Fields    *fields.Set // its custom fields, nil for none

	pass    *Pass // in which the call was bound, nil if there is no plan
	order   int   // its position among the calls of the pass
	dropped atomic.Bool
}

// Drop notes that the statement does not need the call any more.
func (c *Call) Drop() { c.dropped.Store(true) }

// Expected returns how many customers the call is expected to have.
func (c *Call) Expected() (sum int64) {
	for _, provider := range c.Arguments.Providers {
		n, _ := c.Env.Totals.Expected(c.Report, provider)
		sum += n
	}
	return sum
}

// FindFields sets the custom fields of the call. It takes them from an earlier call of the
// pass or sends a request. run and pass may be nil.
func (c *Call) FindFields(ctx context.Context, run *Run, pass *Pass) (err error) {
	if len(c.Arguments.Fields) == 0 {
		return nil
	}
	clients := map[int64]*httpsource.Client{}
	for _, provider := range c.Arguments.Providers {
		if clients[provider], err = c.Env.Client(ctx, provider); err != nil {
			return err
		}
	}
	if c.Fields = pass.fieldsOf(c.Arguments, clients); c.Fields != nil {
		return nil
	}
	accounting := run.Accounting(c.Env)
	ctx = httpsource.WithStatement(ctx, accounting.Number())
	finder := fields.Finder{Report: c.Report, Clients: clients, Cache: &c.Env.Fields, Totals: &c.Env.Totals, Observe: accounting.Observer()}
	c.Fields, err = finder.Find(ctx, c.Arguments.Fields, c.Arguments.Providers)
	return err
}

// Columns returns all columns of the call.
func (c *Call) Columns() []report.Field {
	all := c.Report.Columns
	if c.Fields != nil {
		for i := range c.Fields.Columns {
			all = append(all, c.Fields.Columns[i].Field())
		}
	}
	if c.Arguments.Several {
		all = append(all, report.Field{Name: fields.ProviderColumn, Type: *Bigints.Elem, Doc: "The business"})
	}
	return all
}

// providerAt returns the position of the column with the business, -1 for none.
func (c *Call) providerAt() int {
	if !c.Arguments.Several {
		return -1
	}
	return len(c.Columns()) - 1
}

// custom returns the custom field at a position, nil for another column.
func (c *Call) custom(at int) *fields.Column {
	own := len(c.Report.Columns)
	if c.Fields == nil || at < own || at >= own+len(c.Fields.Columns) {
		return nil
	}
	return &c.Fields.Columns[at-own]
}

// decoded are the columns of a projection as the decoder finds them in a business's
// rows. The business itself is in none.
func (c *Call) decoded(projection []int, provider int64) []report.Field {
	catalogue := c.Report.Columns
	list := make([]report.Field, len(projection))
	for i, at := range projection {
		switch f := c.custom(at); {
		case f != nil:
			list[i] = f.In(provider)
		case at < len(catalogue):
			list[i] = catalogue[at]
		default:
			list[i] = fields.Absent(fields.ProviderColumn, *Bigints.Elem)
		}
	}
	return list
}

// withColumns returns q with the columns and custom fields that the projection needs from the given
// business. planned lists the columns and struct fields that the plan reads; nil means
// unknown.
func (c *Call) withColumns(q report.Query, projection []int, planned []pushdown.ColumnRef, provider int64) report.Query {
	roles := c.Report.Roles
	return q.With(roles.Columns, c.columnKeys(projection, planned)).With(roles.Fields, c.fieldIDs(projection, provider))
}

// fieldIDs returns the custom fields to request from a business, nil for none.
func (c *Call) fieldIDs(projection []int, provider int64) []int64 {
	var ids []int64
	guessed := false
	for _, at := range projection {
		if f := c.custom(at); f != nil {
			own, ok := f.By[provider]
			guessed = guessed || own.Guessed
			if ok {
				ids = append(ids, f.ID)
			}
		}
	}
	if guessed {
		for _, f := range c.Fields.Columns {
			if f.By[provider].Guessed && !slices.Contains(ids, f.ID) {
				ids = append(ids, f.ID)
			}
		}
	}
	return ids
}

// projected are the places that a planned scan reads, those of virtual columns left out.
func (c *Call) projected(refs []pushdown.ColumnRef) []int {
	n := uint64(len(c.Columns()))
	var places []int
	for _, r := range refs {
		if r.Index < n {
			places = append(places, int(r.Index))
		}
	}
	return places
}

// everything is the projection of all columns.
func (c *Call) everything() []int {
	places := make([]int, len(c.Columns()))
	for i := range places {
		places[i] = i
	}
	return places
}

// columnKeys returns the keys to request for the report's columns of a projection: the
// names of the columns or, if the plan reads only some fields of a struct and the report
// has keys for them, those keys.
func (c *Call) columnKeys(projection []int, planned []pushdown.ColumnRef) []string {
	parts := map[int][]pushdown.ColumnRef{}
	for _, ref := range planned {
		if ref.Index < uint64(len(c.Report.Columns)) {
			parts[int(ref.Index)] = ref.Parts
		}
	}
	catalogue := c.Report.Columns
	var keys []string
	for _, at := range projection {
		if at >= len(catalogue) {
			continue
		}
		if some := partKeys(catalogue[at], parts[at]); some != nil {
			keys = append(keys, some...)
		} else {
			keys = append(keys, catalogue[at].Name)
		}
	}
	return keys
}

// partKeys returns the keys of fields of a column, to any depth. It returns nil if a field
// has no key or if the complete column is read.
func partKeys(column report.Field, parts []pushdown.ColumnRef) []string {
	var keys []string
	for _, p := range parts {
		if p.Index >= uint64(len(column.Type.Fields)) {
			return nil
		}
		part := column.Type.Fields[p.Index]
		some := partKeys(part, p.Parts)
		if some == nil && len(part.Keys) == 0 {
			return nil
		} else if some == nil {
			some = part.Keys[:1]
		}
		keys = append(keys, some...)
	}
	return keys
}

// withoutParts returns the columns without their fields, so that complete columns are read.
func withoutParts(refs []pushdown.ColumnRef) []pushdown.ColumnRef {
	whole := make([]pushdown.ColumnRef, len(refs))
	for i, r := range refs {
		whole[i] = pushdown.ColumnRef{Index: r.Index}
	}
	return whole
}
