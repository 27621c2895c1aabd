// Package repotest tests the repository: its pages, its recipes and the imports of its
// packages.
package repotest

import "testing"

// atRoot makes the root of the repository the working directory of a test. TestMain cannot
// do so: go test does not see a change of directory there, and would reuse a result after
// the files that the test reads have changed.
func atRoot(t *testing.T) { t.Chdir("../..") }
