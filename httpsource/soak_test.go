package httpsource_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

// moving changes a store between requests, more wildly than its own mutations do.
type moving struct {
	server *teamuptest.Server
	inner  http.RoundTripper
	mu     sync.Mutex
	dice   *rand.Rand
	rate   float64 // changes to a request
}

func (m *moving) RoundTrip(r *http.Request) (*http.Response, error) {
	m.mu.Lock()
	for range m.events() {
		m.change()
	}
	// Answers arrive in another order than they were asked for.
	wait := time.Duration(m.dice.IntN(30)) * time.Millisecond
	m.mu.Unlock()
	time.Sleep(wait) // fake time: the latency of this server
	return m.inner.RoundTrip(r)
}

func (m *moving) events() int {
	n := int(m.rate)
	if m.dice.Float64() < m.rate-float64(n) {
		n++
	}
	return n
}

func (m *moving) change() {
	store := m.server.Store()
	switch k := m.dice.IntN(100); {
	case k < 80:
		store.Mutate()
	case k < 90: // a customer leaves the filter, or comes into it, near the front
		if ids := m.ids(); len(ids) > 0 {
			store.Update(ids[m.dice.IntN(min(20, len(ids)))], func(c *teamuptest.Customer) { c.IsActive.V = !c.IsActive.V })
		}
	case k < 97:
		for range m.dice.IntN(8) {
			store.Insert(nil)
		}
	case k < 99: // many leave at once
		ids := m.ids()
		if len(ids) > 0 {
			from := m.dice.IntN(len(ids))
			for _, id := range ids[from:min(from+m.dice.IntN(150), len(ids))] {
				store.Delete(id)
			}
		}
	default: // many come at once, in the middle
		ids := m.ids()
		for _, id := range ids[:min(m.dice.IntN(150), len(ids))] {
			store.Update(id, func(c *teamuptest.Customer) {
				c.IsActive = teamuptest.Some(true)
				c.DeletedAt.Valid = false
			})
		}
	}
}

func (m *moving) ids() []int64 {
	ids, _ := m.server.Store().IDs(report.Customers.Query().With("sort", []string{"id"}).With("include_deleted", true))
	return ids
}

// TestMutationSoak checks the guarantee against the server's own history: whoever
// matched throughout is delivered once, nobody twice, and nobody who never matched.
func TestMutationSoak(t *testing.T) {
	scans := 3000
	if testing.Short() {
		scans = 300
	}
	repairs := 0
	for seed := range uint64(scans) {
		synctest.Test(t, func(t *testing.T) { repairs += soak(t, seed) })
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	t.Logf("%d scans, %d requests for repair", scans, repairs)
	assert.Greater(t, repairs, scans/4, "the soak hardly moves anything")
}

func soak(t *testing.T, seed uint64) (repairs int) {
	dice := rand.New(rand.NewPCG(seed, 7))
	pageSize := []int{2, 3, 10, 25, 100}[dice.IntN(5)]
	quirks := teamuptest.Quirks{}
	if dice.IntN(5) == 0 {
		quirks.FixedLimit = 1 + dice.IntN(40)
	}
	server := teamuptest.New(teamuptest.WithCustomers(dice.IntN(12*pageSize)), teamuptest.WithSeed(seed), teamuptest.WithQuirks(quirks))
	m := &moving{server: server, inner: server.Transport(), dice: dice, rate: []float64{0.1, 0.5, 1, 3}[dice.IntN(4)]}
	q := report.Customers.Query()
	switch dice.IntN(4) {
	case 0:
		q = q.With("include_deleted", true)
	case 1:
		q = q.With("is_active", true)
	case 2:
		q = q.With("id_gt", int64(100_000+dice.IntN(1000)))
	case 3:
		if ids := m.ids(); len(ids) > 0 {
			q = q.With("ids", ids[:1+dice.IntN(len(ids))])
		}
	}
	var mu sync.Mutex
	c := inProcess(t, m, func(cfg *httpsource.Config) {
		cfg.PageSize, cfg.Concurrency = pageSize, 1+dice.IntN(8)
		cfg.Token = httpsource.NewToken(fmt.Sprint(secret, seed))
		cfg.Observer = func(_ context.Context, e httpsource.RequestEvent) {
			mu.Lock()
			defer mu.Unlock()
			if e.Reason == httpsource.ReasonSeamRepair {
				repairs++
			}
		}
	})
	got := readAll(t, c, httpsource.Request{Query: q, WholeScan: dice.IntN(2) == 0})
	log := server.Requests()
	require.NotEmpty(t, log)
	first, last := log[0].Seq, log[0].Seq
	for _, r := range log {
		if r.Status == http.StatusOK {
			first, last = min(first, r.Seq), max(last, r.Seq)
		}
	}
	always, ever, err := server.Store().Throughout(q, first, last)
	require.NoError(t, err)
	if emptied(q, pageSize, always) {
		// A report that loses all its rows under the reader's eyes is not believed.
		var e *httpsource.InconsistentError
		require.True(t, got.err == nil || errors.As(got.err, &e), "%v", got.err)
		return repairs
	}
	require.NoError(t, got.err, "seed %d", seed)
	if !slices.IsSorted(got.ids) {
		assert.Fail(t, "not in order")
	}
	assert.Len(t, slices.Compact(slices.Clone(got.ids)), len(got.ids), "somebody twice")
	assert.Empty(t, missing(always, got.ids), "lost")
	assert.Empty(t, missing(got.ids, ever), "never matched")
	return repairs
}

// emptied says whether nobody stayed throughout, of all or of a batch of ids.
func emptied(q report.Query, batch int, always []int64) bool {
	for ids := range slices.Chunk(report.Value[[]int64](q, "ids"), batch) {
		if len(missing(ids, always)) == len(ids) {
			return true
		}
	}
	return len(always) == 0
}

// missing are the elements of a that are not in b; both ascend.
func missing(a, b []int64) []int64 {
	var out []int64
	for _, id := range a {
		if _, ok := slices.BinarySearch(b, id); !ok {
			out = append(out, id)
		}
	}
	return out
}
