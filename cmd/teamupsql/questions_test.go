package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/shell"
)

const questionsDoc = "../../docs/questions.md"

// question is a block of SQL, and the result and the requests below it, if there are any.
var question = regexp.MustCompile("(?s)```sql\n([^`]*)```\n(?:\n```text\n[^`]*```\n\n\\d+ requests?\n)?")

// countRequests prints the number of requests of the latest statement.
const countRequests = `.mode list
.headers off
SELECT count(*) FROM teamup_requests() WHERE statement = (SELECT max(statement) FROM teamup_requests());
.mode duckbox
`

// TestTheQuestionsHaveTheirResults runs the SQL of docs/questions.md, and compares the results and
// the requests with those in the page.
func TestTheQuestionsHaveTheirResults(t *testing.T) {
	text, err := os.ReadFile(questionsDoc)
	require.NoError(t, err)
	var out, errs bytes.Buffer
	s := demoShell(t, 100, &out, &errs)
	run := func(statements string) string {
		out.Reset()
		err := s.ReadAll(context.Background(), strings.NewReader(statements), shell.Standard)
		require.Empty(t, errs.String(), statements)
		require.NoError(t, err, statements)
		return out.String()
	}

	fresh := question.ReplaceAllStringFunc(string(text), func(block string) string {
		statement := question.FindStringSubmatch(block)[1]
		page := "```sql\n" + statement + "```\n"
		result := run(statement)
		if result == "" {
			return page
		}
		requests := strings.TrimSpace(run(countRequests))
		unit := "requests"
		if requests == "1" {
			unit = "request"
		}
		return page + fmt.Sprintf("\n```text\n%s```\n\n%s %s\n", result, requests, unit)
	})
	if *update {
		require.NoError(t, os.WriteFile(questionsDoc, []byte(fresh), 0o600))
		return
	}
	assert.Equal(t, string(text), fresh)
}
