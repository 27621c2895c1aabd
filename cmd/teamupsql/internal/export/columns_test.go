package export_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/export"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

// A column that TeamUp does not return is not published as NULLs: the run fails and
// names it, and the snapshot before stays.
func TestAnExportLacksNoColumn(t *testing.T) {
	for _, shape := range []teamuptest.PartShape{teamuptest.Nested, teamuptest.AllFlat} {
		b := open(t, teamuptest.WithCustomers(250), teamuptest.WithQuirks(teamuptest.Quirks{Hidden: []string{"email", "venue"}, Parts: shape}))
		b.export(func(j *export.Job) { j.Columns = []string{"full_name"} })
		for _, columns := range [][]string{nil, {"email"}, {"full_name", "venue"}} {
			var missing *arrowconv.MissingColumnsError
			require.ErrorAs(t, b.fails(b.job(func(j *export.Job) { j.Columns = columns })), &missing)
			require.Subset(t, []string{"email", "venue"}, missing.Keys)
		}
	}
}
