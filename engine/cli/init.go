package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"waybill/engine/deploy"
	"waybill/engine/diag"
	"waybill/jobs"
	"waybill/schemas"
)

const (
	schemaName = "waybill.schema.json"
	modeline   = "# yaml-language-server: $schema=" + schemaName + "\n"

	// What stands where nobody said from where the program comes.
	anyRepository, anyVersion = "OWNER/waybill", "VERSION"
)

type initOptions struct {
	with     []string
	playbook string
	from     string
}

func (a *app) initCommand() *cobra.Command {
	o := &initOptions{}
	c := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a first playbook, and what runs it on CI, a server, a cluster",
		Long: `Writes a job file with its data, the JSON Schema for editors and a .gitignore into DIR, or into this folder. Files that are there
already are never touched: it refuses.

--with writes what runs a playbook elsewhere, and keeps its ledger where it survives. It is for the playbook that lies in DIR; where there is none, the first one is
written too.

` + platformList() + `
Each of these files begins with what is to be done once. DIR is the root of the repository, for github and gitlab.`,
		Example: `  waybill init reminders
  waybill init --with github --from OWNER/waybill@v1.0.0
  waybill init reminders --with systemd,prometheus --playbook newsletter.yaml`,
		Args: atMostOne,
	}
	c.Flags().StringSliceVar(&o.with, "with", nil, "`PLATFORM` to write files for: "+strings.Join(deploy.Names(), ", ")+"; may be repeated")
	c.Flags().StringVar(&o.playbook, "playbook", "", "`FILE` in DIR that they run, where there are several")
	c.Flags().StringVar(&o.from, "from", "", "`OWNER/NAME@VERSION` on GitHub, whose releases and image they take")
	_ = c.RegisterFlagCompletionFunc("with", cobra.FixedCompletions(deploy.Names(), cobra.ShellCompDirectiveNoFileComp))
	c.RunE = func(_ *cobra.Command, args []string) error {
		dir := "."
		if len(args) == 1 {
			dir = args[0]
		}
		return a.init(dir, o)
	}
	return c
}

// platformList is for the help.
func platformList() string {
	var b strings.Builder
	for _, p := range deploy.Platforms() {
		fmt.Fprintf(&b, "  %-12s%s\n", p.Name, p.About)
	}
	return b.String()
}

func (a *app) init(dir string, o *initOptions) error {
	platforms, err := o.platforms()
	if err != nil {
		return err
	}
	use, err := o.use(dir)
	if err != nil {
		return err
	}
	var files []deploy.File
	if len(platforms) == 0 || use.Playbook == jobs.First && missing(filepath.Join(dir, jobs.First)) {
		if files, err = firstFiles(); err != nil {
			return err
		}
	}
	begun := len(files) > 0
	for _, p := range platforms {
		more, err := p.Files(use)
		if err != nil {
			return err
		}
		files = append(files, more...)
	}
	if err := refuseTaken(dir, files); err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := writeNew(path, f.Text); err != nil {
			return err
		}
		fmt.Fprintln(a.out, path)
	}
	if begun {
		fmt.Fprintf(a.err, "try it, nobody is messaged: waybill run %s --sandbox\n", quote(filepath.Join(dir, jobs.First)))
	}
	a.tellWith(dir, platforms, files)
	return nil
}

// firstFiles are a playbook and what belongs to it.
func firstFiles() ([]deploy.File, error) {
	job, err := jobs.Files.ReadFile(jobs.First)
	if err != nil {
		return nil, err
	}
	rows, err := jobs.Files.ReadFile(jobs.FirstRows)
	if err != nil {
		return nil, err
	}
	return []deploy.File{
		{Name: jobs.First, Text: append([]byte(modeline), job...)},
		{Name: jobs.FirstRows, Text: rows},
		{Name: schemaName, Text: append(schemas.Editor(), '\n')},
		{Name: ".gitignore", Text: []byte(stateDir + "/\n.env\n")},
	}, nil
}

