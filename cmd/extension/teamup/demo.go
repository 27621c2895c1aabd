package main

import (
	"fmt"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/cmd/internal/account"
	"github.com/teamupsql/teamupsql/internal/duckc"
	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/tablefunc"
)

const (
	demoName      = "teamup_demo"
	demoParameter = "customers"
	setting       = tablefunc.ProviderSetting
)

// registerDemo adds teamup_demo(), which replaces TeamUp by an embedded server for all
// connections of the database.
func registerDemo(conn mapping.Connection, s *source) error {
	return duckc.Register(conn, demoName, demo{s}, func(f mapping.TableFunction) {
		bigint := mapping.CreateLogicalType(mapping.TypeBigInt)
		defer mapping.DestroyLogicalType(&bigint)
		mapping.TableFunctionAddNamedParameter(f, demoParameter, bigint)
	})
}

// demo is the table function.
type demo struct{ *source }

// Destroy is called when DuckDB closes the database.
func (d demo) Destroy() { _ = d.Close() } // nobody is left to see the error

func (d demo) Bind(info mapping.BindInfo) (duckc.Binding, error) {
	varchar := mapping.CreateLogicalType(mapping.TypeVarchar)
	defer mapping.DestroyLogicalType(&varchar)
	mapping.BindAddResultColumn(info, "result", varchar)
	customers := mapping.BindGetNamedParameter(info, demoParameter)
	if customers.Ptr == nil {
		return demoCall{d.source, account.DemoCustomers}, nil
	}
	defer mapping.DestroyValue(&customers)
	if mapping.IsNullValue(customers) {
		return demoCall{d.source, account.DemoCustomers}, nil
	}
	return demoCall{d.source, int(mapping.GetInt64(customers))}, nil
}

// demoCall is a call of the function: customers is 0 for TeamUp.
type demoCall struct {
	*source
	customers int
}

func (demoCall) Destroy() {}

// Begin notes whether DuckDB wants the column. If it only counts rows, it does not.
func (c demoCall) Begin(info mapping.InitInfo) (duckc.Scan, error) {
	return &demoScan{demoCall: c, wanted: mapping.InitGetColumnCount(info) > 0 && mapping.InitGetColumnIndex(info, 0) == 0}, nil
}

// demoScan returns one row.
type demoScan struct {
	demoCall
	wanted, done bool
}

// Fill changes the source, so that a statement that DuckDB only plans changes nothing.
func (s *demoScan) Fill(out mapping.DataChunk) error {
	if s.done {
		mapping.DataChunkSetSize(out, 0)
		return nil
	}
	s.done = true
	change := s.StopDemo
	if s.customers != 0 {
		change = func() error { return s.StartDemo(s.customers) }
	}
	if err := change(); err != nil {
		return fmt.Errorf("%s: %w", demoName, err)
	}
	if s.wanted {
		mapping.VectorAssignStringElement(mapping.DataChunkGetVector(out, 0), 0, fmt.Sprintf("%s() now reads from %s", report.Customers.Function, s.Where()))
	}
	mapping.DataChunkSetSize(out, 1)
	return nil
}
