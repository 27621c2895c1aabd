package tablefunc

import (
	"errors"
	"fmt"
	"time"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/report"
)

// providerParameter is the named parameter that is no parameter of the report: it
// chooses the business, which goes into a header.
const providerParameter = "provider_id"

// namedParameters lists the named parameters of the SQL function: those of the
// report that are not the engine's own business, and provider_id.
func namedParameters() []report.Parameter {
	var list []report.Parameter
	for _, p := range report.Parameters() {
		if !p.Engine {
			list = append(list, p)
		}
	}
	return list
}

// callArguments are the named parameters that one call of the function gives.
type callArguments struct {
	query      report.Query
	providerID int64 // 0: the client's own
}

// readArguments reads and checks the named parameters of a call. A parameter
// that is NULL counts as not given, so that a prepared statement can leave one out.
func readArguments(info mapping.BindInfo) (callArguments, error) {
	var args callArguments
	var errs []error
	for _, p := range namedParameters() {
		value := namedValue(info, p.Name, p.Type)
		if value == nil {
			continue
		}
		if _, hasNull := value.([]any); hasNull {
			errs = append(errs, &report.ParameterError{Parameter: p.Name, Value: "a list with NULL in it", Want: p.Want})
			continue
		}
		if err := p.Set(&args.query, value); err != nil {
			errs = append(errs, err)
		}
	}
	if id, ok := namedValue(info, providerParameter, report.Type{Kind: report.BigInt}).(int64); ok {
		if id < 1 {
			errs = append(errs, &report.ParameterError{Parameter: providerParameter, Value: fmt.Sprint(id), Want: "1 or more"})
		}
		args.providerID = id
	}
	return args, errors.Join(errs...)
}

func namedValue(info mapping.BindInfo, name string, t report.Type) any {
	v := mapping.BindGetNamedParameter(info, name)
	defer mapping.DestroyValue(&v)
	return goValue(v, t)
}

// instantOf turns DuckDB's microseconds into a time. DuckDB's infinities become
// times far outside the years that the report takes.
func instantOf(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
