package shell

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVersion(t *testing.T) {
	const commit = "0123456789abcdef0123456789abcdef01234567"
	for want, info := range map[string]debug.BuildInfo{
		"(devel)": {},
		"v1.2.3":  {Main: debug.Module{Version: "v1.2.3"}}, // by go install: no repository
		"v1.2.3 (0123456789ab)": {Main: debug.Module{Version: "v1.2.3"},
			Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: commit}, {Key: "vcs.modified", Value: "false"}}},
		"(devel) (0123456789ab+dirty)": {Main: debug.Module{Version: "(devel)"},
			Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: commit}, {Key: "vcs.modified", Value: "true"}}},
		"v0.0.0-20261123000000-0123456789ab": {Main: debug.Module{Version: "v0.0.0-20261123000000-0123456789ab"},
			Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: commit}}},
	} {
		require.Equal(t, want, version(&info))
	}
	require.NotEmpty(t, Version())
}
