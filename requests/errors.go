package requests

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/teamupsql/teamupsql/arrowconv"
)

// ProviderError indicates that the scan of a business failed that the call names. Its text
// is that of Err, which names the business if the failure concerns it.
type ProviderError struct {
	ProviderID int64
	Err        error
}

func (e *ProviderError) Error() string { return e.Err.Error() }
func (e *ProviderError) Unwrap() error { return e.Err }

// FieldTypeError indicates that a custom field has a value that does not fit the type of
// its column, which is inferred from the first rows. The statement succeeds if it is run
// again by the same client, as long as the process lives: the column then has a wider type.
type FieldTypeError struct {
	Column     string                // the column's name
	ID         int64                 // of the custom field
	ProviderID int64                 // the business; 0 for the client's own
	Err        *arrowconv.ValueError // the value
}

func (e *FieldTypeError) Error() string {
	who := "a " + e.Err.RowName
	if e.Err.HasID {
		who = fmt.Sprintf("%s %d", e.Err.RowName, e.Err.ID)
	}
	business := ""
	if e.ProviderID != 0 {
		business = fmt.Sprintf(" of business %d", e.ProviderID)
	}
	return fmt.Sprintf("column %q (custom field %d): the first values are of type %s, but %s%s has %s; run the statement again (prepare it again if it was prepared); the column now has a wider type",
		e.Column, e.ID, e.Err.Want, who, business, e.Err.Text)
}

func (e *FieldTypeError) Unwrap() error { return e.Err }

// UnknownFieldsError indicates that a call names custom fields that none of the businesses
// has.
type UnknownFieldsError struct {
	Parameter   string  // that names the fields, such as "extra_customer_fields"
	IDs         []int64 // of the fields
	ProviderIDs []int64 // the businesses; 0 is the client's own
	Err         error   // TeamUp's refusal, a *httpsource.APIError; nil if the response left the fields out
}

func (e *UnknownFieldsError) Error() string {
	text := fmt.Sprintf("%s: TeamUp shows no custom field %s%s; leave it out, or look its number up in TeamUp's settings",
		e.Parameter, join(e.IDs), ofBusinesses(e.ProviderIDs))
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *UnknownFieldsError) Unwrap() error { return e.Err }

func join(ids []int64) string {
	var parts []string
	for _, id := range ids {
		parts = append(parts, strconv.FormatInt(id, 10))
	}
	return strings.Join(parts, ", ")
}

func ofBusinesses(ids []int64) string {
	switch {
	case len(ids) == 1 && ids[0] == 0:
		return ""
	case len(ids) == 1:
		return " of business " + join(ids)
	}
	return " of any of the businesses " + join(ids)
}
