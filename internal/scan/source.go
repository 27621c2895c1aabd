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
	request  httpsource.Request
	nothing  bool // no customer can match
	strategy strategy
	check    pushdown.Check  // of rows that a shortcut delivers
	rule     Rule            // that narrows it, see Explanation
	fates    []pushdown.Fate // of the predicates
	share    *share          // with other scans, nil for none
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

// open chooses where a part's pages come from: an answer that decides it all, or
// else the whole report as far as the request narrows it.
func (s *Rows) open(ctx context.Context, p *providerScan) (source, error) {
	provider := p.request.ProviderID
	o := &openScan{providerScan: p, ctx: ctx, statement: s.ctx, client: s.client, settings: s.call.Env,
		fields: s.call.decoded(s.projection, provider), set: s.call.Fields}
	for _, at := range s.projection {
		if f := s.call.custom(at); f != nil && f.By[provider].Key != "" {
			o.custom = append(o.custom, f)
		}
	}
	var err error
	if o.decoder, err = arrowconv.NewDecoder(s.call.Report, o.fields, arrowconv.Options{Requested: o.requested()}); err != nil {
		return nil, err
	}
	switch {
	case p.share != nil:
		if pages := p.share.reader(o); pages != nil {
			return pages, nil
		}
	case p.strategy.count:
		if counted, err := o.count(); counted != nil || err != nil {
			return counted, err
		}
	case p.strategy.top != nil:
		if top, err := o.top(); top != nil || err != nil {
			return top, err
		}
	}
	return o.pages(), nil
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
