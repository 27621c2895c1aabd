package arrowconv

import "encoding/json"

// Header describes a column of the answer, as the report's column_headers do.
type Header struct {
	// Label is the name shown to people.
	Label string `json:"label"`
	// Key is the name in the rows, dotted where it is nested.
	Key string `json:"key"`
	// Sortable says whether rows can be sorted by the column.
	Sortable bool `json:"sortable"`
	// HoldsCustomerID says whether the column identifies the customer.
	HoldsCustomerID bool `json:"holds_customer_id"`
	// Sorted says how the rows are sorted by the column, nil if they are not.
	Sorted *Sorted `json:"sorted"`
	// Required says whether the column is always there.
	Required bool `json:"required"`
}

// Sorted is a column's part in the order of the rows.
type Sorted struct {
	// Order is "asc" or "desc".
	Order string `json:"order"`
	// Priority tells the columns by which the rows are sorted apart.
	Priority float64 `json:"priority"`
}

// Headers are the answer's column_headers, in their order; none if it had none.
// They are parsed by each call. A slice has those of its page, and they outlive
// Release. The error, for headers of another shape, is a [*FormatError].
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
