// Command arrow consumes a query's result as Arrow record batches: it adds up columns
// without turning rows into Go values, and with -o writes an Arrow file that pandas,
// Polars and others read.
//
//	arrow -demo -o customers.arrow
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"github.com/teamupsql/teamupsql/examples/internal/demo"
	"github.com/teamupsql/teamupsql/tablefunc"
)

func main() {
	log.SetFlags(0)
	useDemo := flag.Bool("demo", false, "ask an embedded report of made-up customers")
	to := flag.String("o", "", "the Arrow `file` to write, none if empty")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := consume(ctx, os.Stdout, *useDemo, *to); err != nil {
		log.Fatal(err)
	}
}

const query = `
SELECT id, age, attendances_count, venue
FROM teamup_customers() WHERE is_active AND age BETWEEN 0 AND 99`

func consume(ctx context.Context, out io.Writer, useDemo bool, to string) (err error) {
	options, err := demo.Options(useDemo)
	if err != nil {
		return err
	}
	db, err := tablefunc.Open("", options...) // the token is $TEAMUP_TOKEN
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	reader, err := tablefunc.QueryArrow(ctx, db, query)
	if err != nil {
		return err
	}
	defer reader.Release()
	write, finish, err := arrowFile(to, reader.Schema())
	if err != nil {
		return err
	}
	var byDecade [10]decade
	for reader.Next() {
		batch := reader.RecordBatch() // valid until the next Next, unless retained
		add(&byDecade, batch)
		if err := write(batch); err != nil {
			return errors.Join(err, finish())
		}
	}
	// A result is whole only if Err is nil.
	if err := errors.Join(reader.Err(), finish()); err != nil {
		return err
	}
	for i, d := range byDecade {
		if d.customers > 0 {
			fmt.Fprintf(out, "%2d-%2d  %4d customers  %6.1f attendances each\n", 10*i, 10*i+9, d.customers, float64(d.attendances)/float64(d.customers))
		}
	}
	return nil
}

type decade struct {
	customers, attendances int64
}

// add reads the columns where they lie: age is never NULL here, since the query asks
// for a range of it; a count that is NULL adds nothing.
func add(byDecade *[10]decade, batch arrow.RecordBatch) {
	ages := batch.Column(1).(*array.Int32).Int32Values()
	counts := batch.Column(2).(*array.Int32)
	for i, age := range ages {
		d := &byDecade[age/10]
		d.customers++
		if counts.IsValid(i) {
			d.attendances += int64(counts.Value(i))
		}
	}
}

// arrowFile begins a file of record batches; with an empty name nothing is written.
func arrowFile(name string, schema *arrow.Schema) (write func(arrow.RecordBatch) error, finish func() error, err error) {
	if name == "" {
		return func(arrow.RecordBatch) error { return nil }, func() error { return nil }, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, nil, err
	}
	w, err := ipc.NewFileWriter(f, ipc.WithSchema(schema))
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return w.Write, func() error { return errors.Join(w.Close(), f.Close()) }, nil
}
