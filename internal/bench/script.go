package main

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// This file is a script as people write it: one page after the other, each decoded
// into maps, each row inserted with DuckDB's appender, which is the fastest way
// that the driver has. Structs and lists go in as JSON text.

// scriptTable is the table that the script fills.
func scriptTable() string {
	var columns []string
	for _, c := range report.Customers.Columns {
		t := c.Type.SQL()
		if nested(c) {
			t = "VARCHAR"
		}
		columns = append(columns, c.Name+" "+t)
	}
	return "CREATE OR REPLACE TABLE script (" + strings.Join(columns, ", ") + ")"
}

func nested(c report.Field) bool { return c.Type.Kind == report.Struct || c.Type.Kind == report.List }

// script fills the table from the URLs of all pages, which overlap by a row.
func script(ctx context.Context, db *database, f *fetcher, urls []string) error {
	if err := db.exec(ctx, scriptTable()); err != nil {
		return err
	}
	return db.conn.Raw(func(conn any) error {
		appender, err := duckdb.NewAppenderFromConn(conn.(*tablefunc.Conn).DuckDB(), "", "script")
		if err != nil {
			return err
		}
		for i := range urls {
			err = errors.Join(err, f.one(ctx, urls, i, func(i int, body io.Reader) error { return appendPage(appender, i, body) }))
		}
		return errors.Join(err, appender.Close())
	})
}

func appendPage(appender *duckdb.Appender, i int, body io.Reader) error {
	var answer map[string]any
	if err := json.NewDecoder(body).Decode(&answer); err != nil {
		return err
	}
	rows := answer["rows"].([]any)
	if i > 0 {
		rows = rows[1:]
	}
	columns := report.Customers.Columns
	values := make([]driver.Value, len(columns))
	for _, r := range rows {
		row := r.(map[string]any)
		for k, c := range columns {
			v, err := scriptValue(c, row[c.Name])
			if err != nil {
				return err
			}
			values[k] = v
		}
		if err := appender.AppendRow(values...); err != nil {
			return err
		}
	}
	return nil
}

func scriptValue(c report.Field, v any) (driver.Value, error) {
	if v == nil {
		return nil, nil
	}
	if nested(c) {
		text, err := json.Marshal(v)
		return string(text), err
	}
	switch c.Type.Kind {
	case report.BigInt:
		return int64(math.Round(v.(float64))), nil
	case report.Integer:
		return int32(math.Round(v.(float64))), nil
	case report.TimestampTZ:
		return time.Parse(time.RFC3339, v.(string))
	case report.DateKind:
		return time.Parse(time.DateOnly, v.(string))
	case report.Boolean, report.Varchar:
		return v, nil
	}
	return nil, fmt.Errorf("the script does not know %s", c.Type.SQL())
}
