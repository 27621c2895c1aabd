package arrowconv

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/teamupsql/teamupsql/report"
)

// MetadataComment is the metadata key under which a field of [Schema] contains the
// description of the column.
const MetadataComment = "comment"

// Schema returns the Arrow schema of the columns, in their order: TIMESTAMPTZ is
// timestamp[us, UTC], DATE is date32, DECIMAL(18,4) is decimal128(18, 4), VARCHAR is utf8.
// Every field is nullable. Schema panics if a type is incomplete; no type of package
// report is.
func Schema(columns []report.Field) *arrow.Schema {
	return arrow.NewSchema(arrowFields(columns), nil)
}

func arrowFields(columns []report.Field) []arrow.Field {
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{Name: c.Name, Type: arrowType(c.Type), Nullable: true}
		if c.Doc != "" {
			fields[i].Metadata = arrow.NewMetadata([]string{MetadataComment}, []string{c.Doc})
		}
	}
	return fields
}

// arrowType returns the Arrow type of t, which must be complete; NewDecoder checks that.
func arrowType(t report.Type) arrow.DataType {
	switch t.Kind {
	case report.Boolean:
		return arrow.FixedWidthTypes.Boolean
	case report.Integer:
		return arrow.PrimitiveTypes.Int32
	case report.BigInt:
		return arrow.PrimitiveTypes.Int64
	case report.Double:
		return arrow.PrimitiveTypes.Float64
	case report.Varchar, report.AnyText:
		return arrow.BinaryTypes.String
	case report.DateKind:
		return arrow.FixedWidthTypes.Date32
	case report.TimestampTZ:
		return arrow.FixedWidthTypes.Timestamp_us
	case report.Decimal:
		return &arrow.Decimal128Type{Precision: report.DecimalPrecision, Scale: report.DecimalScale}
	case report.Struct:
		return arrow.StructOf(arrowFields(t.Fields)...)
	case report.List:
		return arrow.ListOf(arrowType(*t.Elem))
	}
	return nil
}
