package tablefunc

import "github.com/teamupsql/teamupsql/internal/madeup"

// The tests have a second report.
func init() { reports = append(reports, madeup.Visits) }
