package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Parameter describes one query parameter of a report.
type Parameter struct {
	Name string
	Type Type   // the SQL type of its value; arrays are lists
	Want string // the allowed values, for error messages
	Doc  string // one line, without a full stop
	// Engine marks the parameters of paging and projection, which the engine sets: they
	// are not named parameters of the SQL function.
	Engine bool
	// Answers is the predicate that the parameter carries to the report. Its zero value:
	// none, the parameter is reached only by name.
	Answers Answer
	// Min and Max are the bounds of integers and of the integers in a list. A Max of 0 is
	// no bound.
	Min, Max int64
	// Words are the texts that are allowed, in the order in which a list is sent; nil
	// allows any text. New fills in those of Roles.Columns, Roles.Sort and Roles.AnyOf.
	Words []string

	sort bool // a list whose order matters, of words with or without a - in front
}

// Operator is the comparison that a parameter carries out on a column.
type Operator uint8

// The operators, as the report documents them.
const (
	NoOperator Operator = iota
	Equal               // column = value
	Greater             // column > value
	AtLeast             // column >= value
	AtMost              // column <= value
	OneOf               // column IN (values)
	Positive            // true: rows with column > 0, and perhaps others; false is not understood
)

// Answer ties a parameter to the predicate that it carries out.
type Answer struct {
	Column   string // a column's name, or the dotted name of a struct's field
	Operator Operator
	// Margin is added to a bound before it is sent, because TeamUp does not document the
	// precision of its comparisons. Zero: the bound is exact.
	Margin time.Duration
	// Texts are the column's texts for the words of a list, if they differ from the words.
	Texts map[string]string
	// Reason is why rows of the response need not satisfy the predicate. It is "" if
	// Operator and Margin imply that.
	Reason string
}

// Text returns the text that the column has for a word of the parameter.
func (a Answer) Text(word string) string {
	if text, ok := a.Texts[word]; ok {
		return text
	}
	return word
}

// maxText is the most characters of a free text.
const maxText = 200

// Check returns a [*ParameterError] unless the parameter takes the value: a bool,
// int64, string, [Date] or time.Time by the parameter's kind, []int64 or []string for a
// list.
func (p *Parameter) Check(v any) error {
	bad := ""
	switch v := v.(type) {
	case bool:
		bad = p.wrong(Boolean, v, "")
	case int64:
		bad = p.wrong(BigInt, v, p.badNumber(v))
	case string:
		bad = p.wrong(Varchar, v, p.badText(v))
	case Date:
		bad = p.wrong(DateKind, v, p.badYear(v.Time(), p.text(v)))
	case time.Time:
		bad = p.wrong(TimestampTZ, v, p.badYear(v.UTC(), p.text(v)))
	case []int64:
		bad = p.wrong(List, v, firstBad(v, p.badNumber))
	case []string:
		bad = p.wrong(List, v, firstBad(v, p.badText))
	default:
		bad = fmt.Sprintf("%T", v)
	}
	if bad != "" {
		return &ParameterError{p.Name, shorten(bad), p.Want}
	}
	return nil
}

// wrong returns the problem of a value: its type, if that is not of the kind, otherwise
// bad.
func (p *Parameter) wrong(k Kind, v any, bad string) string {
	kind := p.Type.Kind
	if kind == Integer {
		kind = BigInt
	}
	_, numbers := v.([]int64)
	if kind != k || kind == List && numbers != (p.Type.Elem.Kind == BigInt) {
		return fmt.Sprintf("%T", v)
	}
	return bad
}

func firstBad[T any](list []T, bad func(T) string) string {
	for _, v := range list {
		if s := bad(v); s != "" {
			return s
		}
	}
	return ""
}

func (p *Parameter) badNumber(n int64) string {
	if n < p.Min || p.Max > 0 && n > p.Max {
		return strconv.FormatInt(n, 10)
	}
	return ""
}

func (p *Parameter) badText(s string) string {
	word := s
	if p.sort {
		word = strings.TrimPrefix(s, "-")
	}
	if p.Words != nil && !slices.Contains(p.Words, word) || strings.TrimSpace(s) == "" || len([]rune(s)) > maxText {
		return strconv.Quote(shorten(s))
	}
	return ""
}

func (p *Parameter) badYear(t time.Time, text string) string {
	if yearInRange(t) {
		return ""
	}
	return text
}

// text is a value in documented form. It does not check the value.
func (p *Parameter) text(v any) string {
	switch v := v.(type) {
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case []int64:
		list := slices.Compact(slices.Sorted(slices.Values(v)))
		parts := make([]string, len(list))
		for i, n := range list {
			parts[i] = strconv.FormatInt(n, 10)
		}
		return strings.Join(parts, ",")
	case []string:
		if !p.sort {
			place := make(map[string]int, len(p.Words))
			for i, word := range p.Words {
				place[word] = i
			}
			v = slices.Clone(v)
			slices.SortStableFunc(v, func(a, b string) int { return cmp.Compare(place[a], place[b]) })
			v = slices.Compact(v)
		}
		return strings.Join(v, ",")
	}
	return fmt.Sprint(v)
}

// parse reads a value in documented form. It does not check the value.
func (p *Parameter) parse(s string) (v any, err error) {
	switch p.Type.Kind {
	case Boolean:
		v, err = s == "true", nil
		if s != "true" && s != "false" {
			err = strconv.ErrSyntax
		}
	case Integer, BigInt:
		v, err = strconv.ParseInt(s, 10, 64)
	case DateKind:
		v, err = ParseDate(s)
	case TimestampTZ:
		v, err = time.Parse(time.RFC3339Nano, s)
	case List:
		v, err = p.parseList(s)
	default:
		v = s
	}
	if err != nil {
		return nil, &ParameterError{p.Name, strconv.Quote(shorten(s)), p.Want}
	}
	return v, nil
}

// parseList reads a comma-separated list; an empty one is empty, not nil.
func (p *Parameter) parseList(s string) (any, error) {
	texts := []string{}
	if s != "" {
		texts = strings.Split(s, ",")
	}
	if p.Type.Elem.Kind != BigInt {
		return texts, nil
	}
	numbers := make([]int64, len(texts))
	for i, text := range texts {
		var err error
		if numbers[i], err = strconv.ParseInt(text, 10, 64); err != nil {
			return nil, err
		}
	}
	return numbers, nil
}
