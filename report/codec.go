package report

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxInt   = math.MaxInt
	maxInt64 = math.MaxInt64
)

// codec moves one parameter's value between a Query, text and Go values.
type codec struct {
	name, want string

	// text is the value in documented form, and whether the parameter is set.
	text func(q *Query) (string, bool)
	// read takes the documented form.
	read func(q *Query, s string) error
	// valid says what is wrong with the value, "" for nothing.
	valid func(q *Query) string
	// put takes a Go value, see Parameter.Set.
	put func(q *Query, v any) bool
}

var errForm = errors.New("wrong form")

func (c *codec) encode(q *Query) (string, bool) { return c.text(q) }

func (c *codec) check(q *Query) error {
	if bad := c.valid(q); bad != "" {
		return &ParameterError{c.name, shorten(bad), c.want}
	}
	return nil
}

func (c *codec) parse(q *Query, s string) error {
	if err := c.read(q, s); err != nil {
		return &ParameterError{c.name, strconv.Quote(shorten(s)), c.want}
	}
	return nil
}

// Set puts a Go value into q: bool, int, int64, string, [Date] or time.Time for
// the parameter's kind, []int64 or []string for a list. The error is a
// [*ParameterError] when the value has another type or is not allowed.
func (p *Parameter) Set(q *Query, v any) error {
	if !p.put(q, v) {
		return &ParameterError{p.Name, fmt.Sprintf("%T", v), p.Want}
	}
	return p.check(q)
}

// Text is the parameter's value in q in documented form; ok is false where the
// parameter is not set.
func (p *Parameter) Text(q *Query) (text string, ok bool) { return p.encode(q) }

func truth(at func(*Query) **bool) codec {
	return codec{
		text: func(q *Query) (string, bool) {
			b := *at(q)
			return strconv.FormatBool(b != nil && *b), b != nil
		},
		read: func(q *Query, s string) error {
			switch s {
			case "true", "false":
				b := s == "true"
				*at(q) = &b
				return nil
			}
			return errForm
		},
		valid: func(*Query) string { return "" },
		put:   func(q *Query, v any) bool { return store(at(q), v) },
	}
}

func number[T int | int64](at func(*Query) **T, least, most T) codec {
	return codec{
		text: func(q *Query) (string, bool) {
			if n := *at(q); n != nil {
				return strconv.FormatInt(int64(*n), 10), true
			}
			return "", false
		},
		read: func(q *Query, s string) error {
			n, err := strconv.ParseInt(s, 10, 64)
			if err != nil {
				return err
			}
			t := T(n)
			*at(q) = &t
			return nil
		},
		valid: func(q *Query) string {
			if n := *at(q); n != nil && (*n < least || *n > most) {
				return strconv.FormatInt(int64(*n), 10)
			}
			return ""
		},
		put: func(q *Query, v any) bool { return store(at(q), v) },
	}
}

func instant(at func(*Query) **time.Time) codec {
	return codec{
		text: func(q *Query) (string, bool) {
			if t := *at(q); t != nil {
				return t.UTC().Format(time.RFC3339Nano), true
			}
			return "", false
		},
		read: func(q *Query, s string) error {
			t, err := time.Parse(time.RFC3339Nano, s)
			if err == nil {
				*at(q) = &t
			}
			return err
		},
		valid: func(q *Query) string {
			if t := *at(q); t != nil && !yearInRange(t.UTC()) {
				return t.UTC().Format(time.RFC3339Nano)
			}
			return ""
		},
		put: func(q *Query, v any) bool { return store(at(q), v) },
	}
}

func day(at func(*Query) **Date) codec {
	return codec{
		text: func(q *Query) (string, bool) {
			if d := *at(q); d != nil {
				return d.String(), true
			}
			return "", false
		},
		read: func(q *Query, s string) error {
			d, err := ParseDate(s)
			if err == nil {
				*at(q) = &d
			}
			return err
		},
		valid: func(q *Query) string {
			if d := *at(q); d != nil && !d.inRange() {
				return d.String()
			}
			return ""
		},
		put: func(q *Query, v any) bool { return store(at(q), v) },
	}
}

