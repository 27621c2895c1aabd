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
)

// providerScan is what a scan reads of one business.
type providerScan struct {
	request    httpsource.Request
	nothing    bool // no customer can match
	strategy   strategy
	check      pushdown.Check             // of rows that a shortcut delivers
	rule       Rule                       // that narrows it, see Explanation
	predicates []pushdown.PredicateResult // of the predicates
	share      *share                     // with other scans, nil for none
}

// source gives a scan its pages, and io.EOF after the last.
type source interface {
	Next(ctx context.Context) (*arrowconv.Page, error)
	Close() error
}

// openScan is a part that is being read.
type openScan struct {
	*providerScan
	ctx       context.Context
	statement context.Context // which goes on when ctx, the scan's, ends
	client    *httpsource.Client
	settings  *Env
	fields    []report.Field // what its pages have
	decoder   *arrowconv.Decoder
	custom    []*fields.Column // that are asked for
	set       *fields.Set      // of which they are, nil where the call has none
}

// requested are the keys that each answer with rows must contain.
func (o *openScan) requested() []string {
	keys := append([]string{}, report.Value[[]string](o.request.Query, o.request.Query.Report.Roles.Columns)...)
	for _, f := range o.custom {
		keys = append(keys, f.By[o.request.ProviderID].Key)
	}
	return keys
}

// decode makes a page of an answer, which may show that a custom field is not what
// it was found to be.
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
