package tablefunc

import (
	"time"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/internal/scan"
	"github.com/teamupsql/teamupsql/report"
)

// addNamedParameters declares the named parameters to DuckDB.
func addNamedParameters(f mapping.TableFunction, of *report.Report) {
	add := func(name string, t mapping.LogicalType) {
		mapping.TableFunctionAddNamedParameter(f, name, t)
		mapping.DestroyLogicalType(&t)
	}
	for _, p := range of.Named() {
		add(p.Name, logicalType(p.Type))
	}
	add(scan.ProviderParameter, logicalType(*scan.Bigints.Elem))
	add(scan.ProvidersParameter, logicalType(scan.Bigints))
}

// readArguments reads and checks the named parameters of a call.
func readArguments(of *report.Report, info mapping.BindInfo) (scan.Arguments, error) {
	return scan.ReadArguments(of, func(name string, t report.Type) any { return namedValue(info, name, t) })
}

func namedValue(info mapping.BindInfo, name string, t report.Type) any {
	v := mapping.BindGetNamedParameter(info, name)
	defer mapping.DestroyValue(&v)
	return goValue(v, t)
}

// instantOf turns DuckDB's microseconds into a time. DuckDB's infinities become
// times far outside the years that the report takes.
func instantOf(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
