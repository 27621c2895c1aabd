package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/teamupsql/teamupsql/cmd/extension/internal/shim"
)

const (
	bindings  = "github.com/duckdb/duckdb-go-bindings"
	extension = "github.com/teamupsql/teamupsql/cmd/extension/teamup"
	fileName  = "teamup.duckdb_extension"
)

// build builds the extension for this machine in the directory and returns its path.
func build(dir string) (string, error) {
	work, err := os.MkdirTemp("", "teamup-extension-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	if err := checkCompiler(); err != nil {
		return "", err
	}
	overlay, err := sources(work)
	if err != nil {
		return "", err
	}
	library := filepath.Join(work, "teamup.so")
	if err := compile(library, overlay, work); err != nil {
		return "", err
	}
	code, err := os.ReadFile(library)
	if err != nil {
		return "", err
	}
	version, err := versionOf(library)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(dir, fileName)
	// A program may have loaded the previous file, so a new one takes its place.
	if err := os.WriteFile(path+".new", append(code, footer(version)...), 0o755); err != nil {
		return "", err
	}
	return path, os.Rename(path+".new", path)
}

// sources writes the generated C file to work. It returns a file for go build -overlay that
// adds it and duckdb.h to the package of the extension.
func sources(work string) (overlay string, err error) {
	module, err := list("-f", "{{.Module.Version}} {{.Dir}}", bindings+"/include")
	if err != nil {
		return "", err
	}
	version, include, _ := strings.Cut(module, " ")
	if want := bindingsVersion(shim.Version); version != want {
		return "", fmt.Errorf("go.mod has %s %s, but this command builds for DuckDB %s, which is %s; use that version, or add the functions of the other DuckDB to cmd/extension/internal/shim",
			bindings, version, shim.Version, want)
	}
	target, err := list("-f", "{{.Dir}}", extension)
	if err != nil {
		return "", err
	}
	headerFile := filepath.Join(include, "duckdb.h")
	header, err := os.ReadFile(headerFile)
	if err != nil {
		return "", err
	}
	code, err := shim.Write(string(header))
	if err != nil {
		return "", err
	}
	codeFile := filepath.Join(work, "functions.c")
	if err := os.WriteFile(codeFile, []byte(code), 0o600); err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(target, "functions.c"): codeFile,
		filepath.Join(target, "duckdb.h"):    headerFile,
	}})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(work, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}

// bindingsVersion returns the version of the bindings for a version of DuckDB: v0.10506.0
// for v1.5.6.
func bindingsVersion(duckdb string) string {
	var major, minor, patch int
	_, _ = fmt.Sscanf(duckdb, "v%d.%d.%d", &major, &minor, &patch)
	return fmt.Sprintf("v0.%d%02d%02d.0", major, minor, patch)
}

// compile links the library. The tag leaves out the DuckDB of the bindings, so that the
// generated functions take its place.
func compile(library, overlay, work string) error {
	linker, err := exports(work)
	if err != nil {
		return err
	}
	_, err = command("build", "-buildmode=c-shared", "-trimpath", "-buildvcs=auto", "-tags=duckdb_use_static_lib",
		"-overlay="+overlay, "-ldflags=-s -w -extldflags="+linker, "-o", library, extension)
	return err
}

// exports returns the option of the linker that leaves the entry point as the only symbol
// of the library. On Windows, where symbols of libraries do not meet, it puts the compiler's
// own library into the file instead, because the user does not have it.
func exports(work string) (option string, err error) {
	const entry = "teamup_init_c_api"
	switch runtime.GOOS {
	case "darwin":
		return "-Wl,-exported_symbol,_" + entry, nil
	case "windows":
		return "-static-libgcc", nil
	}
	script := filepath.Join(work, "exports.map")
	return "-Wl,--version-script=" + script, os.WriteFile(script, []byte("{ global: "+entry+"; local: *; };\n"), 0o600)
}

// versionOf returns the version of the extension: its tag, or the commit that it was built
// from.
func versionOf(library string) (string, error) {
	info, err := buildinfo.ReadFile(library)
	if err != nil {
		return "", err
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && strings.Contains(info.Main.Version, "-") {
			return s.Value[:12], nil
		}
	}
	return info.Main.Version, nil
}

func list(arguments ...string) (string, error) {
	return command(append([]string{"list"}, arguments...)...)
}

// command runs go and returns its output.
func command(arguments ...string) (string, error) {
	c := exec.Command("go", arguments...)
	c.Env = append(os.Environ(), "CGO_ENABLED=1")
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", arguments[0], err, strings.TrimSpace(errs.String()))
	}
	return strings.TrimSpace(out.String()), nil
}

// checkCompiler returns an error if there is no C compiler.
func checkCompiler() error {
	name, err := command("env", "CC")
	if err != nil {
		return err
	}
	if words := strings.Fields(name); len(words) > 0 {
		if _, err = exec.LookPath(words[0]); err == nil {
			return nil
		}
	}
	return errors.Join(errors.New("building the extension needs a C compiler; install gcc or clang, or set CC"), err)
}
