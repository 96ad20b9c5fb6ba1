//go:build unix

package main

import (
	"os"
	"syscall"
)

// peak is the most memory that a process had, as its system counts it: in KiB on Linux.
func peak(state *os.ProcessState) int64 {
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		return usage.Maxrss
	}
	return 0
}