// platforms are those of --with, each once, in the order of the list.
func (o *initOptions) platforms() ([]deploy.Platform, error) {
	for _, name := range o.with {
		if err := oneOf("--with", name, deploy.Names()); err != nil {
			return nil, err
		}
	}
	if len(o.with) == 0 && (o.playbook != "" || o.from != "") {
		return nil, usageError("--playbook and --from are of use with --with alone", "say for what: --with "+strings.Join(deploy.Names(), ", "))
	}
	return slices.DeleteFunc(deploy.Platforms(), func(p deploy.Platform) bool { return !slices.Contains(o.with, p.Name) }), nil
}

// use says for what the files of platforms are.
func (o *initOptions) use(dir string) (deploy.Use, error) {
	use := deploy.Use{Playbook: o.playbook, Repository: anyRepository, Version: anyVersion}
	if o.from != "" {
		parts := regexp.MustCompile(`^([\w.-]+/[\w.-]+)@(v\d+\.\d+\.\d+[\w.-]*)$`).FindStringSubmatch(o.from)
		if parts == nil {
			return use, usageError(fmt.Sprintf("--from %q names no release", o.from), "write OWNER/NAME@VERSION, such as --from clinic/waybill@v1.0.0")
		}
		use.Repository, use.Version = parts[1], parts[2]
	}
	if len(o.with) == 0 {
		return use, nil
	}
	there := jobFilesOf(dir)
	switch {
	case o.playbook != "" && !slices.Contains(there, o.playbook):
		hint := "it lies in the folder itself, and has steps"
		if near := diag.Suggest(o.playbook, there); near != "" {
			hint = "did you mean --playbook " + quote(near) + "?"
		}
		return use, usageError(fmt.Sprintf("--playbook %s: there is no such job in %s", o.playbook, dir), hint)
	case o.playbook == "" && len(there) > 1:
		return use, usageError(fmt.Sprintf("there are %d playbooks in %s", len(there), dir), "say which: --playbook "+quote(there[0]))
	case len(there) == 1:
		use.Playbook = there[0]
	}
	use.Playbook = cmp.Or(use.Playbook, jobs.First)
	if name := strings.TrimSuffix(use.Playbook, filepath.Ext(use.Playbook)); !regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$`).MatchString(name) {
		return use, usageError(use.Playbook+" has a name that not every platform takes", "call it in small letters, digits and -, such as newsletter.yaml")
	}
	return use, nil
}

// refuseTaken refuses to write where something lies, and names all of it.
func refuseTaken(dir string, files []deploy.File) error {
	var taken []string
	for _, f := range files {
		if path := filepath.Join(dir, filepath.FromSlash(f.Name)); !missing(path) {
			taken = append(taken, path)
		}
	}
	switch len(taken) {
	case 0:
		return nil
	case 1:
		return usageError(taken[0]+" is there already; nothing was written", "choose another folder: waybill init DIR")
	}
	return usageError(strings.Join(taken, ", ")+" are there already; nothing was written", "choose another folder: waybill init DIR")
}

func missing(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// tellWith says what is to be done by hand.
func (a *app) tellWith(dir string, platforms []deploy.Platform, files []deploy.File) {
	var unfilled []string
	for _, f := range files {
		if strings.Contains(string(f.Text), anyRepository) || strings.Contains(string(f.Text), ":"+anyVersion) {
			unfilled = append(unfilled, filepath.Join(dir, filepath.FromSlash(f.Name)))
		}
	}
	if len(unfilled) > 0 {
		fmt.Fprintf(a.err, "put in from where the program comes, for %s and %s (or --from does): %s\n", anyRepository, anyVersion, strings.Join(unfilled, ", "))
	}
	for _, p := range platforms {
		if p.Begin != "" {
			fmt.Fprintf(a.err, "%s: begin the ledger once, before the first apply: %s\n", p.Name, p.Begin)
		}
	}
}

// writeNew writes a file that must not be there yet, and makes its folder.
func writeNew(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // a folder of the user's own, like any other
		return fmt.Errorf("make the folder: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // the user names the folder
	if err != nil {
		return fmt.Errorf("write the playbook: %w", err)
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}
