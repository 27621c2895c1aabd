// Package shell is the interactive shell. It also runs SQL for the command line. It has
// statements, dot commands, editing, completion, progress and output. Its input, output and
// error output are parameters.
package shell
