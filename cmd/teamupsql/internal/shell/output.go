package shell

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// output is the destination of results: the standard output, or that of .output or .once.
type output struct {
	std  io.Writer
	dest io.Writer
	end  func() error // closes dest
	name string       // "stdout", a file or |command
	once bool         // back to the standard output after the next statement
}

func newOutput(std io.Writer) *output { return &output{std: std, dest: std, name: "stdout"} }

// Write writes to the destination in force.
func (o *output) Write(p []byte) (int, error) { return o.dest.Write(p) }

// redirected reports whether the destination is not the standard output.
func (o *output) redirected() bool { return o.end != nil }

// send sets the destination to a file, or to a command after a bar.
func (o *output) send(name string, once bool, stderr io.Writer) error {
	if err := o.reset(); err != nil {
		return err
	}
	switch {
	case name == "" || name == "stdout":
		return nil
	case name == "off":
		o.dest, o.end = io.Discard, func() error { return nil }
	case name[0] == '|':
		if err := o.pipe(name[1:], stderr); err != nil {
			return err
		}
	default:
		f, err := os.Create(name)
		if err != nil {
			return err
		}
		o.dest, o.end = f, f.Close
	}
	o.name, o.once = name, once
	return nil
}

func (o *output) pipe(command string, stderr io.Writer) error {
	cmd := shellCommand(command)
	cmd.Stdout, cmd.Stderr = o.std, stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	o.dest, o.end = in, func() error { return errors.Join(in.Close(), cmd.Wait()) }
	return nil
}

// reset sets the destination to the standard output.
func (o *output) reset() error {
	end, name := o.end, o.name
	o.dest, o.end, o.name, o.once = o.std, nil, "stdout", false
	if end == nil {
		return nil
	}
	if err := end(); err != nil {
		return fmt.Errorf("output to %s: %w", name, err)
	}
	return nil
}

// used ends a .once.
func (o *output) used() error {
	if o.once {
		return o.reset()
	}
	return nil
}

// shellCommand is a command line for the system's shell.
func shellCommand(line string) *exec.Cmd { return exec.Command("sh", "-c", line) }
