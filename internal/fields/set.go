package fields

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/internal/guard"
	"github.com/teamupsql/teamupsql/internal/pages"
	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/requests"
)

// Set is the custom fields of a call, as found for a statement: bound again it
// sees the same columns.
type Set struct {
	Clients map[int64]*httpsource.Client // by business
	Columns []Column
	ids     []int64
}

// Finder finds the custom fields that a call names.
type Finder struct {
	Report  *report.Report
	Clients map[int64]*httpsource.Client // by business
	Cache   *Cache
	Totals  *Totals
	Observe func(context.Context, httpsource.RequestEvent) // called for each request that this takes
}

// Find returns the custom fields with these ids of the businesses, from the cache or by
// requests.
func (s *Finder) Find(ctx context.Context, ids, providers []int64) (*Set, error) {
	set := &Set{ids: ids, Clients: s.Clients}
	if len(providers) == 0 {
		return nil, fmt.Errorf("%s needs a business, but provider_ids is empty", s.Report.Roles.Fields)
	}
	by, refused, err := s.findEach(ctx, set, providers)
	if err != nil {
		return nil, err
	}
	var unknown []int64
	if set.Columns, unknown = columnsOf(s.Report, ids, providers, by); len(unknown) > 0 {
		s.Cache.forget(set, providers)
		return nil, &requests.UnknownFieldsError{Parameter: s.Report.Roles.Fields, IDs: unknown, ProviderIDs: providers, Err: refused}
	}
	return set, nil
}

// findEach requests the fields of the businesses, several in parallel. refused is TeamUp's
// error for an unknown id.
func (s *Finder) findEach(ctx context.Context, set *Set, providers []int64) (by map[int64]map[int64]Field, refused, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	var mu sync.Mutex
	by = map[int64]map[int64]Field{}
	places := make(chan struct{}, MaxConcurrent)
	for _, provider := range providers {
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			found, no, failed := s.findFields(ctx, set, provider)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil: // the error that has ended this request too
			case failed != nil:
				err = InBusiness(provider, fmt.Errorf("%s: %w", s.Report.Roles.Fields, failed))
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

// findFields returns the fields of one business, from the cache or by requests.
func (s *Finder) findFields(ctx context.Context, set *Set, provider int64) (found map[int64]Field, refused, err error) {
	of := s.Report
	request := httpsource.Request{ProviderID: provider, Observer: s.Observe, Query: of.Query().With(of.Roles.Columns, []string{of.Key})}
	err = guard.Run("", func() (err error) {
		found, refused, err = s.Cache.get(ctx, set.key(provider), time.Now(), func() (map[int64]Field, error, error) {
			return findFields(ctx, func(ctx context.Context, ids []int64) (*fieldSample, error) {
				request.Query = request.Query.With(of.Roles.Fields, ids)
				return s.sample(ctx, request)
			}, set.ids)
		})
		return err
	})
	return found, refused, err
}

// key returns the cache key of a business's fields. Lists with the same ids share it.
func (set *Set) key(provider int64) cacheKey {
	return cacheKey{set.Clients[provider], provider, join(slices.Sorted(slices.Values(set.ids)))}
}

// sample requests a page with custom fields from a business. It also notes the number of
// customers if the response has it.
func (s *Finder) sample(ctx context.Context, request httpsource.Request) (*fieldSample, error) {
	client := s.Clients[request.ProviderID]
	page, err := httpsource.Sample(ctx, client, request, pages.Of(s.Report))
	if err != nil {
		return nil, err
	}
	if total, ok := page.Total(); ok {
		s.Totals.Learn(client, request, total)
	}
	sample := &fieldSample{of: s.Report}
	if err := json.Unmarshal(page.Bytes(), sample); err != nil {
		return nil, fmt.Errorf("the column headers of the response have an unknown form: %w", err)
	}
	return sample, nil
}

// WidenType returns the [*requests.FieldTypeError] for a value that does not fit its column,
// if that is a custom field, and caches a wider type for the field. It returns other errors
// unchanged.
func (set *Set) WidenType(cache *Cache, provider int64, err error) error {
	var bad *arrowconv.ValueError
	if !errors.As(err, &bad) {
		return err
	}
	for _, f := range set.Columns {
		if own, ok := f.By[provider]; ok && own.Key == bad.Column {
			k := wider(f.Kind, kindOf(json.RawMessage(bad.Text)))
			if k == f.Kind { // a number out of the type's range
				k = report.AnyText
			}
			cache.correct(set.key(provider), func(id int64, learned *Field) {
				if id == f.ID {
					learned.Kind = k
				}
			})
			return &requests.FieldTypeError{Column: f.Name, ID: f.ID, ProviderID: provider, Err: bad}
		}
	}
	return err
}

// MissingError returns the error for a response without a field that was requested, and
// has the next statement find the fields again.
func (set *Set) MissingError(cache *Cache, f *Column, r httpsource.Request, err error) error {
	if len(report.Value[[]int64](r.Query, r.Query.Report.Roles.Fields)) == len(set.Columns) {
		cache.forget(set, []int64{r.ProviderID}) // the field no longer exists
	} else {
		// The key may depend on the requested fields: the request for all of them had this
		// key.
		cache.correct(set.key(r.ProviderID), func(_ int64, learned *Field) { learned.Guessed = true })
	}
	business := ""
	if r.ProviderID != 0 {
		business = fmt.Sprintf(" of business %d", r.ProviderID)
	}
	return fmt.Errorf("column %q (custom field %d%s): %w; run the statement again (prepare it again if it was prepared) to request the fields again",
		f.Name, f.ID, business, err)
}
