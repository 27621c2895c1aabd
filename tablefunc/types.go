package tablefunc

import (
	"time"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/report"
)

// logicalType makes the DuckDB type of t. The caller destroys it.
func logicalType(t report.Type) mapping.LogicalType {
	switch t.Kind {
	case report.Decimal:
		return mapping.CreateDecimalType(report.DecimalPrecision, report.DecimalScale)
	case report.List:
		elem := logicalType(*t.Elem)
		defer mapping.DestroyLogicalType(&elem)
		return mapping.CreateListType(elem)
	case report.Struct:
		types := make([]mapping.LogicalType, len(t.Fields))
		names := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			types[i], names[i] = logicalType(f.Type), f.Name
			defer mapping.DestroyLogicalType(&types[i])
		}
		return mapping.CreateStructType(types, names)
	default:
		return mapping.CreateLogicalType(primitive[t.Kind])
	}
}

var primitive = map[report.Kind]mapping.Type{
	report.Boolean:     mapping.TypeBoolean,
	report.Integer:     mapping.TypeInteger,
	report.BigInt:      mapping.TypeBigInt,
	report.Double:      mapping.TypeDouble,
	report.Varchar:     mapping.TypeVarchar,
	report.AnyText:     mapping.TypeVarchar,
	report.DateKind:    mapping.TypeDate,
	report.TimestampTZ: mapping.TypeTimestampTZ,
}

// goValue reads a DuckDB value of type t: bool, int64, string, report.Date,
// time.Time, []int64 or []string; nil for NULL.
func goValue(v mapping.Value, t report.Type) any {
	if v.Ptr == nil || mapping.IsNullValue(v) {
		return nil
	}
	switch t.Kind {
	case report.Boolean:
		return mapping.GetBool(v)
	case report.Integer, report.BigInt:
		return mapping.GetInt64(v)
	case report.Varchar:
		return mapping.GetVarchar(v)
	case report.DateKind:
		d := mapping.GetDate(v)
		return report.Date(mapping.DateMembers(&d))
	case report.TimestampTZ:
		ts := mapping.GetTimestampTZ(v)
		return instantOf(mapping.TimestampMembers(&ts))
	case report.List:
		return listValue(v, *t.Elem)
	}
	return nil
}

// listValue reads a list; a NULL in it makes the whole value a list of any with
// that nil, which no parameter takes.
func listValue(v mapping.Value, elem report.Type) any {
	n := mapping.GetListSize(v)
	numbers, texts := []int64{}, []string{}
	for i := range n {
		child := mapping.GetListChild(v, i)
		value := goValue(child, elem)
		mapping.DestroyValue(&child)
		switch value := value.(type) {
		case int64:
			numbers = append(numbers, value)
		case string:
			texts = append(texts, value)
		default:
			return []any{nil}
		}
	}
	if elem.Kind == report.Varchar {
		return texts
	}
	return numbers
}

// instantOf turns DuckDB's microseconds into a time. DuckDB's infinities become
// times far outside the years that the report takes.
func instantOf(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
