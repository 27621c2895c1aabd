// Package demo lets the examples run without an account: an embedded report of
// made-up customers stands in for TeamUp. A program of one's own needs none of it.
package demo

import (
	"net/http"
	"time"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// Now is the present of the embedded report, whose clock stands still.
func Now() time.Time { return time.Date(2026, time.March, 15, 12, 0, 0, 0, time.UTC) }

// Options are what [tablefunc.Open] needs to ask the embedded report; without use,
// none, and TeamUp is asked.
func Options(use bool) ([]tablefunc.Option, error) {
	if !use {
		return nil, nil
	}
	server := teamuptest.New(teamuptest.WithClock(Now))
	client, err := httpsource.New(httpsource.Config{
		Token:         httpsource.NewToken("demo"),
		HTTPClient:    &http.Client{Transport: server.Transport()},
		RatePerMinute: -1,
	})
	if err != nil {
		return nil, err
	}
	return []tablefunc.Option{tablefunc.WithClient(client), tablefunc.WithClock(Now)}, nil
}
