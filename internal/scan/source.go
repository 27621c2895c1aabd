package scan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/internal/fields"
	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/requests"
)

// providerScan is the scan of one business.
type providerScan struct {
	request    httpsource.Request
	nothing    bool // no customer can match
	strategy   strategy
	check      pushdown.Check             // of rows that a shortcut delivers
	rule       requests.Rule              // that narrows it
	predicates []pushdown.PredicateResult // of the predicates
	share      *share                     // with other scans, nil for none
}

// source returns the pages of a scan. Next returns io.EOF after the last page.
type source interface {
	Next(ctx context.Context) (*arrowconv.Page, error)
	Close() error
}

// openScan is the running scan of one business.
type openScan struct {
	*providerScan
	ctx       context.Context
	statement context.Context // of the statement, which may outlive ctx
	client    *httpsource.Client
	settings  *Env
	fields    []report.Field // the columns of its pages
	decoder   *arrowconv.Decoder
	custom    []*fields.Column // the requested custom fields
	set       *fields.Set      // of the call, nil if it has no custom fields
}

// requested returns the keys that each response with rows must contain.
func (o *openScan) requested() []string {
	keys := append([]string{}, report.Value[[]string](o.request.Query, o.request.Query.Report.Roles.Columns)...)
	for _, f := range o.custom {
		keys = append(keys, f.By[o.request.ProviderID].Key)
	}
	return keys
}

// decode decodes a response. If a custom field has another type than inferred, decode also
// updates the cache of fields.
func (o *openScan) decode(body []byte) (*arrowconv.Page, error) {
	page, err := o.decoder.Decode(body)
	if err == nil {
		return page, nil
	}
	if o.set != nil {
		err = o.set.WidenType(&o.settings.Fields, o.request.ProviderID, err)
	}
	var missing *arrowconv.MissingColumnsError
	if !errors.As(err, &missing) {
		return nil, err
	}
	for _, f := range o.custom {
		if slices.Contains(missing.Keys, f.By[o.request.ProviderID].Key) {
			return nil, o.set.MissingError(&o.settings.Fields, f, o.request, err)
		}
	}
	return nil, fmt.Errorf("%w; TeamUp may have renamed what is missing, or the token may lack the permission to read it; leave it out of the statement", err)
}

// pagesOf is a source over the pages of the report.
type pagesOf struct {
	*httpsource.Scanner[*arrowconv.Page]
	of *openScan
}

// Close also notes how many customers there were.
func (p *pagesOf) Close() error {
	p.of.settings.Totals.Learn(p.of.client, p.of.request, p.Stats().RowsTotal)
	return p.Scanner.Close()
}
