package report

import "strings"

// Kind is the SQL type family of a [Type].
type Kind uint8

// The kinds that the report's values have. The comment names the SQL type.
const (
	Boolean     Kind = iota + 1 // BOOLEAN
	Integer                     // INTEGER, 32 bits
	BigInt                      // BIGINT, 64 bits
	Double                      // DOUBLE, only for custom fields
	Varchar                     // VARCHAR, UTF-8
	AnyText                     // VARCHAR that also takes objects and arrays, as their JSON; for custom fields
	DateKind                    // DATE, days since 1970-01-01
	TimestampTZ                 // TIMESTAMP WITH TIME ZONE, microseconds since 1970-01-01 UTC
	Decimal                     // DECIMAL(18,4), see DecimalPrecision and DecimalScale
	Struct                      // STRUCT(…), its fields in Type.Fields
	List                        // …[], its element in Type.Elem
)

// Precision and scale of [Decimal]: money of up to 14 digits before and 4 after
// the point, which is finer than any ISO 4217 currency needs.
const (
	DecimalPrecision = 18
	DecimalScale     = 4
)

// Type is the type of a column, of a struct's field or of a list's element.
type Type struct {
	Kind   Kind
	Fields []Field // the fields of a Struct, in order
	Elem   *Type   // the element of a List
}

// SQL is the type as DuckDB writes it, for example
// "STRUCT(id BIGINT, label VARCHAR)[]", with keywords among the names quoted.
func (t Type) SQL() string {
	switch t.Kind {
	case Boolean:
		return "BOOLEAN"
	case Integer:
		return "INTEGER"
	case BigInt:
		return "BIGINT"
	case Double:
		return "DOUBLE"
	case Varchar, AnyText:
		return "VARCHAR"
	case DateKind:
		return "DATE"
	case TimestampTZ:
		return "TIMESTAMP WITH TIME ZONE"
	case Decimal:
		return "DECIMAL(18,4)"
	case Struct:
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			name := f.Name
			if reservedField[name] {
				name = `"` + name + `"`
			}
			parts[i] = name + " " + f.Type.SQL()
		}
		return "STRUCT(" + strings.Join(parts, ", ") + ")"
	case List:
		return t.Elem.SQL() + "[]"
	}
	return "INVALID"
}

// reservedField contains the field names that are keywords of DuckDB and must be quoted.
var reservedField = map[string]bool{"decimal": true, "name": true, "role": true, "type": true}

// Field is one column of a report, or one field of a struct.
type Field struct {
	Name string
	Type Type
	// Keys are the values by which the parameter Roles.Columns selects this field, the
	// preferred one first. A field of a struct without keys is only returned with the
	// complete struct.
	Keys []string
	// Doc describes the field in one line, without a full stop.
	Doc string
}

// fieldIn returns the field of this dotted name.
func fieldIn(fields []Field, path string) (Field, bool) {
	name, rest, nested := strings.Cut(path, ".")
	for _, f := range fields {
		if f.Name == name && nested {
			return fieldIn(f.Type.Fields, rest)
		} else if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

var (
	boolean   = Type{Kind: Boolean}
	integer   = Type{Kind: Integer}
	bigint    = Type{Kind: BigInt}
	text      = Type{Kind: Varchar}
	date      = Type{Kind: DateKind}
	timestamp = Type{Kind: TimestampTZ}
	bigints   = listOf(bigint)
	texts     = listOf(text)
)

func col(name string, k Kind, doc string) Field {
	return Field{Name: name, Type: Type{Kind: k}, Keys: []string{name}, Doc: doc}
}

func part(name string, k Kind, doc string, keys ...string) Field {
	return Field{Name: name, Type: Type{Kind: k}, Keys: keys, Doc: doc}
}

func record(name, doc string, fields ...Field) Field {
	return Field{Name: name, Type: Type{Kind: Struct, Fields: fields}, Keys: []string{name}, Doc: doc}
}

// within is a struct in a struct, with the keys by which it is selected.
func within(name, doc string, keys []string, fields ...Field) Field {
	return Field{Name: name, Type: Type{Kind: Struct, Fields: fields}, Keys: keys, Doc: doc}
}

func listOf(t Type) Type { return Type{Kind: List, Elem: &t} }

// reference is the shape in which the report names another object.
func reference() Type {
	return Type{Kind: Struct, Fields: []Field{
		part("id", BigInt, "Identifier"),
		part("name", Varchar, "Name"),
	}}
}

func memberships(name, doc string) Field {
	return Field{Name: name, Keys: []string{name}, Doc: doc, Type: listOf(Type{Kind: Struct, Fields: []Field{
		part("id", BigInt, "Identifier of the customer's membership"),
		{Name: "membership", Type: reference(), Doc: "The membership"},
	}})}
}

func money(name, doc string) Field {
	return record(name, doc,
		part("decimal", Decimal, "The amount"),
		part("string", Varchar, "The amount as the business shows it, for example £45"),
		part("iso_currency_code", Varchar, "Currency, for example gbp"),
		part("currency_symbol", Varchar, "Symbol of the currency, for example £"),
		part("currency_symbol_position", Varchar, "before or after"))
}
