package httpsource

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func known(cfg Config, host string) bool {
	governors.Lock()
	defer governors.Unlock()
	_, ok := governors.byCaller[callerOf(cfg, host)]
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
	require.True(t, known(Config{Token: token}, "goteamup.com"))
	require.NoError(t, first.Close())
	first, second = nil, nil
	require.Eventually(t, func() bool {
		runtime.GC()
		return !known(Config{Token: token}, "goteamup.com")
	}, 10*time.Second, time.Millisecond)
	runtime.KeepAlive(other)
}

// Clients of one key share a governor whatever their tokens are. Without a key a client
// with a token source has its own.
func TestGovernorOfAKey(t *testing.T) {
	source := func(context.Context) (Token, error) { return NewToken("any"), nil }
	governor := func(cfg Config) *governor {
		c, err := New(cfg)
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, c.Close()) })
		return c.gate.governor
	}
	first := governor(Config{Token: NewToken("one"), RateLimitKey: "account-7"})
	assert.Same(t, first, governor(Config{Token: NewToken("two"), RateLimitKey: "account-7"}))
	assert.Same(t, first, governor(Config{TokenSource: source, RateLimitKey: "account-7"}))
	for name, cfg := range map[string]Config{
		"other key":   {Token: NewToken("one"), RateLimitKey: "account-8"},
		"other host":  {Token: NewToken("one"), RateLimitKey: "account-7", BaseURL: "https://example.com/api/v2"},
		"no key":      {Token: NewToken("one")},
		"key's text":  {Token: NewToken("account-7")},
		"source":      {TokenSource: source},
		"same source": {TokenSource: source},
	} {
		g := governor(cfg)
		assert.NotSame(t, first, g, name)
		if cfg.TokenSource != nil {
			assert.NotSame(t, g, governor(cfg), name)
		} else {
			assert.Same(t, g, governor(cfg), name)
		}
	}
}

// A lower rate counts what was spent before it came, and a higher one what was spent
// under a lower one.
func TestBudgetRemembersWhatWasSpent(t *testing.T) {
	now := time.Now()
	var b budget
	assert.True(t, b.free().IsZero())
	b.limit(3)
	for i := range 4 {
		b.spend(now.Add(time.Duration(i) * time.Second))
	}
	assert.Equal(t, now.Add(time.Minute+time.Second), b.free())
	b.limit(5)
	assert.True(t, b.free().IsZero())
	b.spend(now.Add(4 * time.Second))
	assert.Equal(t, now.Add(time.Minute), b.free())
	b.limit(2)
	assert.Equal(t, now.Add(time.Minute+3*time.Second), b.free())
	b.limit(0)
	assert.True(t, b.free().IsZero())
	b.spend(now.Add(5 * time.Second))
	b.limit(1)
	assert.Equal(t, now.Add(time.Minute+5*time.Second), b.free())
	for i := range 2 * remembered {
		b.spend(now.Add(time.Duration(i) * time.Minute))
	}
	b.limit(2 * remembered)
	assert.True(t, b.free().IsZero())
	b.limit(remembered)
	assert.Equal(t, now.Add((remembered+1)*time.Minute), b.free())
}
