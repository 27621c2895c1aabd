package pushdown

import (
	"bytes"
	"math/big"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// object is a JSON object of the plan. Its values are object, []any, string, number, bool
// and nil. The accessors do not fail: they return zero values for a member that is missing
// or has another type, so that plans of unknown shapes can be read.
type object map[string]any

// number keeps a JSON number as text: DuckDB writes 64-bit integers.
type number string

// bulky contains the members that make up most of a plan and are not used.
var bulky = map[string]bool{
	"returned_types": true, "extra_info": true, "bindings": true,
	"bound_columns": true, "query_location": true, "stack_trace": true,
	"stack_trace_pointers": true, "arguments": true, "original_arguments": true,
}

func parseTree(text []byte) (object, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(quoteSpecials(text)),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	v, err := parseValue(dec)
	if err != nil {
		return nil, err
	}
	o, _ := v.(object)
	return o, nil
}

func parseValue(dec *jsontext.Decoder) (any, error) {
	tok, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch tok.Kind() {
	case '{':
		return parseObject(dec)
	case '[':
		list := []any{}
		for dec.PeekKind() != ']' {
			v, err := parseValue(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := dec.ReadToken()
		return list, err
	case '"':
		return tok.String(), nil
	case '0':
		return number(tok.String()), nil
	case 't', 'f':
		return tok.Bool(), nil
	}
	return nil, nil
}

func parseObject(dec *jsontext.Decoder) (any, error) {
	o := object{}
	for dec.PeekKind() != '}' {
		tok, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		name := tok.String()
		if bulky[name] {
			if err := dec.SkipValue(); err != nil {
				return nil, err
			}
			continue
		}
		if o[name], err = parseValue(dec); err != nil {
			return nil, err
		}
	}
	_, err := dec.ReadToken()
	return o, err
}

// quoteSpecials quotes the bare NaN and Infinity that DuckDB writes for such doubles,
// because JSON does not have them.
func quoteSpecials(text []byte) []byte {
	if !bytes.Contains(text, []byte("NaN")) && !bytes.Contains(text, []byte("Infinity")) {
		return text
	}
	var out []byte
	inString := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\' && i+1 < len(text):
			out = append(out, c)
			i++
		case c == '"':
			inString = !inString
		case !inString:
			if word := specialAt(text[i:]); word != "" {
				out = append(append(append(out, '"'), word...), '"')
				i += len(word) - 1
				continue
			}
		}
		out = append(out, text[i])
	}
	return out
}

func specialAt(text []byte) string {
	for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
		if bytes.HasPrefix(text, []byte(word)) {
			return word
		}
	}
	return ""
}

func (o object) text(name string) string { s, _ := o[name].(string); return s }

func (o object) flag(name string) bool { b, _ := o[name].(bool); return b }

func (o object) object(name string) object { m, _ := o[name].(object); return m }

func (o object) list(name string) []any { l, _ := o[name].([]any); return l }

// objects is the list's members as objects; one of another type is an empty object.
func (o object) objects(name string) []object {
	list := o.list(name)
	out := make([]object, len(list))
	for i, v := range list {
		out[i], _ = v.(object)
	}
	return out
}

// uint returns the member as an unsigned integer. ok is false if it is not one.
func (o object) uint(name string) (n uint64, ok bool) { return toUint(o[name]) }

// uints returns a list of unsigned integers. ok is false if an element is not one.
func (o object) uints(name string) (out []uint64, ok bool) {
	for _, v := range o.list(name) {
		n, ok := toUint(v)
		if !ok {
			return nil, false
		}
		out = append(out, n)
	}
	return out, true
}

func toUint(v any) (uint64, bool) {
	n := toInt(v)
	if n == nil || !n.IsUint64() {
		return 0, false
	}
	return n.Uint64(), true
}

// toInt returns a JSON number without fraction and exponent, nil for any other value.
func toInt(v any) *big.Int {
	s, ok := v.(number)
	if !ok || strings.ContainsAny(string(s), ".eE") {
		return nil
	}
	n, _ := new(big.Int).SetString(string(s), 10)
	return n
}
