package teamuptest

import (
	"slices"
	"strings"
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

// addHeaders describes a field under the keys that the rows have for it.
func (l *layout) addHeaders(t trail, sort []string, shape PartShape) {
	parts := t.last().parts
	if shape != AllFlat || parts == nil {
		l.addHeader(t, sort)
		return
	}
	for i := range parts {
		l.addHeaders(append(slices.Clone(t), &parts[i]), sort, shape)
	}
}

// customerID is the name of the column of customers in the reports of other rows.
const customerID = "customer.id"

func (l *layout) addHeader(t trail, sort []string) {
	h := header{Label: l.served.label(t.name()), Key: t.name(), Sortable: t.scalar() != nil}
	if slices.ContainsFunc(l.headers, func(o header) bool { return o.Key == h.Key }) {
		return
	}
	h.Required = h.Key == l.served.report.Key
	h.HoldsID = h.Required && l.served.report.CustomerKey || h.Key == customerID
	for i, key := range sort {
		if bare := strings.TrimPrefix(key, "-"); l.served.trails[bare].name() == h.Key {
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
func (s *served) label(name string) string {
	title := func(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
	if name == s.report.Key {
		return title(s.report.Row) + " ID"
	}
	return title(blanks.Replace(name))
}

var blanks = strings.NewReplacer(".", " ", "_", " ")
