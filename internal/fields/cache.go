package fields

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/teamupsql/teamupsql/httpsource"
)

// maxAge is how long cached custom fields are valid. maxEntries is the maximum number of
// cached pairs of a business and a list of ids, and of totals.
const (
	maxAge     = 10 * time.Minute
	maxEntries = 1000
)

// Cache caches the custom fields of businesses. DuckDB binds a statement several times, but
// only one request is sent. The zero value is ready for use.
type Cache struct {
	mu      sync.Mutex
	entries map[cacheKey]*cacheEntry
}

type cacheKey struct {
	client   *httpsource.Client
	provider int64
	ids      string
}

// cacheEntry contains the fields of one business. It is guarded by the cache's mu. turn is
// locked while they are requested.
type cacheEntry struct {
	turn    chan struct{}
	asked   time.Time // zero: never with success
	fields  map[int64]Field
	refused error
}

func (c *Cache) entry(key cacheKey) *cacheEntry {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[key]
	if e == nil {
		if c.entries == nil || len(c.entries) >= maxEntries {
			c.entries = map[cacheKey]*cacheEntry{}
		}
		e = &cacheEntry{turn: make(chan struct{}, 1)}
		c.entries[key] = e
	}
	return e
}

// get returns the cached result of find, or calls find.
func (c *Cache) get(ctx context.Context, key cacheKey, now time.Time, find func() (map[int64]Field, error, error)) (found map[int64]Field, refused, err error) {
	e := c.entry(key)
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-ctx.Done():
		return nil, nil, fmt.Errorf("stopped: %w", ctx.Err())
	}
	c.mu.Lock()
	known := *e
	c.mu.Unlock()
	if !known.asked.IsZero() && now.Sub(known.asked) < maxAge {
		return known.fields, known.refused, nil
	}
	if found, refused, err = find(); err != nil {
		return nil, nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, f := range found { // keep a type that a value has widened, whatever the new sample
		f.Kind = wider(e.fields[id].Kind, f.Kind)
		found[id] = f
	}
	e.fields, e.refused, e.asked = found, refused, now
	return found, refused, nil
}

// correct changes the cached fields of a business.
func (c *Cache) correct(key cacheKey, change func(id int64, f *Field)) {
	e := c.entry(key)
	c.mu.Lock()
	defer c.mu.Unlock()
	e.fields = maps.Clone(e.fields) // others may be reading
	for id, f := range e.fields {
		change(id, &f)
		e.fields[id] = f
	}
}

// forget removes the fields of businesses, because a user who reads that a field is unknown
// may add it.
func (c *Cache) forget(set *Set, providers []int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, provider := range providers {
		delete(c.entries, set.key(provider))
	}
}
