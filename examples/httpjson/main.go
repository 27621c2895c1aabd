// Command httpjson serves customers as JSON over HTTP.
//
//	httpjson -demo -addr 127.0.0.1:8080
//	curl 'http://127.0.0.1:8080/customers?venue=Old+Town&active=true&limit=2'
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/teamupsql/teamupsql/examples/internal/demo"
	"github.com/teamupsql/teamupsql/tablefunc"
)

func main() {
	log.SetFlags(0)
	useDemo := flag.Bool("demo", false, "ask an embedded report of made-up customers")
	addr := flag.String("addr", "127.0.0.1:8080", "the `address` to listen at; port 0 for any")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *useDemo, *addr); err != nil {
		log.Fatal(err)
	}
}

// patience is how long an answer may take.
const patience = 30 * time.Second

func serve(ctx context.Context, useDemo bool, addr string) (err error) {
	options, err := demo.Options(useDemo)
	if err != nil {
		return err
	}
	db, err := tablefunc.Open("", options...) // the token is $TEAMUP_TOKEN
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", l.Addr())
	server := &http.Server{Handler: handler(db, patience), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	// Requests that are being answered get a moment to end.
	last, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return server.Shutdown(last)
}
