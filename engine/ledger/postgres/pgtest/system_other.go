//go:build !unix

package pgtest

import "os/exec"

// supported says whether servers can be started here at all: they are stopped by signals.
const supported = false

func own(string) error       { return nil }
func asUser(*exec.Cmd) error { return nil }
