package fields

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/report"
)

// TeamUp documents neither the keys of custom fields in the rows, nor which column header
// belongs to which id, nor what an unknown id does. So a first page with only these fields
// is requested and checked.

// Field is a custom field as one business has it.
type Field struct {
	Label, Key string
	Kind       report.Kind // by the values of the sample; 0: all NULL
	// Guessed reports whether the header was matched to the id by its position only. Such
	// fields are always requested together, so that a wrong match does not mix them with
	// others.
	Guessed bool
}

func join(ids []int64) string {
	var parts []string
	for _, id := range ids {
		parts = append(parts, strconv.FormatInt(id, 10))
	}
	return strings.Join(parts, ", ")
}

// findFields requests custom fields of one business. The result does not contain fields
// that the business does not have. refused is TeamUp's error for such a field.
func findFields(ctx context.Context, ask func(ctx context.Context, ids []int64) (*fieldSample, error), ids []int64) (found map[int64]Field, refused, err error) {
	sample, err := ask(ctx, ids)
	rest := ids
	switch {
	case err == nil:
		found, rest = sample.fields(ids)
	case !isRefusal(err):
		return nil, nil, err
	default:
		found, refused = map[int64]Field{}, err
	}
	if len(rest) == 0 || len(ids) == 1 {
		return found, refused, nil
	}
	// The error for all ids does not name the unknown one, so request each id.
	for _, id := range rest {
		sample, err := ask(ctx, []int64{id})
		if isRefusal(err) {
			refused = err
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		one, _ := sample.fields([]int64{id})
		for id, f := range one {
			f.Guessed = false // there was no other
			found[id] = f
		}
	}
	return found, refused, nil
}

// isRefusal reports whether TeamUp rejected the ids.
func isRefusal(err error) bool {
	var api *httpsource.APIError
	return errors.As(err, &api) && api.Status == http.StatusBadRequest && !strings.HasPrefix(api.Code, "provider_header")
}

// fieldSample is a response with custom fields.
type fieldSample struct {
	of      *report.Report
	Headers []arrowconv.Header           `json:"column_headers"`
	Rows    []map[string]json.RawMessage `json:"rows"`
}

// fields matches headers and ids. unclear contains the ids for which no header is certain.
func (s *fieldSample) fields(ids []int64) (found map[int64]Field, unclear []int64) {
	headers := s.custom()
	found = map[int64]Field{}
	put := func(id int64, h arrowconv.Header, guessed bool) {
		found[id] = Field{Label: strings.ReplaceAll(h.Label, "\x00", ""), Key: h.Key, Kind: s.kind(h.Key), Guessed: guessed}
	}
	named := map[int64][]int{} // headers whose key has the id in it
	for i, h := range headers {
		if in := idsIn(h.Key, ids); len(in) == 1 {
			named[in[0]] = append(named[in[0]], i)
		}
	}
	taken := map[int]bool{}
	for _, id := range ids {
		if at := named[id]; len(at) == 1 {
			put(id, headers[at[0]], false)
			taken[at[0]] = true
		} else {
			unclear = append(unclear, id)
		}
	}
	var left []arrowconv.Header
	for i, h := range headers {
		if !taken[i] {
			left = append(left, h)
		}
	}
	switch len(left) {
	case 0:
		return found, nil
	case len(unclear):
		// Ids are sent in ascending order.
		for i, id := range slices.Sorted(slices.Values(unclear)) {
			put(id, left[i], true)
		}
		return found, nil
	}
	return found, unclear
}

// custom returns the headers of custom fields, each with a different key.
func (s *fieldSample) custom() []arrowconv.Header {
	times := map[string]int{}
	for _, h := range s.Headers {
		times[h.Key]++
	}
	return slices.DeleteFunc(slices.Clone(s.Headers), func(h arrowconv.Header) bool {
		return h.Key == "" || h.HoldsCustomerID || times[h.Key] > 1 || s.of.HasKey(h.Key)
	})
}

// idsIn returns the ids that a key contains as numbers.
func idsIn(key string, ids []int64) []int64 {
	var in []int64
	for digits := range strings.FieldsFuncSeq(key, func(r rune) bool { return r < '0' || r > '9' }) {
		if n, err := strconv.ParseInt(digits, 10, 64); err == nil && slices.Contains(ids, n) && !slices.Contains(in, n) {
			in = append(in, n)
		}
	}
	return in
}

// kind returns the type of all values of the sample, 0 if all are NULL.
func (s *fieldSample) kind(key string) report.Kind {
	var k report.Kind
	for _, row := range s.Rows {
		k = wider(k, kindOf(valueAt(row, key)))
	}
	return k
}

// valueAt returns a value by its key, which may be the name of a member or a path to one.
func valueAt(row map[string]json.RawMessage, key string) json.RawMessage {
	if v, ok := row[key]; ok {
		return v
	}
	head, rest, dotted := strings.Cut(key, ".")
	var inner map[string]json.RawMessage
	if !dotted || json.Unmarshal(row[head], &inner) != nil {
		return nil
	}
	return valueAt(inner, rest)
}

func kindOf(v json.RawMessage) report.Kind {
	switch {
	case len(v) == 0 || v[0] == 'n':
		return 0
	case v[0] == 't' || v[0] == 'f':
		return report.Boolean
	case v[0] != '-' && (v[0] < '0' || v[0] > '9'):
		return report.AnyText
	}
	if _, err := strconv.ParseInt(string(v), 10, 64); err == nil {
		return report.BigInt
	}
	if _, err := strconv.ParseFloat(string(v), 64); err == nil && strings.ContainsAny(string(v), ".eE") {
		return report.Double
	}
	return report.AnyText
}

// wider is the type that takes the values of both; 0 has none but NULL.
func wider(a, b report.Kind) report.Kind {
	numbers := func(k report.Kind) bool { return k == report.BigInt || k == report.Double }
	switch {
	case a == b || b == 0:
		return a
	case a == 0:
		return b
	case numbers(a) && numbers(b):
		return report.Double
	}
	return report.AnyText
}
