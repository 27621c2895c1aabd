package fields

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/teamupsql/teamupsql/httpsource"
)

// maxAge is how long it is believed what custom fields there are; maxEntries
// how many businesses and lists of ids are remembered, and how many totals.
const (
	maxAge     = 10 * time.Minute
	maxEntries = 1000
)

// Cache remembers the custom fields of businesses, so that one statement,
// which DuckDB binds several times, asks once. The zero value is ready for use.
type Cache struct {
	mu      sync.Mutex
	entries map[cacheKey]*cacheEntry
}

type cacheKey struct {
	client   *httpsource.Client
	provider int64
	ids      string
}

// cacheEntry is what one business said, guarded by the cache's mu; turn is held by
// the one who asks it.
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

// get is what find finds, or found not long ago.
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
	for id, f := range found { // another sample does not take back what a value has shown
		f.Kind = wider(e.fields[id].Kind, f.Kind)
		found[id] = f
	}
	e.fields, e.refused, e.asked = found, refused, now
	return found, refused, nil
}

// correct changes what is remembered of a business's fields.
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

// forget has businesses asked again the next time: who reads that a field is
// unknown may go and add it.
func (c *Cache) forget(set *Set, providers []int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, provider := range providers {
		delete(c.entries, set.key(provider))
	}
}
