package fields

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/teamupsql/teamupsql/report"
)

// ProviderColumn is the last column of a call with provider_ids.
const ProviderColumn = "provider_id"

// columnNames returns the names of the columns of custom fields: their labels. The id is
// appended if a label is missing or not unique.
func columnNames(of *report.Report, ids []int64, labels map[int64]string) map[int64]string {
	taken := map[string]int{strings.ToLower(ProviderColumn): 1}
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

// Column is a custom field as a column of a call.
type Column struct {
	ID   int64
	Name string // of the column
	Kind report.Kind
	By   map[int64]Field // by business; those that don't have it are not in it
}

// columnsOf returns the custom fields of a call, in its order.
func columnsOf(of *report.Report, ids, providers []int64, by map[int64]map[int64]Field) (list []Column, unknown []int64) {
	labels := map[int64]string{}
	for _, id := range ids {
		f := Column{ID: id, By: map[int64]Field{}}
		for _, provider := range providers {
			if found, ok := by[provider][id]; ok {
				f.By[provider] = found
				f.Kind = wider(f.Kind, found.Kind)
				labels[id] = cmp.Or(labels[id], found.Label)
			}
		}
		if len(f.By) == 0 {
			unknown = append(unknown, id)
		}
		f.Kind = cmp.Or(f.Kind, report.AnyText)
		list = append(list, f)
	}
	names := columnNames(of, ids, labels)
	for i := range list {
		list[i].Name = names[list[i].ID]
	}
	return list, unknown
}

// Field returns the field as DuckDB sees it.
func (f *Column) Field() report.Field {
	return report.Field{Name: f.Name, Type: report.Type{Kind: f.Kind}, Doc: fmt.Sprintf("Custom field %d", f.ID)}
}

// In returns the field as the decoder reads it from the rows of a business. The decoder
// finds it by its key only, because labels are arbitrary.
func (f *Column) In(provider int64) report.Field {
	own, ok := f.By[provider]
	c := f.Field()
	if !ok {
		return Absent(f.Name, c.Type)
	}
	c.Name = own.Key
	c.Doc = fmt.Sprintf("Custom field %d, %q, key %s", f.ID, own.Label, own.Key)
	return c
}

// Absent returns a column that no row has.
func Absent(name string, t report.Type) report.Field {
	return report.Field{Name: "\x00" + name, Type: t}
}
