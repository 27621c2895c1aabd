package tablefunc

import (
	"errors"
	"fmt"
	"time"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/report"
)

// The named parameters that are no parameters of the report: they choose the
// business, which goes into a header.
const (
	providerParameter  = "provider_id"
	providersParameter = "provider_ids"
)

// providerColumn is the column that a call with provider_ids has behind the others.
const providerColumn = "provider_id"

// Most of these in a call.
const (
	mostFields    = 50 // their ids go into the address of every request
	mostProviders = 1000
)

// callArguments are the named parameters that one call of the function gives.
type callArguments struct {
	query     report.Query
	fields    []int64 // the custom fields, each once; they are not in query
	providers []int64 // the businesses, each once; 0 stands for the client's own
	several   bool    // provider_ids is given, and there is a column that tells the business
}

// readArguments reads and checks the named parameters of a call. A parameter
// that is NULL counts as not given, so that a prepared statement can leave one out.
func readArguments(of *report.Report, info mapping.BindInfo) (callArguments, error) {
	args := callArguments{query: of.Query()}
	var errs []error
	for _, p := range of.Named() {
		value := namedValue(info, p.Name, p.Type)
		if value == nil {
			continue
		}
		if _, hasNull := value.([]any); hasNull {
			errs = append(errs, &report.ParameterError{Parameter: p.Name, Value: "a list with NULL in it", Want: p.Want})
			continue
		}
		if err := p.Check(value); err != nil {
			errs = append(errs, err)
		}
		args.query = args.query.With(p.Name, value)
	}
	fields := of.Roles.Fields
	args.fields, args.query = eachOnce(report.Value[[]int64](args.query, fields)), args.query.Without(fields)
	if n := len(args.fields); n > mostFields {
		errs = append(errs, &report.ParameterError{Parameter: fields, Value: fmt.Sprintf("a list of %d", n), Want: fmt.Sprintf("at most %d", mostFields)})
	}
	err := args.readProviders(namedValue(info, providerParameter, *bigints.Elem), namedValue(info, providersParameter, bigints))
	return args, errors.Join(append(errs, err)...)
}

var bigints = report.Type{Kind: report.List, Elem: &report.Type{Kind: report.BigInt}}

// readProviders takes the values of the two parameters that choose businesses; nil
// where one is not given.
func (args *callArguments) readProviders(one, several any) error {
	parameter := providerParameter
	switch {
	case one != nil && several != nil:
		return &report.ParameterError{Parameter: providersParameter, Value: "with provider_id besides", Want: "one of the two"}
	case several == nil:
		id, _ := one.(int64)
		args.providers = []int64{id}
		if one == nil {
			return nil
		}
	default:
		list, ok := several.([]int64)
		if !ok {
			return &report.ParameterError{Parameter: providersParameter, Value: "a list with NULL in it", Want: "whole numbers of 1 or more"}
		}
		args.providers, args.several, parameter = eachOnce(list), true, providersParameter
	}
	for _, id := range args.providers {
		if id < 1 {
			return &report.ParameterError{Parameter: parameter, Value: fmt.Sprint(id), Want: "whole numbers of 1 or more"}
		}
	}
	if n := len(args.providers); n > mostProviders {
		return &report.ParameterError{Parameter: parameter, Value: fmt.Sprintf("a list of %d", n), Want: fmt.Sprintf("at most %d", mostProviders)}
	}
	return nil
}

// eachOnce is the list without what it repeats, in its order.
func eachOnce(list []int64) []int64 {
	var once []int64
	seen := map[int64]bool{}
	for _, v := range list {
		if !seen[v] {
			seen[v] = true
			once = append(once, v)
		}
	}
	return once
}

func namedValue(info mapping.BindInfo, name string, t report.Type) any {
	v := mapping.BindGetNamedParameter(info, name)
	defer mapping.DestroyValue(&v)
	return goValue(v, t)
}

// instantOf turns DuckDB's microseconds into a time. DuckDB's infinities become
// times far outside the years that the report takes.
func instantOf(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
