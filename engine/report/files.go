package report

import "waybill/engine"

// Files says where the items of a step come from, a file or another source: by the step's path. Steps whose items come from a list,
// or from what is named only when the job runs, are not in it.
type Files map[string]string

// FilesOf finds them in a job.
func FilesOf(job *engine.Job) Files {
	return originsOf(job, func(engine.Origin) bool { return true })
}

// DataFilesOf finds those that are files, which an editor can open.
func DataFilesOf(job *engine.Job) Files {
	return originsOf(job, func(o engine.Origin) bool { return o.File })
}

// originsOf is FilesOf for the sources that are wanted.
func originsOf(job *engine.Job, wanted func(engine.Origin) bool) Files {
	files := Files{}
	var walk func(steps []*engine.Step, file string)
	walk = func(steps []*engine.Step, file string) {
		for _, s := range steps {
			from := file
			if s.ForEach != nil {
				from = ""
				if origin := s.ForEach.Source.Origin(s.ForEach); wanted(origin) {
					from = origin.Name
				}
			}
			if from != "" {
				files[s.Path] = from
			}
			walk(s.Steps, from)
		}
	}
	walk(job.Steps, "")
	return files
}

// In fills in the files of errors.
func (f Files) In(errors []Error) {
	for i := range errors {
		errors[i].File = f[errors[i].Step]
	}
}
