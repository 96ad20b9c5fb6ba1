package steps

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/whatsapp"
)

// attachment is a local file that a message carries.
type attachment struct {
	kind  whatsapp.MediaType
	param string // path of the parameter that names the file
	path  string // as the job file has it
	put   func(m *whatsapp.Message, id string)
}

// pendingID is in place of the media id until the file is uploaded; plan shows it.
func (f *attachment) pendingID() string { return "<id of " + f.path + ">" }

func (f *attachment) name() string { return path.Base(filepath.ToSlash(f.path)) }

// check returns an error unless the file exists and may be sent: its type and its size.
func (f *attachment) check(open engine.Opener) error {
	file, err := open.Open(f.path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // opened for reading
	seen, err := f.inspect(file)
	if err != nil || !slices.Contains(whatsapp.MediaTypes(), f.kind) {
		return err // the kind is a parameter of its own, and reported there
	}
	var problems []*problem
	for _, p := range seen.Check(f.kind) {
		problems = append(problems, newProblem("", p))
	}
	return errorOf(problems)
}

// inspect reads the size and the first bytes of an open file.
func (f *attachment) inspect(file fs.File) (whatsapp.MediaFile, error) {
	seen := whatsapp.MediaFile{Name: f.name()}
	stat, err := file.Stat()
	if err != nil {
		return seen, fmt.Errorf("look at %s: %w", f.path, err)
	}
	if stat.IsDir() {
		return seen, fmt.Errorf("%s is a folder", f.path)
	}
	seen.Size = stat.Size()
	seen.Head, err = io.ReadAll(io.LimitReader(file, whatsapp.MediaHead))
	if err != nil {
		return seen, fmt.Errorf("read %s: %w", f.path, err)
	}
	return seen, nil
}

// checkFile checks a file that the job names literally, if its kind is literal too.
func checkFile(s *engine.Step, param string, kind *eval.Tree, file fs.File) diag.List {
	word, _ := kind.Constant()
	t, _ := word.(string)
	at := s.Params
	for step := range strings.SplitSeq(param, ".") {
		at = at.Field(step)
	}
	value, _ := at.Constant()
	name, _ := value.(string)
	if !slices.Contains(whatsapp.MediaTypes(), whatsapp.MediaType(t)) {
		return nil // known only at run time, or reported already
	}
	f := &attachment{kind: whatsapp.MediaType(t), path: name}
	seen, err := f.inspect(file)
	if err != nil {
		return addFinding(nil, s, &problem{Path: param, Err: err})
	}
	var found diag.List
	for _, p := range seen.Check(f.kind) {
		found = addFinding(found, s, newProblem(param, p))
	}
	return found
}

// uploadFile uploads a file and returns its media id.
func (cs *clients) uploadFile(ctx context.Context, c *engine.Call, f *attachment) (string, error) {
	client, err := cs.client(c.Connection)
	if err != nil {
		return "", err
	}
	file, err := c.Open.Open(f.path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // opened for reading
	seen, err := f.inspect(file)
	if err != nil {
		return "", err
	}
	whole := io.MultiReader(bytes.NewReader(seen.Head), file)
	id, err := client.Upload(ctx, c.Connection.PhoneNumberID, whatsapp.FileUpload{
		Name: f.name(), MIMEType: seen.MIMEType(f.kind), Content: whole, Size: seen.Size,
	})
	if err != nil {
		return "", readVerdict(err)
	}
	return id, nil
}
