package tablefunc

import (
	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// columnKeys is what a request asks for to read these columns: their names, or
// where the plan reads only parts of a struct that the report gives one by one,
// the keys of those parts.
func columnKeys(projection []report.Field, planned []pushdown.ColumnRef) []string {
	parts := map[string][]pushdown.ColumnRef{}
	catalogue := report.Columns()
	for _, ref := range planned {
		if ref.Index < uint64(len(catalogue)) {
			parts[catalogue[ref.Index].Name] = ref.Parts
		}
	}
	var keys []string
	for _, c := range projection {
		if some := partKeys(c, parts[c.Name]); some != nil {
			keys = append(keys, some...)
		} else {
			keys = append(keys, c.Name)
		}
	}
	return keys
}

// partKeys are the keys of the parts of a column, nil where a part has none, or
// where the column is read whole.
func partKeys(column report.Field, parts []pushdown.ColumnRef) []string {
	var keys []string
	for _, p := range parts {
		if p.Index >= uint64(len(column.Type.Fields)) || len(column.Type.Fields[p.Index].Keys) == 0 {
			return nil
		}
		keys = append(keys, column.Type.Fields[p.Index].Keys[0])
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
