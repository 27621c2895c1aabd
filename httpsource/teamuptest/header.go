package teamuptest

import (
	"slices"
	"strings"

	"github.com/teamupsql/teamupsql/report"
)

// header describes a column of the response, as TeamUp documents it.
type header struct {
	Label    string  `json:"label"`
	Key      string  `json:"key"`
	Sortable bool    `json:"sortable"`
	HoldsID  bool    `json:"holds_customer_id,omitempty"`
	Sorted   *sorted `json:"sorted,omitempty"`
	Required bool    `json:"required,omitempty"`
}

type sorted struct {
	Order    string `json:"order"`
	Priority int    `json:"priority"`
}

// addHeaders describes a source under the keys that the rows have for it.
func (l *layout) addHeaders(s source, sort []string, shape PartShape) {
	if shape != AllFlat || s.part != nil || s.column.parts == nil {
		l.addHeader(s, sort)
		return
	}
	for i := range s.column.parts {
		l.addHeader(source{s.column, &s.column.parts[i]}, sort)
	}
}

func (l *layout) addHeader(s source, sort []string) {
	h := header{Label: label(s.name()), Key: s.name(), Sortable: s.scalar() != nil}
	if slices.ContainsFunc(l.headers, func(o header) bool { return o.Key == h.Key }) {
		return
	}
	if h.Key == report.Customers.Key {
		h.HoldsID, h.Required = true, true
	}
	for i, key := range sort {
		if bare := strings.TrimPrefix(key, "-"); sources[bare].name() == h.Key {
			h.Sorted = &sorted{"asc", i}
			if bare != key {
				h.Sorted.Order = "desc"
			}
			break
		}
	}
	l.headers = append(l.headers, h)
}

// label makes "Venue name" of "venue.name".
func label(name string) string {
	if name == report.Customers.Key {
		return "Customer ID"
	}
	s := blanks.Replace(name)
	return strings.ToUpper(s[:1]) + s[1:]
}

var blanks = strings.NewReplacer(".", " ", "_", " ")
