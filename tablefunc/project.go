package tablefunc

import (
	"slices"

	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// The columns of a call are the report's, then its custom fields, and last, where
// the call names several businesses, the one that tells a row's business. A
// projection is a list of places among them.

// columns are all columns of the call.
func (b *binding) columns() []report.Field {
	all := b.of.Columns
	if b.fields != nil {
		for i := range b.fields.list {
			all = append(all, b.fields.list[i].column())
		}
	}
	if b.arguments.several {
		all = append(all, report.Field{Name: providerColumn, Type: *bigints.Elem, Doc: "The business"})
	}
	return all
}

// providerAt is the place of the column that tells the business, -1 for none.
func (b *binding) providerAt() int {
	if !b.arguments.several {
		return -1
	}
	return len(b.columns()) - 1
}

// custom is the custom field at a place, nil for another column.
func (b *binding) custom(at int) *customField {
	own := len(b.of.Columns)
	if b.fields == nil || at < own || at >= own+len(b.fields.list) {
		return nil
	}
	return &b.fields.list[at-own]
}

// decoded are the columns of a projection as the decoder finds them in a business's
// rows. The business itself is in none.
func (b *binding) decoded(projection []int, provider int64) []report.Field {
	catalogue := b.of.Columns
	list := make([]report.Field, len(projection))
	for i, at := range projection {
		switch f := b.custom(at); {
		case f != nil:
			list[i] = f.in(provider)
		case at < len(catalogue):
			list[i] = catalogue[at]
		default:
			list[i] = absent(providerColumn, *bigints.Elem)
		}
	}
	return list
}

// ask has a query ask a business for what a projection needs. planned is what the
// plan reads of the columns, nil where that is not known.
func (b *binding) ask(q report.Query, projection []int, planned []pushdown.ColumnRef, provider int64) report.Query {
	roles := b.of.Roles
	return q.With(roles.Columns, b.columnKeys(projection, planned)).With(roles.Fields, b.fieldIDs(projection, provider))
}

// fieldIDs are the custom fields to ask a business for, nil for none.
func (b *binding) fieldIDs(projection []int, provider int64) []int64 {
	var ids []int64
	guessed := false
	for _, at := range projection {
		if f := b.custom(at); f != nil {
			own, ok := f.by[provider]
			guessed = guessed || own.guessed
			if ok {
				ids = append(ids, f.id)
			}
		}
	}
	if guessed {
		for _, f := range b.fields.list {
			if f.by[provider].guessed && !slices.Contains(ids, f.id) {
				ids = append(ids, f.id)
			}
		}
	}
	return ids
}

// projected are the places that a planned scan reads, those of virtual columns left out.
func (b *binding) projected(refs []pushdown.ColumnRef) []int {
	n := uint64(len(b.columns()))
	var places []int
	for _, r := range refs {
		if r.Index < n {
			places = append(places, int(r.Index))
		}
	}
	return places
}

// everything is the projection of all columns.
func (b *binding) everything() []int {
	places := make([]int, len(b.columns()))
	for i := range places {
		places[i] = i
	}
	return places
}

// columnKeys is what a request asks for to read the report's own among these
// columns: their names, or where the plan reads only parts of a struct that the
// report gives one by one, the keys of those parts.
func (b *binding) columnKeys(projection []int, planned []pushdown.ColumnRef) []string {
	parts := map[int][]pushdown.ColumnRef{}
	for _, ref := range planned {
		if ref.Index < uint64(len(b.of.Columns)) {
			parts[int(ref.Index)] = ref.Parts
		}
	}
	catalogue := b.of.Columns
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

// partKeys are the keys of the parts of a column, to any depth; nil where a part has
// none, or where the column is read whole.
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

// withoutParts reads all columns whole.
func withoutParts(refs []pushdown.ColumnRef) []pushdown.ColumnRef {
	whole := make([]pushdown.ColumnRef, len(refs))
	for i, r := range refs {
		whole[i] = pushdown.ColumnRef{Index: r.Index}
	}
	return whole
}
