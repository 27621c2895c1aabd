package fields

import (
	"errors"

	"github.com/teamupsql/teamupsql/requests"
)

// InBusiness wraps an error in a [*requests.ProviderError], if a business was chosen and
// the error does not name it.
func InBusiness(provider int64, err error) error {
	var named *requests.ProviderError
	if provider == 0 || errors.As(err, &named) {
		return err
	}
	return &requests.ProviderError{ProviderID: provider, Err: err}
}

// MaxConcurrent is how many businesses are read in parallel. The requests in flight
// are bounded by the client in any case; this bounds the pages that wait.
const MaxConcurrent = 8
