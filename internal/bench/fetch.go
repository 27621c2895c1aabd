package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// fetcher asks for answers as a program does that has nothing of teamupsql, with a
// connection for every request in flight.
type fetcher struct {
	*http.Client
	unpacks bool // compressed answers; else they stay as they came
}

func newFetcher(unpacks bool) *fetcher {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = concurrency
	t.DisableCompression = !unpacks
	return &fetcher{&http.Client{Transport: t}, unpacks}
}

// all asks for the first URL, then for all others side by side, and has use read
// the bodies.
func (f *fetcher) all(ctx context.Context, urls []string, use func(i int, body io.Reader) error) error {
	if err := f.one(ctx, urls, 0, use); err != nil {
		return err
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make(chan error, concurrency)
	for range concurrency {
		wg.Go(func() {
			for i := int(next.Add(1)); i < len(urls); i = int(next.Add(1)) {
				if err := f.one(ctx, urls, i, use); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

// one asks for one URL of the list.
func (f *fetcher) one(ctx context.Context, urls []string, i int, use func(i int, body io.Reader) error) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, urls[i], nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer bench")
	if !f.unpacks {
		req.Header.Set("Accept-Encoding", "gzip")
	}
	res, err := f.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answers %s", res.Status)
	}
	return use(i, res.Body)
}

func discard(_ int, body io.Reader) error {
	_, err := io.Copy(io.Discard, body)
	return err
}
