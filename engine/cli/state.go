package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	stateDir    = ".waybill"
	ledgerName  = "ledger.db"
	sandboxName = "sandbox.db"
)

// statePath is the ledger of a job file: what --state says, else a file beside the job.
func statePath(f *jobFlags, jobFile string) (string, error) {
	if f.state != "" {
		return checkState(f.state)
	}
	return filepath.Join(filepath.Dir(jobFile), stateDir, defaultLedger(f.sandbox)), nil
}

func defaultLedger(sandbox bool) string {
	if sandbox {
		return sandboxName
	}
	return ledgerName
}

// checkState refuses what is neither a file nor a database that can hold a ledger.
func checkState(state string) (string, error) {
	if isShared(state) {
		return state, nil
	}
	if scheme, _, found := strings.Cut(state, "://"); found {
		return "", usageError(fmt.Sprintf("--state %s: there are no ledgers on %s", state, scheme), "give a file, or postgres://HOST/DATABASE")
	}
	if strings.HasPrefix(state, "postgres:") || strings.HasPrefix(state, "postgresql:") || strings.Contains(state, "dbname=") {
		return "", usageError("--state is neither a file nor the address of a database", "such an address is postgres://USER@HOST/DATABASE")
	}
	if stat, err := os.Stat(state); err == nil && stat.IsDir() {
		return "", usageError(fmt.Sprintf("--state %s is a folder", state), "give the ledger's file: "+filepath.Join(state, ledgerName))
	}
	return state, nil
}

// findState is the ledger that commands without a job file mean: what --state says, else the one of this folder,
// else the only one in the folders below it.
func findState(f *jobFlags) (string, error) {
	if f.state != "" {
		path, err := checkState(f.state)
		if err != nil || isShared(path) {
			return path, err
		}
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return "", usageError("there is no ledger "+path, "run or apply a job first; the ledger is made then")
		}
		return path, nil
	}
	name := defaultLedger(f.sandbox)
	here := filepath.Join(stateDir, name)
	if _, err := os.Stat(here); !errors.Is(err, fs.ErrNotExist) { // also one that may not be looked at: another ledger is none in its place
		return here, nil
	}
	below, err := filepath.Glob(filepath.Join("*", stateDir, name))
	if err != nil {
		return "", err
	}
	switch len(below) {
	case 1:
		return below[0], nil
	case 0:
		return "", usageError(fmt.Sprintf("there is no ledger %s here, nor one folder below", here), otherLedger(f.sandbox))
	}
	return "", usageError("there are several ledgers below this folder", "choose one: --state "+strings.Join(below, ", --state "))
}

// otherLedger is the hint for who looks for the one and has the other.
func otherLedger(sandbox bool) string {
	here, _ := filepath.Glob(filepath.Join(stateDir, defaultLedger(!sandbox)))
	below, _ := filepath.Glob(filepath.Join("*", stateDir, defaultLedger(!sandbox)))
	switch {
	case len(here)+len(below) == 0:
		return "name it with --state FILE; run and apply make one beside the job"
	case sandbox:
		return "there is a ledger of real deliveries: leave --sandbox out"
	}
	return "there is a ledger of the sandbox: add --sandbox"
}

// sharedState is the ledger of several job files: they must mean the same one, or run and apply beside serve would
// write into others.
func sharedState(f *jobFlags, files []string) (string, error) {
	if f.state != "" || len(files) == 0 {
		return statePath(f, "here")
	}
	first := ""
	for _, file := range files {
		dir, err := filepath.Abs(filepath.Dir(file))
		if err != nil {
			return "", fmt.Errorf("find the folder of %s: %w", file, err)
		}
		if first == "" {
			first = dir
		}
		if dir != first {
			return "", usageError(fmt.Sprintf("the job files lie in several folders, such as %s and %s, and each folder has a ledger of its own",
				filepath.Dir(files[0]), filepath.Dir(file)),
				"say which ledger they share: --state FILE, here and for run and apply")
		}
	}
	return statePath(f, files[0])
}

// ledgerPaths are the ledgers that the jobs would use: what --state says, else the one beside each.
func ledgerPaths(f *jobFlags, files []string) ([]string, error) {
	if len(files) == 0 {
		files = []string{"here"}
	}
	var paths []string
	for _, file := range files {
		path, err := statePath(f, file)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths, nil
}
