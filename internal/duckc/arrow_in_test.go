package duckc

import (
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// A failed open is not remembered: the next scan opens the database again, and what it
// opens serves all that follow.
func TestAFailedOpenIsNotRemembered(t *testing.T) {
	var kept firstSuccess[int]
	opened := 0
	open := func() (int, error) {
		if opened++; opened < 3 {
			return 0, errors.New("out of memory")
		}
		return opened, nil
	}
	for range 2 {
		_, err := kept.get(open)
		require.Error(t, err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			n, err := kept.get(open)
			if n != 3 || err != nil {
				t.Errorf("got %d, %v", n, err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 3, opened)
}
