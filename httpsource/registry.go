package httpsource

import (
	"crypto/sha256"
	"runtime"
	"strings"
	"sync"
	"weak"
)

// caller is whom TeamUp counts requests of: a token at a host, hashed, so that no
// token lies about in memory longer than its client.
type caller [sha256.Size]byte

// governors finds the governor that clients of one caller share. It holds them
// weakly: each lives as long as a client that uses it.
var governors = struct {
	sync.Mutex
	byCaller map[caller]weak.Pointer[governor]
}{byCaller: map[caller]weak.Pointer[governor]{}}

func callerOf(token Token, host string) caller {
	return sha256.Sum256([]byte(token.secret() + "\n" + strings.ToLower(host)))
}

func governorFor(token Token, host string) *governor {
	key := callerOf(token, host)
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
