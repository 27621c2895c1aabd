package teamuptest_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

// BenchmarkPage answers pages of 100 rows, through the handler alone and through both
// ways of reaching it.
func BenchmarkPage(b *testing.B) {
	s := teamuptest.NewServer(teamuptest.WithoutGzip())
	defer s.Close()
	zipped := teamuptest.New()
	for _, c := range []struct {
		name      string
		url       string
		transport http.RoundTripper
		accept    string
	}{
		{"InProcess", s.URL(), s.Transport(), ""},
		{"InProcessGzip", zipped.URL(), zipped.Transport(), "gzip"},
		{"Loopback", s.URL(), http.DefaultTransport, "identity"},
	} {
		b.Run(c.name, func(b *testing.B) {
			for n := 0; b.Loop(); n++ {
				url := fmt.Sprintf("%s/reports/customers/data?format=json&sort=id&limit=100&offset=%d", c.url, n%47*99)
				req, err := http.NewRequest(http.MethodGet, url, nil)
				require.NoError(b, err)
				req.Header.Set("Authorization", "Bearer x")
				if c.accept != "" {
					req.Header.Set("Accept-Encoding", c.accept)
				}
				resp, err := c.transport.RoundTrip(req)
				require.NoError(b, err)
				size, err := io.Copy(io.Discard, resp.Body)
				require.NoError(b, err)
				require.NoError(b, resp.Body.Close())
				require.Equal(b, http.StatusOK, resp.StatusCode)
				b.SetBytes(size)
			}
		})
	}
}

func BenchmarkMillion(b *testing.B) {
	for b.Loop() {
		s := teamuptest.New(teamuptest.WithCustomers(1_000_000))
		ids, err := s.Store().IDs(query(b, "sort=id"))
		require.NoError(b, err)
		require.Greater(b, len(ids), 900_000)
	}
}
