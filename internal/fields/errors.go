package fields

import (
	"fmt"

	"github.com/teamupsql/teamupsql/arrowconv"
)

// ProviderError is the failure of a scan for one of the businesses of a call. Its text is
// that of Err, which names the business.
type ProviderError struct {
	ProviderID int64
	Err        error
}

func (e *ProviderError) Error() string { return e.Err.Error() }
func (e *ProviderError) Unwrap() error { return e.Err }

// InBusiness wraps an error in a [*ProviderError], if a business was chosen.
func InBusiness(provider int64, err error) error {
	if provider == 0 {
		return err
	}
	return &ProviderError{provider, err}
}

// MaxConcurrent is how many businesses are read in parallel. The requests in flight
// are bounded by the client in any case; this bounds the pages that wait.
const MaxConcurrent = 8

// TypeError indicates that a value of a custom field does not fit the type of its column,
// which was inferred from the first customers. If the statement runs again in the same
// process with the same client, it succeeds, because the column then has a wider type.
type TypeError struct {
	Column     string // the column's name
	ID         int64  // of the custom field
	ProviderID int64  // the business; 0: the client's own
	Err        *arrowconv.ValueError
}

func (e *TypeError) Error() string {
	who := "a customer"
	if e.Err.HasCustomerID {
		who = fmt.Sprintf("customer %d", e.Err.CustomerID)
	}
	business := ""
	if e.ProviderID != 0 {
		business = fmt.Sprintf(" of business %d", e.ProviderID)
	}
	return fmt.Sprintf("column %q (custom field %d): the first values are of type %s, but %s%s has %s; run the statement again (prepare it again if it was prepared); the column now has a wider type",
		e.Column, e.ID, e.Err.Want, who, business, e.Err.Text)
}

func (e *TypeError) Unwrap() error { return e.Err }

// UnknownError indicates that a call names custom fields that none of its businesses has.
type UnknownError struct {
	Parameter   string // that names them
	IDs         []int64
	ProviderIDs []int64 // the businesses of the call; 0 is that of the client
	Err         error   // TeamUp's error, an [*httpsource.APIError]; nil if the response only lacks the fields
}

func (e *UnknownError) Error() string {
	text := fmt.Sprintf("%s: TeamUp shows no custom field %s%s; leave it out, or look its number up among the customer fields in TeamUp's settings",
		e.Parameter, join(e.IDs), ofBusinesses(e.ProviderIDs))
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *UnknownError) Unwrap() error { return e.Err }
