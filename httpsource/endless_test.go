package httpsource_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/report"
)

// arbitrary is a server that draws for each response how it treats the request: its id_gt,
// its offset, the number of rows and the total.
type arbitrary struct {
	draw     *rand.Rand
	size     int // customers, with the ids 1, 2, …
	honest   int // percent of the responses that are right
	kinds    int // of deviations: the server has the first of them
	requests atomic.Int64
	serial   chan struct{} // one request at a time
}

func (s *arbitrary) RoundTrip(r *http.Request) (*http.Response, error) {
	s.serial <- struct{}{}
	defer func() { <-s.serial }()
	s.requests.Add(1)
	q := r.URL.Query()
	number := func(name string) int { n, _ := strconv.Atoi(q.Get(name)); return n }
	after, offset, limit := number("id_gt"), number("offset"), number("limit")
	total := max(0, s.size-after)
	if s.draw.IntN(100) >= s.honest {
		switch s.draw.IntN(s.kinds) {
		case 0:
			total = s.draw.IntN(2 * s.size)
		case 1:
			after = 0
		case 2:
			offset = 0
		case 3:
			limit = s.draw.IntN(limit + 1)
		case 4:
			after = max(0, after-s.draw.IntN(50))
		case 5:
			after = s.draw.IntN(s.size)
		}
	}
	first := min(s.size, after+offset)
	last := min(s.size, first+limit)
	ids := make([]string, 0, limit)
	for id := first + 1; id <= last; id++ {
		ids = append(ids, fmt.Sprintf(`{"id":%d}`, id))
	}
	if strings.HasPrefix(q.Get("sort"), "-") {
		for i, j := 0, len(ids)-1; i < j; i, j = i+1, j-1 {
			ids[i], ids[j] = ids[j], ids[i]
		}
	}
	body := fmt.Sprintf(`{"total":%d,"column_headers":[{"key":"id"}],"rows":[%s]}`, total, strings.Join(ids, ","))
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewBufferString(body)), Request: r}, nil
}

// TestEveryScanEnds reads reports whose responses are arbitrary. A scan has no time limit
// here: it ends because responses without progress are bounded.
func TestEveryScanEnds(t *testing.T) {
	for seed := range uint64(3000) {
		draw := rand.New(rand.NewPCG(seed, 21))
		server := &arbitrary{draw: draw, size: 1 + draw.IntN(900), honest: draw.IntN(100), kinds: 1 + draw.IntN(6), serial: make(chan struct{}, 1)}
		req := httpsource.Request{Query: report.Customers.Query()}
		if draw.IntN(2) == 0 {
			req.Rows = 1 + draw.Int64N(1200)
		}
		c := inProcess(t, server, func(cfg *httpsource.Config) { cfg.RatePerMinute, cfg.ScanTimeout = -1, -1 })
		got := readAll(t, c, req)
		require.Less(t, server.requests.Load(), int64(1000), "seed %d: %v", seed, got.err)
	}
}
