package scan

import (
	"errors"
	"fmt"

	"github.com/teamupsql/teamupsql/report"
)

// The named parameters that are not parameters of the report. They select the business,
// which is sent as a header.
const (
	ProviderParameter  = "provider_id"
	ProvidersParameter = "provider_ids"
)

// The limits of a call.
const (
	maxFields    = 50 // their ids go into the address of every request
	maxProviders = 1000
)

// Arguments are the named parameters of one call of the function.
type Arguments struct {
	Query     report.Query
	Fields    []int64 // the custom fields, each once; they are not in Query
	Providers []int64 // the businesses, each once; 0 is that of the client
	Several   bool    // provider_ids is set, so there is a column for the business
}

// ReadArguments reads and checks the named parameters of a call. value returns the value of
// a parameter, nil for NULL. NULL counts as not set, so that a prepared statement can omit
// a parameter.
func ReadArguments(of *report.Report, value func(name string, t report.Type) any) (Arguments, error) {
	args := Arguments{Query: of.Query()}
	var errs []error
	for _, p := range of.Named() {
		given := value(p.Name, p.Type)
		if given == nil {
			continue
		}
		if _, hasNull := given.([]any); hasNull {
			errs = append(errs, &report.ParameterError{Parameter: p.Name, Value: "a list with NULL in it", Want: p.Want})
			continue
		}
		if err := p.Check(given); err != nil {
			errs = append(errs, err)
		}
		args.Query = args.Query.With(p.Name, given)
	}
	fields := of.Roles.Fields
	args.Fields, args.Query = eachOnce(report.Value[[]int64](args.Query, fields)), args.Query.Without(fields)
	if n := len(args.Fields); n > maxFields {
		errs = append(errs, &report.ParameterError{Parameter: fields, Value: fmt.Sprintf("a list of %d", n), Want: fmt.Sprintf("at most %d", maxFields)})
	}
	err := args.readProviders(value(ProviderParameter, *Bigints.Elem), value(ProvidersParameter, Bigints))
	return args, errors.Join(append(errs, err)...)
}

// Bigints is the type of provider_ids.
var Bigints = report.Type{Kind: report.List, Elem: &report.Type{Kind: report.BigInt}}

// readProviders sets the businesses from the two parameters that select them. A value is
// nil if its parameter is not set.
func (args *Arguments) readProviders(one, several any) error {
	parameter := ProviderParameter
	switch {
	case one != nil && several != nil:
		return &report.ParameterError{Parameter: ProvidersParameter, Value: "with provider_id besides", Want: "one of the two"}
	case several == nil:
		id, _ := one.(int64)
		args.Providers = []int64{id}
		if one == nil {
			return nil
		}
	default:
		list, ok := several.([]int64)
		if !ok {
			return &report.ParameterError{Parameter: ProvidersParameter, Value: "a list with NULL in it", Want: "whole numbers of 1 or more"}
		}
		args.Providers, args.Several, parameter = eachOnce(list), true, ProvidersParameter
	}
	for _, id := range args.Providers {
		if id < 1 {
			return &report.ParameterError{Parameter: parameter, Value: fmt.Sprint(id), Want: "whole numbers of 1 or more"}
		}
	}
	if n := len(args.Providers); n > maxProviders {
		return &report.ParameterError{Parameter: parameter, Value: fmt.Sprintf("a list of %d", n), Want: fmt.Sprintf("at most %d", maxProviders)}
	}
	return nil
}

// eachOnce returns the list without repetitions, in its order.
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
