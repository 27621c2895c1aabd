package tablefunc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/report"
)

// fieldSet is the custom fields of a call, as found for a statement: bound again it
// sees the same columns.
type fieldSet struct {
	ids      []int64
	client   *httpsource.Client
	list     []customField
	outdated atomic.Bool // a value has shown that a type is not right
}

// customFields finds the custom fields that a call names. observe is told of the
// requests that this takes.
func (s *settings) customFields(ctx context.Context, args callArguments, observe func(httpsource.RequestEvent)) (*fieldSet, error) {
	client, err := s.client()
	if err != nil {
		return nil, err
	}
	of, set := args.query.Report, &fieldSet{ids: args.fields, client: client}
	if len(args.providers) == 0 {
		return nil, fmt.Errorf("%s needs a business to ask for their names, and %s is empty", of.Roles.Fields, providersParameter)
	}
	by, refused, err := s.findEach(ctx, set, args, observe)
	if err != nil {
		return nil, err
	}
	var unknown []int64
	if set.list, unknown = callFields(of, args.fields, args.providers, by); len(unknown) > 0 {
		s.fields.forget(set, args.providers)
		return nil, &UnknownFieldsError{Parameter: of.Roles.Fields, IDs: unknown, ProviderIDs: args.providers, Err: refused}
	}
	return set, nil
}

// findEach asks the businesses, several at once. refused is what TeamUp said where it
// did not take an id.
func (s *settings) findEach(ctx context.Context, set *fieldSet, args callArguments, observe func(httpsource.RequestEvent)) (by map[int64]map[int64]field, refused, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	var mu sync.Mutex
	by = map[int64]map[int64]field{}
	places := make(chan struct{}, mostAtOnce)
	for _, provider := range args.providers {
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			found, no, failed := s.findFields(ctx, set, args.query.Report, provider, observe)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil: // which has ended this one as well
			case failed != nil:
				err = inBusiness(provider, fmt.Errorf("%s: %w", args.query.Report.Roles.Fields, failed))
				cancel()
			default:
				if by[provider] = found; no != nil {
					refused = no
				}
			}
		})
	}
	wg.Wait()
	return by, refused, err
}

// findFields asks one business, if that was not done lately.
func (s *settings) findFields(ctx context.Context, set *fieldSet, of *report.Report, provider int64, observe func(httpsource.RequestEvent)) (found map[int64]field, refused, err error) {
	request := httpsource.Request{ProviderID: provider, Observer: observe, Query: of.Query().With(of.Roles.Columns, []string{of.Key})}
	err = guard("", func() (err error) {
		found, refused, err = s.fields.get(ctx, set.key(provider), time.Now(), func() (map[int64]field, error, error) {
			return findFields(ctx, func(ctx context.Context, ids []int64) (*fieldSample, error) {
				request.Query = request.Query.With(of.Roles.Fields, ids)
				return s.sample(ctx, set.client, request)
			}, set.ids)
		})
		return err
	})
	return found, refused, err
}

// key is where a business's fields are kept. Lists of the same ids share them.
func (set *fieldSet) key(provider int64) fieldKey {
	return fieldKey{set.client, provider, join(slices.Sorted(slices.Values(set.ids)))}
}

// sample asks a business for a page of custom fields. If it tells how many
// customers there are, that is good to know as well.
func (s *settings) sample(ctx context.Context, client *httpsource.Client, request httpsource.Request) (*fieldSample, error) {
	page, err := httpsource.Sample(ctx, client, request, rawPages(request.Query.Report))
	if err != nil {
		return nil, err
	}
	if total, ok := page.Total(); ok {
		s.learn(client, request, total)
	}
	sample := &fieldSample{of: request.Query.Report}
	if err := json.Unmarshal(page.bytes, sample); err != nil {
		return nil, fmt.Errorf("the answer's columns are not of the form that is known: %w", err)
	}
	return sample, nil
}

// FieldTypeError says that a custom field holds a value that does not fit the type
// of its column, which is guessed from the first customers. The statement succeeds
// when it is run again by the same client, as long as the process lives: the column
// then has a wider type.
type FieldTypeError struct {
	Column     string // the column's name
	ID         int64  // of the custom field
	ProviderID int64  // the business; 0: the client's own
	Err        *arrowconv.ValueError
}

func (e *FieldTypeError) Error() string {
	who := "a customer"
	if e.Err.HasCustomerID {
		who = fmt.Sprintf("customer %d", e.Err.CustomerID)
	}
	business := ""
	if e.ProviderID != 0 {
		business = fmt.Sprintf(" of business %d", e.ProviderID)
	}
	return fmt.Sprintf("column %q (custom field %d): the first values are of type %s, but %s%s has %s; run the statement again (a prepared one after preparing it anew), the column is of a wider type now",
		e.Column, e.ID, e.Err.Want, who, business, e.Err.Text)
}

func (e *FieldTypeError) Unwrap() error { return e.Err }

// contradicted makes of a value that does not fit its column the error that says
// what to do, if the column is a custom field, and sees to it that this helps.
func (set *fieldSet) contradicted(cache *fieldCache, provider int64, err error) error {
	var bad *arrowconv.ValueError
	if !errors.As(err, &bad) {
		return err
	}
	for _, f := range set.list {
		if own, ok := f.by[provider]; ok && own.key == bad.Column {
			k := wider(f.kind, kindOf(json.RawMessage(bad.Text)))
			if k == f.kind { // a number that the type does not hold
				k = report.AnyText
			}
			set.outdated.Store(true)
			cache.correct(set.key(provider), func(id int64, learned *field) {
				if id == f.id {
					learned.kind = k
				}
			})
			return &FieldTypeError{Column: f.name, ID: f.id, ProviderID: provider, Err: bad}
		}
	}
	return err
}

// missing is the error for an answer that lacks a field which it was asked for, and
// sees to it that the next statement knows better.
func (set *fieldSet) missing(cache *fieldCache, f *customField, r httpsource.Request, err error) error {
	set.outdated.Store(true)
	if len(report.Value[[]int64](r.Query, r.Query.Report.Roles.Fields)) == len(set.list) {
		cache.forget(set, []int64{r.ProviderID}) // it is gone
	} else {
		// The key may depend on which fields are asked for: together they had theirs.
		cache.correct(set.key(r.ProviderID), func(_ int64, learned *field) { learned.guessed = true })
	}
	return fmt.Errorf("column %q (custom field %d%s): %w; run the statement again (a prepared one after preparing it anew), and the fields are looked up again",
		f.name, f.id, ofBusinesses([]int64{r.ProviderID}), err)
}
