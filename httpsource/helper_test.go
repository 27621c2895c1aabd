package httpsource_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// secret is the token of all tests; no output may hold it.
const secret = "tup_5ecret.t0ken"

// rows is the simplest page: ids alone. It counts what has not been released.
type rows struct {
	ids   []int64
	total *int64
	alive *atomic.Int64
}

func (p *rows) Total() (int64, bool) {
	if p.total == nil {
		return 0, false
	}
	return *p.total, true
}
func (p *rows) IDs() []int64 { return p.ids }
func (p *rows) Slice(from, to int) *rows {
	p.alive.Add(1)
	return &rows{ids: p.ids[from:to], alive: p.alive}
}
func (p *rows) Release() { p.alive.Add(-1) }

// garbled is a decode error of an answer that was damaged on its way.
type garbled struct{ error }

func (garbled) Malformed() bool { return true }

func decoder(alive *atomic.Int64) func([]byte) (*rows, error) {
	return func(body []byte) (*rows, error) {
		var answer struct {
			Total any
			Rows  []struct{ ID any }
		}
		if err := json.Unmarshal(body, &answer); err != nil {
			return nil, garbled{err}
		}
		if answer.Rows == nil {
			return nil, garbled{errors.New("no rows")}
		}
		p := &rows{alive: alive}
		if n, ok := answer.Total.(float64); ok {
			total := int64(n)
			p.total = &total
		}
		for _, r := range answer.Rows {
			id, ok := r.ID.(float64)
			if !ok {
				return nil, errors.New("a row without id")
			}
			p.ids = append(p.ids, int64(id))
		}
		alive.Add(1)
		return p, nil
	}
}

// inProcess is a client of a server that does not listen.
// runs counts how often each test has run, with -count more than once.
var runs sync.Map // of *testing.T to a number

var lastRun atomic.Int64

func runOf(t *testing.T) int64 {
	n, _ := runs.LoadOrStore(t, lastRun.Add(1))
	return n.(int64)
}

func inProcess(t *testing.T, server http.RoundTripper, change ...func(*httpsource.Config)) *httpsource.Client {
	t.Helper()
	cfg := httpsource.Config{
		BaseURL: "https://teamup.test/api/v2",
		// The test and its run, so that each has a governor of its own.
		Token:      httpsource.NewToken(fmt.Sprint(secret, url.QueryEscape(t.Name()), runOf(t))),
		HTTPClient: &http.Client{Transport: server},
		Retry:      httpsource.Retry{Wait: time.Millisecond, MaxWait: 5 * time.Millisecond},
	}
	for _, f := range change {
		f(&cfg)
	}
	c, err := httpsource.New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

// result is a scan that has ended.
type result struct {
	ids   []int64
	err   error
	stats httpsource.Stats
}

// readAll scans to the end and checks what holds for every scan.
func readAll(t *testing.T, c *httpsource.Client, req httpsource.Request) result {
	t.Helper()
	var alive atomic.Int64
	s := httpsource.Scan(context.Background(), c, req, decoder(&alive))
	var r result
	for {
		p, err := s.Next(context.Background())
		if err != nil {
			r.err = err
			break
		}
		r.ids = append(r.ids, p.ids...)
		p.Release()
	}
	_, again := s.Next(context.Background())
	assert.Equal(t, r.err, again, "the end stays the end")
	r.stats = s.Stats()
	assert.NoError(t, s.Close())
	assert.NoError(t, s.Close(), "closing twice")
	assert.Zero(t, alive.Load(), "pages not released")
	assert.EqualValues(t, len(r.ids), r.stats.Rows)
	assert.Zero(t, s.Stats().InFlight)
	if r.err == io.EOF {
		r.err = nil
	}
	assert.NotErrorIs(t, r.err, io.EOF, "a failure looks like the end")
	return r
}

func whole(q report.Query) httpsource.Request { return httpsource.Request{Query: q, WholeScan: true} }

// expected are the ids that a server has for a query now.
func expected(t *testing.T, s *teamuptest.Server, q report.Query) []int64 {
	t.Helper()
	q = q.With("sort", []string{"id"})
	ids, err := s.Store().IDs(q)
	require.NoError(t, err)
	return ids
}

// list is a server of the ids 1 to n in this process, whose answers a test may bend.
type list struct {
	ids   []int64
	bend  func(q url.Values, answer *listAnswer)
	delay time.Duration
}

type listAnswer struct {
	all   []int64 // as selected and sorted
	rows  []int64
	total any
}

func newList(n int) *list {
	l := &list{}
	for i := range n {
		l.ids = append(l.ids, int64(i+1))
	}
	return l
}

func (l *list) RoundTrip(r *http.Request) (*http.Response, error) {
	q := r.URL.Query()
	if l.delay > 0 {
		select {
		case <-time.After(l.delay):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	number := func(name string, or int) int {
		if n, err := strconv.Atoi(q.Get(name)); err == nil {
			return n
		}
		return or
	}
	var a listAnswer
	asked := strings.Split(q.Get("ids"), ",")
	for _, id := range l.ids {
		if id > int64(number("id_gt", 0)) && (!q.Has("ids") || slices.Contains(asked, strconv.FormatInt(id, 10))) {
			a.all = append(a.all, id)
		}
	}
	if q.Get("sort") == "-id" {
		slices.Reverse(a.all)
	}
	from := min(number("offset", 0), len(a.all))
	a.rows = a.all[from:min(from+number("limit", 50), len(a.all))]
	a.total = len(a.all)
	if l.bend != nil {
		l.bend(q, &a)
	}
	objects := make([]map[string]int64, len(a.rows))
	for i, id := range a.rows {
		objects[i] = map[string]int64{"id": id}
	}
	body, _ := json.Marshal(map[string]any{"total": a.total, "rows": objects})
	return respond(r, http.StatusOK, "application/json", string(body)), nil
}

func respond(r *http.Request, status int, contentType, body string) *http.Response {
	return &http.Response{StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {contentType}}, ContentLength: int64(len(body)), Body: newBody(body)}
}
