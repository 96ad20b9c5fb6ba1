package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"waybill/jobs"
	"waybill/schemas"
)

const (
	schemaName = "waybill.schema.json"
	modeline   = "# yaml-language-server: $schema=" + schemaName + "\n"
)

func (a *app) initCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a first playbook, with data and the schema for your editor",
		Long: `Writes a job file with its data, the JSON Schema for editors and a .gitignore into DIR, or into this folder. Files that are there
already are never touched: it refuses.`,
		Example: "  waybill init reminders",
		Args:    atMostOne,
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		dir := "."
		if len(args) == 1 {
			dir = args[0]
		}
		return a.init(dir)
	}
	return c
}

type newFile struct {
	name string
	text []byte
}

func (a *app) init(dir string) error {
	job, err := jobs.Files.ReadFile(jobs.First)
	if err != nil {
		return err
	}
	rows, err := jobs.Files.ReadFile(jobs.FirstRows)
	if err != nil {
		return err
	}
	files := []newFile{
		{jobs.First, append([]byte(modeline), job...)},
		{jobs.FirstRows, rows},
		{schemaName, append(schemas.Editor(), '\n')},
		{".gitignore", []byte(stateDir + "/\n")},
	}
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(dir, f.name)); !errors.Is(err, fs.ErrNotExist) {
			return usageError(filepath.Join(dir, f.name)+" is there already; nothing was written",
				"choose another folder: waybill init DIR")
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // a folder of the user's own, like any other
		return fmt.Errorf("make the folder: %w", err)
	}
	for _, f := range files {
		if err := writeNew(filepath.Join(dir, f.name), f.text); err != nil {
			return err
		}
		fmt.Fprintln(a.out, filepath.Join(dir, f.name))
	}
	fmt.Fprintf(a.err, "try it, nobody is messaged: waybill run %s --sandbox\n", quote(filepath.Join(dir, jobs.First)))
	return nil
}

// writeNew writes a file that must not be there yet.
func writeNew(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // the user names the folder
	if err != nil {
		return fmt.Errorf("write the playbook: %w", err)
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}
