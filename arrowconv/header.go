package arrowconv

import "encoding/json"

// Header describes a column of the response, as in column_headers.
type Header struct {
	// Label is the name shown to people.
	Label string `json:"label"`
	// Key is the name in the rows, dotted if it is nested.
	Key string `json:"key"`
	// Sortable reports whether the report can sort by the column.
	Sortable bool `json:"sortable"`
	// HoldsCustomerID reports whether the column identifies the customer.
	HoldsCustomerID bool `json:"holds_customer_id"`
	// Sorted is how the rows are sorted by the column; nil if they are not.
	Sorted *Sorted `json:"sorted"`
	// Required reports whether the column is always present.
	Required bool `json:"required"`
}

// Sorted is how the rows are sorted by a column.
type Sorted struct {
	// Order is "asc" or "desc".
	Order string `json:"order"`
	// Priority orders the columns by which the rows are sorted.
	Priority float64 `json:"priority"`
}

// Headers returns the column_headers of the response, in their order; nil if it has none.
// Each call parses them. A slice has the headers of its page. They stay valid after
// Release. The error is a [*FormatError] if the headers have another form.
func (p *Page) Headers() ([]Header, error) {
	if p.headers == nil {
		return nil, nil
	}
	var list []Header
	if err := json.Unmarshal(p.headers, &list); err != nil {
		return nil, wrongHeaders(p.headers, err)
	}
	return list, nil
}
