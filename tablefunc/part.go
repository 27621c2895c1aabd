package tablefunc

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// part is what a scan reads of one business.
type part struct {
	request httpsource.Request
	nothing bool // no customer can match
	method  method
	check   pushdown.Check  // of rows that a shortcut delivers
	rule    Rule            // that narrows it, see Explanation
	fates   []pushdown.Fate // of the predicates
	share   *share          // with other scans, nil for none
}

// source gives a scan its pages, and io.EOF after the last.
type source interface {
	Next(ctx context.Context) (*arrowconv.Page, error)
	Close() error
}

// opened is a part that is being read.
type opened struct {
	*part
	ctx       context.Context
	statement context.Context // which goes on when ctx, the scan's, ends
	client    *httpsource.Client
	settings  *settings
	fields    []report.Field // what its pages have
	decoder   *arrowconv.Decoder
	custom    []*customField // that are asked for
	set       *fieldSet      // of which they are, nil where the call has none
}

// open chooses where a part's pages come from: an answer that decides it all, or
// else the whole report as far as the request narrows it.
func (s *scan) open(ctx context.Context, p *part) (source, error) {
	provider := p.request.ProviderID
	o := &opened{part: p, ctx: ctx, statement: s.ctx, client: s.client, settings: s.binding.session.settings,
		fields: s.binding.decoded(s.projection, provider), set: s.binding.fields}
	for _, at := range s.projection {
		if f := s.binding.custom(at); f != nil && f.by[provider].key != "" {
			o.custom = append(o.custom, f)
		}
	}
	var err error
	if o.decoder, err = arrowconv.NewDecoder(s.binding.of, o.fields, arrowconv.Options{Requested: o.requested()}); err != nil {
		return nil, err
	}
	switch {
	case p.share != nil:
		if pages := p.share.reader(o); pages != nil {
			return pages, nil
		}
	case p.method.count:
		if counted, err := o.count(); counted != nil || err != nil {
			return counted, err
		}
	case p.method.top != nil:
		if top, err := o.top(); top != nil || err != nil {
			return top, err
		}
	}
	return o.pages(), nil
}

// requested are the keys that each answer with rows must contain.
func (o *opened) requested() []string {
	keys := append([]string{}, report.Value[[]string](o.request.Query, o.request.Query.Report.Roles.Columns)...)
	for _, f := range o.custom {
		keys = append(keys, f.by[o.request.ProviderID].key)
	}
	return keys
}

// decode makes a page of an answer, which may show that a custom field is not what
// it was found to be.
func (o *opened) decode(body []byte) (*arrowconv.Page, error) {
	page, err := o.decoder.Decode(body)
	if err == nil {
		return page, nil
	}
	if o.set != nil {
		err = o.set.contradicted(&o.settings.fields, o.request.ProviderID, err)
	}
	var missing *arrowconv.MissingColumnsError
	if !errors.As(err, &missing) {
		return nil, err
	}
	for _, f := range o.custom {
		if slices.Contains(missing.Keys, f.by[o.request.ProviderID].key) {
			return nil, o.set.missing(&o.settings.fields, f, o.request, err)
		}
	}
	return nil, fmt.Errorf("%w; TeamUp may have renamed what is missing, or the token may lack the permission to read it; leave it out of the statement", err)
}

// pagesOf is a source over the pages of the report.
type pagesOf struct {
	*httpsource.Scanner[*arrowconv.Page]
	of *opened
}

// Close also notes how many customers there were.
func (p *pagesOf) Close() error {
	p.of.settings.learn(p.of.client, p.of.request, p.Stats().RowsTotal)
	return p.Scanner.Close()
}
