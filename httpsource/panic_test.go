package httpsource_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

// A decoder that panics ends the scan, not the program.
func TestADecoderThatPanicsIsAnError(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(10))
	c := inProcess(t, server.Transport())
	s := httpsource.Scan(context.Background(), c, httpsource.Request{}, func([]byte) (*rows, error) { panic("odd body") })
	_, err := s.Next(context.Background())
	require.ErrorContains(t, err, "odd body")
	require.NoError(t, s.Close())
}
