package tablefunc

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/teamupsql/teamupsql/report"
)

// columnNames are the names of the columns of fields with these labels: the labels,
// with the id appended where a label is missing or would name two columns.
func columnNames(of *report.Report, ids []int64, labels map[int64]string) map[int64]string {
	taken := map[string]int{strings.ToLower(providerColumn): 1}
	for _, c := range of.Columns {
		taken[strings.ToLower(c.Name)]++
	}
	for _, id := range ids {
		taken[strings.ToLower(labels[id])]++
	}
	names := map[int64]string{}
	for _, id := range ids {
		name := labels[id]
		suffix := fmt.Sprintf("_%d", id)
		switch {
		case strings.TrimSpace(name) == "":
			name = "custom_field" + suffix
		case taken[strings.ToLower(name)] > 1:
			name += suffix
		default:
			names[id] = name
			continue
		}
		for taken[strings.ToLower(name)] > 0 {
			name += suffix
		}
		taken[strings.ToLower(name)]++
		names[id] = name
	}
	return names
}

// customField is a custom field as a column of a call.
type customField struct {
	id   int64
	name string // of the column
	kind report.Kind
	by   map[int64]field // by business; those that don't have it are not in it
}

// callFields are the custom fields of a call, in its order.
func callFields(of *report.Report, ids, providers []int64, by map[int64]map[int64]field) (list []customField, unknown []int64) {
	labels := map[int64]string{}
	for _, id := range ids {
		f := customField{id: id, by: map[int64]field{}}
		for _, provider := range providers {
			if found, ok := by[provider][id]; ok {
				f.by[provider] = found
				f.kind = wider(f.kind, found.kind)
				labels[id] = cmp.Or(labels[id], found.label)
			}
		}
		if len(f.by) == 0 {
			unknown = append(unknown, id)
		}
		f.kind = cmp.Or(f.kind, report.AnyText)
		list = append(list, f)
	}
	names := columnNames(of, ids, labels)
	for i := range list {
		list[i].name = names[list[i].id]
	}
	return list, unknown
}

// column is the field as DuckDB sees it.
func (f *customField) column() report.Field {
	return report.Field{Name: f.name, Type: report.Type{Kind: f.kind}, Doc: fmt.Sprintf("Custom field %d", f.id)}
}

// in is the field as the decoder reads it from a business's rows. It is found there
// by its key alone: a label may be anything.
func (f *customField) in(provider int64) report.Field {
	own, ok := f.by[provider]
	c := f.column()
	if !ok {
		return absent(f.name, c.Type)
	}
	c.Name = own.key
	c.Doc = fmt.Sprintf("Custom field %d, %q, key %s", f.id, own.label, own.key)
	return c
}

// absent is a column that no row holds.
func absent(name string, t report.Type) report.Field {
	return report.Field{Name: "\x00" + name, Type: t}
}
