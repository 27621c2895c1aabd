package httpsource

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func known(token Token, host string) bool {
	governors.Lock()
	defer governors.Unlock()
	_, ok := governors.byCaller[callerOf(token, host)]
	return ok
}

// Clients of one token at one host share a governor, which goes with the last one.
func TestGovernorLivesWithItsClients(t *testing.T) {
	token := NewToken("registry")
	first, err := New(Config{Token: token})
	require.NoError(t, err)
	second, err := New(Config{Token: NewToken("registry"), BaseURL: "https://GoTeamUp.com/api/v3"})
	require.NoError(t, err)
	other, err := New(Config{Token: NewToken("another")})
	require.NoError(t, err)
	assert.Same(t, first.gate.governor, second.gate.governor)
	assert.NotSame(t, first.gate.governor, other.gate.governor)
	runtime.KeepAlive(second)
	require.True(t, known(token, "goteamup.com"))
	require.NoError(t, first.Close())
	first, second = nil, nil
	require.Eventually(t, func() bool {
		runtime.GC()
		return !known(token, "goteamup.com")
	}, 10*time.Second, time.Millisecond)
	runtime.KeepAlive(other)
}

// The strictest budget counts, and what was spent before it came counts too.
func TestBudgetRestrict(t *testing.T) {
	now := time.Now()
	var b budget
	assert.True(t, b.free().IsZero())
	b.restrict(3)
	for i := range 4 {
		b.spend(now.Add(time.Duration(i) * time.Second))
	}
	b.restrict(5)
	assert.Len(t, b.sent, 3)
	assert.Equal(t, now.Add(time.Minute+time.Second), b.free())
	b.restrict(2)
	assert.Equal(t, now.Add(time.Minute+2*time.Second), b.free())
	b.restrict(0)
	assert.Len(t, b.sent, 2)
}
