package render

import (
	"strings"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// column describes a column of a result.
type column struct {
	name     string
	typeName string // as SQL writes it
	box      string // as duckbox writes it
	id       mapping.Type
	numeric  bool
	nested   bool
	json     bool
}

func newColumn(name, typeName string, t mapping.LogicalType) column {
	id := mapping.GetTypeId(t)
	return column{
		name: name, typeName: typeName, id: id,
		box:     boxType(t, typeName),
		numeric: isNumeric(id),
		nested:  isNested(id),
		json:    isJSON(t),
	}
}

func isNumeric(id mapping.Type) bool {
	switch id {
	case mapping.TypeTinyInt, mapping.TypeSmallInt, mapping.TypeInteger, mapping.TypeBigInt, mapping.TypeHugeInt,
		mapping.TypeUTinyInt, mapping.TypeUSmallInt, mapping.TypeUInteger, mapping.TypeUBigInt, mapping.TypeUHugeInt,
		mapping.TypeFloat, mapping.TypeDouble, mapping.TypeDecimal:
		return true
	}
	return false
}

func isFloating(id mapping.Type) bool { return id == mapping.TypeFloat || id == mapping.TypeDouble }

func isNested(id mapping.Type) bool {
	switch id {
	case mapping.TypeStruct, mapping.TypeList, mapping.TypeMap, mapping.TypeArray, mapping.TypeUnion, mapping.TypeVariant:
		return true
	}
	return false
}

func isJSON(t mapping.LogicalType) bool {
	return mapping.GetTypeId(t) == mapping.TypeVarchar && mapping.LogicalTypeGetAlias(t) == "JSON"
}

// asJSON reports whether the JSON modes use DuckDB's cast to JSON for values of the type.
func asJSON(t mapping.LogicalType) bool {
	id := mapping.GetTypeId(t)
	return isNested(id) || isFloating(id)
}

// boxType returns the type as duckbox prints it below the column's name: integers by their
// number of bits, others in lower case.
func boxType(t mapping.LogicalType, name string) string {
	if mapping.LogicalTypeGetAlias(t) != "" {
		return strings.ToLower(name)
	}
	id := mapping.GetTypeId(t)
	if bits, ok := boxNumbers[id]; ok {
		return bits
	}
	if id == mapping.TypeList {
		elem := mapping.ListTypeChildType(t)
		defer mapping.DestroyLogicalType(&elem)
		return boxType(elem, strings.TrimSuffix(name, "[]")) + "[]"
	}
	return strings.ToLower(name)
}

var boxNumbers = map[mapping.Type]string{
	mapping.TypeTinyInt: "int8", mapping.TypeSmallInt: "int16", mapping.TypeInteger: "int32",
	mapping.TypeBigInt: "int64", mapping.TypeHugeInt: "int128",
	mapping.TypeUTinyInt: "uint8", mapping.TypeUSmallInt: "uint16", mapping.TypeUInteger: "uint32",
	mapping.TypeUBigInt: "uint64", mapping.TypeUHugeInt: "uint128",
}
