package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/teamupsql/teamupsql/httpsource"
)

// customer is one element of the answer.
type customer struct {
	ID      int64      `json:"id"`
	Name    *string    `json:"name"`
	Email   *string    `json:"email"`
	Venue   *string    `json:"venue"`
	Created *time.Time `json:"created_at"`
}

// handler answers GET /customers, with the parameters venue, active, after (an id,
// from which the next page goes on) and limit. An answer may take as long as patience.
func handler(db *sql.DB, patience time.Duration) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /customers", func(w http.ResponseWriter, r *http.Request) {
		// The query ends with the request: nobody waits for an answer that has no reader.
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		query, args, err := read(r.URL.RawQuery)
		if err != nil {
			answer(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
			return
		}
		list, err := customers(ctx, db, query, args)
		if r.Context().Err() != nil {
			return // the reader has gone
		}
		if err != nil {
			status, says := explain(w.Header(), err)
			log.Printf("%s: %d: %v", r.URL.Path, status, err) // the token is in no error
			answer(w, status, map[string]string{"error": says})
			return
		}
		answer(w, http.StatusOK, map[string]any{"customers": list})
	})
	return mux
}

// read makes a query of the parameters. Values are bound, never put into the text;
// only what was asked for is in it, so that it is pushed down to the report.
func read(parameters string) (query string, args []any, err error) {
	q, err := url.ParseQuery(parameters)
	if err != nil {
		return "", nil, err
	}
	for name := range q {
		switch name {
		case "venue", "active", "after", "limit":
		default:
			return "", nil, fmt.Errorf("there is no parameter %q", name)
		}
	}
	where := []string{"id > ?"}
	after, err := number(q, "after", 0, math.MaxInt64)
	if err != nil {
		return "", nil, err
	}
	args = append(args, after)
	if q.Has("active") {
		active, err := strconv.ParseBool(q.Get("active"))
		if err != nil {
			return "", nil, fmt.Errorf("active is true or false, not %q", q.Get("active"))
		}
		where, args = append(where, "is_active = ?"), append(args, active)
	}
	if q.Has("venue") {
		where, args = append(where, "venue.name = ?"), append(args, q.Get("venue"))
	}
	limit, err := number(q, "limit", 20, 1000)
	if err != nil {
		return "", nil, err
	}
	return "SELECT id, full_name, email, venue.name, created_at FROM teamup_customers() WHERE " +
		strings.Join(where, " AND ") + " ORDER BY id LIMIT ?", append(args, limit), nil
}

// number is a parameter from 0 to most, or usual if it is not given.
func number(q url.Values, name string, usual, most int64) (int64, error) {
	if !q.Has(name) {
		return usual, nil
	}
	n, err := strconv.ParseInt(q.Get(name), 10, 64)
	if err != nil || n < 0 || n > most {
		return 0, fmt.Errorf("%s is a number from 0 to %d, not %q", name, most, q.Get(name))
	}
	return n, nil
}

func customers(ctx context.Context, db *sql.DB, query string, args []any) ([]customer, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []customer{} // [] in JSON, not null
	for rows.Next() {
		var c customer
		if err := rows.Scan(&c.ID, &c.Name, &c.Email, &c.Venue, &c.Created); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// explain says which status an error of a query is, and what a stranger may know of
// it. The log has the rest.
func explain(h http.Header, err error) (status int, says string) {
	var limited *httpsource.RateLimitError
	var refused *httpsource.APIError
	var failing *httpsource.RetryError
	switch {
	case errors.As(err, &limited):
		wait := max(limited.Asked, time.Minute)
		h.Set("Retry-After", strconv.Itoa(int(wait/time.Second)))
		return http.StatusServiceUnavailable, "TeamUp's rate limit is used up"
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout, "TeamUp takes too long"
	case errors.As(err, &failing):
		return http.StatusBadGateway, "TeamUp does not answer"
	case errors.As(err, &refused), errors.Is(err, httpsource.ErrNoToken):
		return http.StatusBadGateway, "TeamUp refuses this service" // its token, not the caller's
	}
	return http.StatusInternalServerError, "something went wrong"
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // what fails now is the connection
}
