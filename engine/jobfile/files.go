package jobfile

import (
	"io/fs"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/schemas"
)

// literalPath opens a file that the job names literally, so that a wrong name is found before anything runs. It returns nil for
// a name that is known only to a run, and for a file that it reported.
func (d *document) literalPath(t *eval.Template) fs.File {
	if t == nil {
		return nil
	}
	value, ok := t.Constant()
	path, text := value.(string)
	if !ok || !text {
		return nil
	}
	file, err := d.files.Open(path)
	if err != nil {
		d.List = append(d.List, engine.Unreadable(d.job, t.Range(), path, err))
		return nil
	}
	return file
}

// FileChecker is an Operation with an opinion on the files that its parameters name.
type FileChecker interface {
	engine.Operation
	// CheckFile checks a file that the job names literally, before anything runs. The parameter is a path of names such as
	// "header.file". The caller closes the file.
	CheckFile(s *engine.Step, param string, file fs.File) diag.List
}

// JobChecker is an Operation with an opinion on a step that takes the whole job to have.
type JobChecker interface {
	engine.Operation
	// CheckJob checks a step once all of the job is read.
	CheckJob(job *engine.Job, s *engine.Step) diag.List
}

// checkWhole lets the operations of steps check them as part of the whole job.
func (d *document) checkWhole(steps []*engine.Step) {
	for _, s := range steps {
		if checker, ok := s.Operation.(JobChecker); ok && s.Params != nil {
			d.List = append(d.List, checker.CheckJob(d.job, s)...)
		}
		d.checkWhole(s.Steps)
	}
}

// literalFiles opens and checks the files that parameters name. Place is what the schema says of params, and path leads to
// them: "" or "header.".
func (d *document) literalFiles(s *engine.Step, params *eval.Tree, place *schemas.Place, path string) {
	for _, name := range place.Keys() {
		inside, param := place.Child(name), params.Field(name)
		d.literalFiles(s, param, inside, path+name+".")
		if !inside.File {
			continue
		}
		file := d.literalPath(param.Template())
		if file == nil {
			continue
		}
		if checker, ok := s.Operation.(FileChecker); ok {
			d.List = append(d.List, checker.CheckFile(s, path+name, file)...)
		}
		_ = file.Close() // opened for reading
	}
}
