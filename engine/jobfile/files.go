package jobfile

import (
	"errors"
	"fmt"
	"io/fs"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/rows"
	"waybill/engine/source"
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
		d.unreadable(t.Range(), path, err)
		return nil
	}
	return file
}

// unreadable reports a file that cannot be opened.
func (d *document) unreadable(at diag.Range, path string, err error) {
	var outside *engine.OutsideError
	var failed *fs.PathError
	switch {
	case errors.As(err, &outside):
		d.Fault("path-outside", at, err.Error(), "A job reads files beside it and below.", "move it there, or run with --allow-path DIR")
		return
	case errors.Is(err, fs.ErrNotExist):
		d.Fault("unreadable-file", at, fmt.Sprintf("there is no file %s", source.Quote(path)),
			"Names are relative to the folder of the job file: "+d.job.Dir, "")
		return
	case errors.As(err, &failed):
		err = failed.Err
	}
	d.Fault("unreadable-file", at, fmt.Sprintf("%s cannot be read: %v", source.Quote(path), err), "", "")
}

// columns reads the beginning of the file that rows come from, and of CSV its header; nil when it is known only to a run, or was reported.
func (d *document) columns(f *engine.ForEach) []string {
	file := d.literalPath(f.Path)
	if file == nil {
		return nil
	}
	defer func() { _ = file.Close() }() // opened for reading
	code := "bad-csv-header"
	var err error
	if f.Kind == engine.FromCSV {
		var table *rows.CSVReader
		var guess *rows.Guess
		if table, err = rows.CSV(file, rows.CSVOptions{Encoding: f.Encoding, Delimiter: f.Delimiter}); err == nil {
			guess, err = table.Check()
		}
		if err == nil {
			d.guessed(f, guess)
			return table.Columns()
		}
	} else if code, err = "bad-jsonl-file", rows.CheckJSONL(file); err == nil {
		return nil
	}
	var header *rows.HeaderError
	if !errors.As(err, &header) {
		d.unreadable(f.PathRange, pathOf(f), err)
		return nil
	}
	where := pathOf(f)
	if header.Line > 0 {
		where = fmt.Sprintf("%s, line %d", where, header.Line)
	}
	d.Fault(code, f.PathRange, where+": "+header.Message, "", header.Hint)
	return nil
}

func pathOf(f *engine.ForEach) string {
	value, _ := f.Path.Constant()
	path, _ := value.(string)
	return path
}

// FileChecker is an Operation with an opinion on the files that its parameters name.
type FileChecker interface {
	engine.Operation
	// CheckFile checks a file that the job names literally, before anything runs. The parameter is a path of names such as
	// "header.file". The caller closes the file.
	CheckFile(s *engine.Step, param string, file fs.File) diag.List
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
