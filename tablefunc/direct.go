package tablefunc

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/teamupsql/teamupsql/internal/sqltext"
)

// Whether a statement reads the report is known when DuckDB binds it. Most texts of
// a program don't, and a statement that is prepared for the question alone takes
// longer than one that the driver runs at once. So a statement that does not look
// as if it did is run at once, and the function refuses to be bound: if a view or a
// macro leads there after all, nothing has been done yet, and it is prepared and
// planned as the others are.

// errNotDirect is what the function answers to a statement that was to run at once.
var errNotDirect = errors.New(FunctionName + ": the statement is to be planned first")

// directly runs one statement at once, by run. done says that this was its
// execution, with or without an error.
func (c *Conn) directly(ctx context.Context, text string, run func() error) (done bool, err error) {
	if !mayBeDirect(text) {
		return false, nil
	}
	st := &statement{direct: true}
	leave := c.session.enter(ctx, st)
	defer leave()
	err = run()
	if done = err == nil || !st.refused(); done {
		c.noteTransaction(text, err)
	}
	return done, err
}

// mayBeDirect says whether a text is one statement of a kind that DuckDB binds as a
// whole before it does anything, and does not name the function.
func mayBeDirect(text string) bool {
	if at := strings.IndexByte(text, ';'); at >= 0 && strings.Trim(text[at:], "; \t\r\n") != "" {
		return false
	}
	word := sqltext.FirstWords(text, 1)
	return len(word) == 1 && slices.Contains(directWords, word[0]) && !strings.Contains(strings.ToLower(text), FunctionName)
}

var directWords = []string{"SELECT", "FROM", "WITH", "VALUES", "INSERT", "UPDATE", "DELETE", "BEGIN", "COMMIT", "ROLLBACK"}

// refuse notes that the function was asked to be bound, if that is refused.
func (st *statement) refuse() bool {
	if st == nil || !st.direct {
		return false
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.scans = true
	return true
}

func (st *statement) refused() bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.scans
}
