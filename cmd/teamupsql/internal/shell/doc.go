// Package shell is the interactive shell and what runs SQL for the command line:
// statements, dot commands, editing, completion, progress and output. It takes its
// input, output and error as values.
package shell
