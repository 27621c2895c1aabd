package shell

import (
	"runtime/debug"
	"strings"
)

// Version returns the version of the program and, if known, the commit, with "+dirty" if
// files had been changed: "v1.2.3 (4fb40f1d5a21)".
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(devel)"
	}
	return version(info)
}

func version(info *debug.BuildInfo) string {
	name := info.Main.Version
	if name == "" {
		name = "(devel)"
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	commit := settings["vcs.revision"]
	if len(commit) < 12 || strings.Contains(name, commit[:12]) { // a pseudo-version names it
		return name
	}
	commit = commit[:12]
	if settings["vcs.modified"] == "true" {
		commit += "+dirty"
	}
	return name + " (" + commit + ")"
}
