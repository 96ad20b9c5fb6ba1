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
)

// literalPath opens a file that the job names literally, so that a wrong name is found before anything runs. It gives nil, and says nothing,
// for a name that only a run will know.
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

// unreadable is the finding about a file that cannot be opened.
func (d *document) unreadable(at diag.Range, path string, err error) {
	var outside *engine.OutsideError
	var failed *fs.PathError
	switch {
	case errors.As(err, &outside):
		d.Fault("path-outside", at, err.Error(), "A job reads files beside it and below.", "move it there, or run with --allow-path DIR")
		return
	case errors.Is(err, fs.ErrNotExist):
		d.Fault("unreadable-file", at, fmt.Sprintf("there is no file %s", source.Quote(path)), "Names are relative to the folder of the job file: "+d.job.Dir, "")
		return
	case errors.As(err, &failed):
		err = failed.Err
	}
	d.Fault("unreadable-file", at, fmt.Sprintf("%s cannot be read: %v", source.Quote(path), err), "", "")
}

// columns reads the header of a CSV file; nil when it is not known before a run.
func (d *document) columns(f *engine.ForEach) []string {
	file := d.literalPath(f.Path)
	if file == nil {
		return nil
	}
	defer func() { _ = file.Close() }() // opened for reading
	if f.Kind != engine.FromCSV {
		return nil
	}
	table, err := rows.CSV(file, rows.CSVOptions{Encoding: f.Encoding, Delimiter: f.Delimiter})
	if err == nil {
		return table.Columns()
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
	d.Fault("bad-csv-header", f.PathRange, where+": "+header.Message, "", header.Hint)
	return nil
}

func pathOf(f *engine.ForEach) string {
	value, _ := f.Path.Constant()
	path, _ := value.(string)
	return path
}

// FileChecker is what an Operation is, too, that sends files of the user's.
type FileChecker interface {
	engine.Operation
	// CheckFile looks at a file that the job names literally, before anything runs. The parameter is "file" or
	// "headerMedia.file". The file is read from, and closed by the caller.
	CheckFile(s *engine.Step, param string, file fs.File) diag.List
}

// literalFiles looks at the files that an operation is to upload.
func (d *document) literalFiles(s *engine.Step) {
	for param, t := range map[string]*eval.Tree{
		"file": s.Params.Field("file"), "headerMedia.file": s.Params.Field("headerMedia").Field("file"),
	} {
		file := d.literalPath(t.Template())
		if file == nil {
			continue
		}
		if checker, ok := s.Operation.(FileChecker); ok {
			d.List = append(d.List, checker.CheckFile(s, param, file)...)
		}
		_ = file.Close() // opened for reading
	}
}