func freeText(at func(*Query) **string) codec {
	const most = 200
	return codec{
		text: func(q *Query) (string, bool) {
			if s := *at(q); s != nil {
				return *s, true
			}
			return "", false
		},
		read: func(q *Query, s string) error { *at(q) = &s; return nil },
		valid: func(q *Query) string {
			if s := *at(q); s != nil && (strings.TrimSpace(*s) == "" || len([]rune(*s)) > most) {
				return strconv.Quote(shorten(*s))
			}
			return ""
		},
		put: func(q *Query, v any) bool { return store(at(q), v) },
	}
}

func enumerated(at func(*Query) *string, allowed ...string) codec {
	return codec{
		text: func(q *Query) (string, bool) { return *at(q), *at(q) != "" },
		read: func(q *Query, s string) error {
			if !slices.Contains(allowed, s) {
				return errForm
			}
			*at(q) = s
			return nil
		},
		valid: func(q *Query) string {
			if s := *at(q); s != "" && !slices.Contains(allowed, s) {
				return strconv.Quote(s)
			}
			return ""
		},
		put: func(q *Query, v any) bool {
			s, ok := v.(string)
			*at(q) = s
			return ok
		},
	}
}

func idList(at func(*Query) *[]int64) codec {
	return codec{
		text: func(q *Query) (string, bool) {
			list := slices.Clone(*at(q))
			slices.Sort(list)
			list = slices.Compact(list)
			parts := make([]string, len(list))
			for i, n := range list {
				parts[i] = strconv.FormatInt(n, 10)
			}
			return strings.Join(parts, ","), *at(q) != nil
		},
		read: func(q *Query, s string) error {
			list := []int64{}
			for _, part := range splitList(s) {
				n, err := strconv.ParseInt(part, 10, 64)
				if err != nil {
					return err
				}
				list = append(list, n)
			}
			*at(q) = list
			return nil
		},
		valid: func(q *Query) string {
			for _, n := range *at(q) {
				if n < 1 {
					return strconv.FormatInt(n, 10)
				}
			}
			return ""
		},
		put: func(q *Query, v any) bool {
			list, ok := v.([]int64)
			*at(q) = list
			return ok
		},
	}
}

func columnList(at func(*Query) *[]string) codec {
	return textList(at, func(s string) bool { _, ok := keyOrder[s]; return ok },
		func(a, b string) int { return keyOrder[a] - keyOrder[b] })
}

func sortList(at func(*Query) *[]string) codec {
	return textList(at, func(s string) bool { _, ok := keyOrder[strings.TrimPrefix(s, "-")]; return ok }, nil)
}

func traitList(at func(*Query) *[]string) codec {
	return textList(at, func(s string) bool {
		return slices.ContainsFunc(traits, func(t Trait) bool { return t.Name == s })
	}, strings.Compare)
}

// textList is a list of words, brought into this order and rid of doubles; order is
// nil where the order means something.
func textList(at func(*Query) *[]string, allowed func(string) bool, order func(a, b string) int) codec {
	return codec{
		text: func(q *Query) (string, bool) {
			list := slices.Clone(*at(q))
			if order != nil {
				slices.SortFunc(list, order)
				list = slices.Compact(list)
			}
			return strings.Join(list, ","), *at(q) != nil
		},
		read: func(q *Query, s string) error { *at(q) = splitList(s); return nil },
		valid: func(q *Query) string {
			for _, s := range *at(q) {
				if !allowed(s) {
					return strconv.Quote(shorten(s))
				}
			}
			return ""
		},
		put: func(q *Query, v any) bool {
			list, ok := v.([]string)
			*at(q) = list
			return ok
		},
	}
}

// splitList takes a comma-separated list apart; an empty one is empty, not nil.
func splitList(s string) []string {
	if s == "" {
		return []string{}
	}
	return strings.Split(s, ",")
}

func store[T any](at **T, v any) bool {
	t, ok := v.(T)
	if ok {
		*at = &t
	}
	return ok
}
