package shell

import "context"

type editor struct{}

func (*editor) line(bool) (string, error) { return "", nil }

// Interact runs the shell on a terminal.
func (s *Shell) Interact(ctx context.Context) error { return nil }
