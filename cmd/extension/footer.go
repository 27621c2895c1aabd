package main

import (
	"runtime"

	"github.com/teamupsql/teamupsql/cmd/extension/internal/shim"
)

// abi says which programs can load the extension: exactly one version of DuckDB, because
// pushdown depends on how this version writes its plans.
const abi = "C_STRUCT_UNSTABLE"

// footer returns the end of an extension: the header of a section of WebAssembly, and the
// 512 bytes from which DuckDB reads what the extension is for, eight fields of 32 bytes
// from the last to the first and room for a signature.
func footer(version string) []byte {
	const field, signature = 32, 256
	b := append([]byte{0, 147, 4, 16}, "duckdb_signature\x80\x04"...)
	for _, value := range []string{"", "", "", abi, version, shim.Version, platform(), "4"} {
		b = append(b, make([]byte, field)...)
		copy(b[len(b)-field:], value)
	}
	return append(b, make([]byte, signature)...)
}

// platform is DuckDB's name of this machine.
func platform() string {
	os := runtime.GOOS
	if os == "darwin" {
		os = "osx"
	}
	return os + "_" + runtime.GOARCH
}
