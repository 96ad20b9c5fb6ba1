package engine

import "io/fs"

// Opener opens the files that a job names: relative to the job's folder, and nowhere outside of it but in the
// folders that the user allowed. Its errors name the path as the file gives it.
type Opener interface {
	Open(path string) (fs.File, error)
}
