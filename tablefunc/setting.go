package tablefunc

import (
	"strconv"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/internal/duckc"
	"github.com/teamupsql/teamupsql/internal/scan"
	"github.com/teamupsql/teamupsql/report"
)

// ProviderSetting is the setting of DuckDB for the business of the calls that name none.
const ProviderSetting = "teamup_provider_id"

const providerSettingDoc = "The number of the TeamUp business, for a token that can read several; 0 for the business of the token"

// defaultProvider takes the business of a call from the setting if the call names none.
func defaultProvider(args *scan.Arguments, info mapping.BindInfo) error {
	if args.Several || args.Providers[0] != 0 {
		return nil
	}
	text := duckc.BindingOption(info, ProviderSetting)
	id, err := strconv.ParseInt(text, 10, 64)
	if text != "" && (err != nil || id < 0) {
		return &report.ParameterError{Parameter: ProviderSetting, Value: text, Want: "whole numbers of 1 or more, or 0"}
	}
	args.Providers[0] = id
	return nil
}
