package httpsource

import (
	"crypto/sha256"
	"runtime"
	"strings"
	"sync"
	"weak"
)

// caller is whom TeamUp counts requests of: Config.RateLimitKey or else the token, at a
// host. It is a hash, so that no token lies about in memory longer than its client.
type caller [sha256.Size]byte

// governors finds the governor that clients of one caller share. It holds them
// weakly: each lives as long as a client that uses it.
var governors = struct {
	sync.Mutex
	byCaller map[caller]weak.Pointer[governor]
}{byCaller: map[caller]weak.Pointer[governor]{}}

func callerOf(cfg Config, host string) caller {
	who := "token\n" + cfg.Token.secret()
	if cfg.RateLimitKey != "" {
		who = "key\n" + cfg.RateLimitKey
	}
	return sha256.Sum256([]byte(who + "\n" + strings.ToLower(host)))
}

// governorFor returns the governor of a client, a new one if the client shares it with no
// other.
func governorFor(cfg Config, host string) *governor {
	if cfg.TokenSource != nil && cfg.RateLimitKey == "" {
		return newGovernor()
	}
	key := callerOf(cfg, host)
	governors.Lock()
	defer governors.Unlock()
	if g := governors.byCaller[key].Value(); g != nil {
		return g
	}
	g := newGovernor()
	governors.byCaller[key] = weak.Make(g)
	runtime.AddCleanup(g, forget, key)
	return g
}

// forget drops a caller whose last client is gone, unless a new one has come since.
func forget(key caller) {
	governors.Lock()
	defer governors.Unlock()
	if governors.byCaller[key].Value() == nil {
		delete(governors.byCaller, key)
	}
}
