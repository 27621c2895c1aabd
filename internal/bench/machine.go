package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

// fact is something that the figures depend on.
type fact struct{ name, value string }

// machineFacts are the processor, the system and the versions. Nothing among them
// tells whose machine it is.
func machineFacts() []fact {
	facts := []fact{
		{"processor", processor()},
		{"processors used", fmt.Sprint(runtime.GOMAXPROCS(0))},
		{"system", system()},
		{"Go", strings.TrimPrefix(runtime.Version(), "go")},
		{"DuckDB", duckDBVersion()},
	}
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return facts
	}
	for _, m := range info.Deps {
		for name, path := range map[string]string{"duckdb-go": "github.com/duckdb/duckdb-go/v2", "arrow-go": "github.com/apache/arrow-go/v18"} {
			if m.Path == path {
				facts = append(facts, fact{name, m.Version})
			}
		}
	}
	return facts
}

func processor() string {
	if name := field("/proc/cpuinfo", "model name", ":"); name != "" {
		return name
	}
	return runtime.GOARCH
}

func system() string {
	name := runtime.GOOS + "/" + runtime.GOARCH
	if release := strings.Trim(field("/etc/os-release", "PRETTY_NAME", "="), `"`); release != "" {
		name += ", " + release
	}
	return name
}

// field is the value of the first line of a file that begins with the name.
func field(file, name, separator string) string {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		key, value, ok := strings.Cut(line, separator)
		if ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func duckDBVersion() string {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return "unknown"
	}
	defer db.Close()
	var version string
	if err := db.QueryRowContext(context.Background(), "SELECT version()").Scan(&version); err != nil {
		return "unknown"
	}
	return strings.TrimPrefix(version, "v")
}
