// Package shell is the interactive shell, with statements, dot commands, editing,
// completion, progress and output. It also runs SQL for the command line. Its input, output
// and error output are parameters.
package shell
