package cli

import (
	"fmt"
	"path/filepath"
)

// planFolder is the folder that a saved plan lies in, without links. What the plan names is named from there: in a copy of the folder, and
// after a move, it means the job, the data and the ledger of that one.
type planFolder string

// folderOfPlan is the folder of the plan at a path.
func folderOfPlan(path string) (planFolder, error) {
	dir, err := filepath.Abs(filepath.Dir(path))
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return "", fmt.Errorf("find the folder of the plan %s: %w", path, err)
	}
	return planFolder(dir), nil
}

// relative is a path as the plan names it. What lies on another volume has no such name and stays as it is.
func (f planFolder) relative(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		abs = filepath.Join(dir, filepath.Base(abs))
	}
	short, err := filepath.Rel(string(f), abs)
	if err != nil {
		return abs, nil //nolint:nilerr // it has no other name
	}
	return filepath.ToSlash(short), nil
}

// absolute is the reverse of relative.
func (f planFolder) absolute(path string) (string, error) {
	path = filepath.FromSlash(path)
	if filepath.IsAbs(path) {
		return path, nil
	}
	return filepath.Join(string(f), path), nil
}

// eachPath names each path of a plan anew.
func (p *planFile) eachPath(rename func(path string) (string, error)) error {
	paths := []*string{&p.File}
	if !isShared(p.State) {
		paths = append(paths, &p.State)
	}
	if p.Rates != "" {
		paths = append(paths, &p.Rates)
	}
	for i := range p.AllowPaths {
		paths = append(paths, &p.AllowPaths[i])
	}
	for _, path := range paths {
		named, err := rename(*path)
		if err != nil {
			return err
		}
		*path = named
	}
	return nil
}

// besideJob says whether the ledger of a plan is the one that its job has by default.
func (p *planFile) besideJob() bool {
	return p.State == filepath.Join(filepath.Dir(p.File), stateDir, defaultLedger(p.Sandbox))
}
