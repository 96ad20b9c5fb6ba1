package engine

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/secret"
	"waybill/schemas"
)

// The bounds of a job's lists, beyond those of a file: every expression sees them all.
const maxEntries = 1000

// Loader reads job files. Operations are required; the rest may be zero. It may be used by many goroutines, and is not to be
// copied after its first use.
type Loader struct {
	Operations []Operation
	Lookup     func(string) (string, bool)        // the environment; nil: nothing is set
	Redactor   *secret.Redactor                   // is told the secret values; nil: nobody is
	Now        func() time.Time                   // what now() gives in expressions; nil: now() fails
	AllowPaths []string                           // further folders that a job may read files from
	Cron       func(string, *time.Location) error // judges the cron expression of a schedule; nil: whatever it says is taken
	CheckBase  func(string) error                 // says what is wrong with a baseUrl, in words that follow its name; nil: it is found when it is used
	Override   bool                               // another connection takes the place of the job's: nothing of it is looked up or missed

	once   sync.Once
	schema *schemas.Schema
}

// Load makes jobs of a file: one of each YAML document. All that is wrong with it is found at once; the jobs are nil when the list has
// an Error. The path is where the file is, for the files that the job names. The list is sorted, and every
// Range in it lies in src.
func (l *Loader) Load(src *diag.Source, path string) ([]*Job, diag.List) {
	l.once.Do(func() { l.schema = schemas.Compile() })
	var found findings
	if !found.checkText(src) {
		return nil, found.list.Sort()
	}
	var documents []*node
	if isJSON(src) {
		documents = []*node{found.readJSON(src)}
	} else {
		documents = found.readYAML(src)
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		dir = filepath.Dir(path)
	}
	var jobs []*Job
	names := map[string]diag.Range{}
	for _, root := range documents {
		if root == nil || root.broken && found.list.HasErrors() {
			continue // nothing in it, or not all of it was read
		}
		d := l.document(src, root, dir)
		d.read()
		d.onlyOne(names)
		found.list = append(found.list, d.list...)
		jobs = append(jobs, d.job)
	}
	if len(jobs) == 0 && !found.list.HasErrors() {
		found.fault("empty-file", src.Range(0, 0), "the file says nothing", "A job needs a version, a name and steps.",
			"`waybill init` writes one to begin with")
	}
	list := found.list.Sort()
	if list.HasErrors() {
		return nil, list
	}
	return jobs, list
}

// document is one job being read. What the schema finds is not said again: whoever reads a value of the wrong kind gets
// its zero and goes on.
type document struct {
	findings
	loader     *Loader
	source     *diag.Source
	root       *node
	job        *Job
	compiler   *eval.Compiler
	blind      *eval.Compiler // for what Override makes needless: it looks nothing up
	operations map[string]Operation
	files      Opener
	scope      eval.Scope        // inputs, vars, run, job
	steps      int               // read so far
	unknown    map[*node]bool    // steps with an unknown key that is reported as an operation
	wanted     map[string]demand // connection keys that are given nowhere, and who needs them first
}

// demand is a place that needs something.
type demand struct {
	at   diag.Range
	step string
}

func (l *Loader) document(src *diag.Source, root *node, dir string) *document {
	variables := eval.NewVariables(l.Lookup, l.Redactor)
	d := &document{
		loader: l, source: src, root: root,
		job:        &Job{Source: src, Range: root.rng, Dir: dir, Variables: variables},
		compiler:   &eval.Compiler{Variables: variables, Now: l.Now},
		operations: make(map[string]Operation, len(l.Operations)),
		unknown:    map[*node]bool{}, wanted: map[string]demand{},
	}
	blind := eval.NewVariables(func(string) (string, bool) { return "", true }, nil)
	d.blind = &eval.Compiler{Variables: blind, Now: l.Now}
	for _, op := range l.Operations {
		d.operations[op.Name()] = op
	}
	d.files = Files(d.job, l.AllowPaths)
	return d
}

// read finds everything about the document, in the order in which one thing needs another.
func (d *document) read() {
	if d.root.kind != isMap {
		detail := "A job is a map with version, name and steps on top."
		if d.root.kind == isList {
			detail += " Several jobs in one file are parted by a line with ---."
		}
		d.fault("not-a-job", d.root.head(), "the document is "+d.root.kind.String()+", and no job", detail, "")
		return
	}
	d.digits()
	d.ambiguous(d.root, nil)
	d.judge()
	d.header()
	d.inputs()
	d.vars()
	d.connection()
	steps, known := d.sequence(d.root.at("steps"), surroundings{scope: d.scope})
	d.job.Steps = steps
	d.outputs(known)
	d.supply()
}

// head is the place of a value's beginning, for findings about all of it.
func (n *node) head() diag.Range {
	r := n.rng
	if r.End.Line != r.Start.Line {
		r.End = r.Start
	}
	return r
}

// onlyOne refuses a second job of the same name in a file: they would share what they sent.
func (d *document) onlyOne(names map[string]diag.Range) {
	name := d.root.at("name")
	if name.words() == "" {
		return
	}
	if first, twice := names[name.text]; twice {
		d.fault("duplicate-key", name.rng, fmt.Sprintf("a second job is named %s", name.text),
			fmt.Sprintf("The first stands at line %d, column %d. In the ledger they would be one job.", first.Start.Line, first.Start.Column),
			"give it a name of its own")
		return
	}
	names[name.text] = name.rng
}

// header reads what is literal on top of the job.
func (d *document) header() {
	job, root := d.job, d.root
	job.Name = root.at("name").words()
	job.Description = root.at("description").words()
	switch root.at("onUncertain").words() {
	case "resend":
		job.OnUncertain = Resend
	case "strict":
		job.OnUncertain = Strict
	}
	job.Retry = d.retry(root.at("defaults").at("retry"))
	if limits := root.field("limits"); limits != nil {
		job.Limits = Limits{Recipients: limits.at("recipients").whole(), Range: limits.node.rng}
	}
	if schedule := root.field("schedule"); schedule != nil && schedule.kind == isMap {
		job.Schedule = d.schedule(schedule)
	}
	if env := root.at("env"); env != nil {
		for _, f := range env.fields {
			if secret := f.at("secret"); secret != nil && secret.kind == isBool && secret.text == "false" {
				job.Variables.Release(f.name)
			}
		}
	}
	for _, name := range [...]string{"phoneNumberId", "wabaId"} {
		job.Variables.Release(defaultVariable(name))
	}
	d.scope = eval.NewScope().
		With("run", eval.Object(map[string]eval.Type{"id": eval.String(), "scope": eval.String(), "startedAt": eval.String()})).
		With("job", eval.Object(map[string]eval.Type{"name": eval.String()}))
}

// retry reads a retry map.
func (d *document) retry(n *node) RetrySpec {
	return RetrySpec{
		Attempts: n.at("attempts").whole(),
		Delay:    d.duration(n.field("delay")),
		MaxDelay: d.duration(n.field("maxDelay")),
	}
}

// duration reads a literal span of time.
func (d *document) duration(f *field) time.Duration {
	if f == nil || f.broken || f.kind != isText && f.kind != isNumber {
		return 0
	}
	span, err := Duration(f.text)
	if err != nil {
		d.fault("bad-duration", f.node.rng, fmt.Sprintf("%s: %v", f.name, err), "", "")
	}
	return span
}

// enumerate writes names for people: "a, b or c".
func enumerate(names []string, last string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + last + " " + names[len(names)-1]
}
