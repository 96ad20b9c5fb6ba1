package jobfile

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/secret"
	"waybill/engine/source"
	"waybill/schemas"
)

// The bounds of a job's lists, beyond those of a file: every expression sees them all.
const maxEntries = 1000

// Loader reads job files. Operations and Sources are required; the rest may be zero. It may be used by many goroutines, and is not to be
// copied after its first use.
type Loader struct {
	Operations []engine.Operation
	Sources    []engine.Source
	Defaults   engine.Connection           // what a connection has where the file says nothing
	Variables  map[string]string           // connection key → the environment variable that is used where the file says nothing
	Lookup     func(string) (string, bool) // the environment; nil: nothing is set
	Redactor   *secret.Redactor            // is told the secret values; nil: they are not collected
	Now        func() time.Time            // what now() returns in expressions; nil: now() fails
	Thorough   bool                        // data files are read to their end, where something can be found there
	AllowPaths []string                    // further folders that a job may read files from
	Override   bool                        // another connection takes the place of the job's: nothing of it is looked up or missed

	// Cron returns what is wrong with the cron expression of a schedule, and the day field, if any, that other programs read in
	// another way; nil: any is taken.
	Cron func(string, *time.Location) (starredDay string, err error)
	// CheckID and CheckToken return what is wrong with an id and a token of the connection, in words that follow its name and do not
	// repeat it; nil: any is taken. Loopback says whether an address leads to this machine; nil: none does.
	CheckID, CheckToken func(string) error
	Loopback            func(string) bool
	// CheckBase returns what is wrong with a baseUrl, in words that follow its name; nil: any is taken.
	CheckBase func(string) error

	once       sync.Once
	schema     *schemas.Schema
	step       *schemas.Place // what the schema says of a step
	parameters *schemas.Place // what it says of the parameters of all operations together
}

// compile compiles the schema. A parameter means the same in each operation that has it, so parameters can also be looked up
// where the operation is misspelt, or does not have them.
func (l *Loader) compile() {
	l.schema = schemas.Compile()
	l.step = l.schema.At("steps", "0")
	l.parameters = &schemas.Place{Properties: map[string]*schemas.Place{}}
	for _, op := range l.Operations {
		maps.Copy(l.parameters.Properties, l.step.Child(op.Name()).Properties)
	}
}

// Load makes jobs of a file: one of each YAML document. All that is wrong with it is found at once; the jobs are nil when the
// list has an Error. The path is where the file is, for the files that the job names. The list is sorted, and every Range in it
// lies in src.
func (l *Loader) Load(src *diag.Source, path string) ([]*engine.Job, diag.List) {
	l.once.Do(l.compile)
	documents, found := source.Read(src)
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		dir = filepath.Dir(path)
	}
	var jobs []*engine.Job
	names := map[string]diag.Range{}
	for _, root := range documents {
		if root == nil || root.Broken {
			continue // nothing is in it, or not all of it was read
		}
		d := l.document(src, root, dir, found)
		d.read()
		d.checkUnique(names)
		jobs = append(jobs, d.job)
	}
	if len(jobs) == 0 && !found.List.HasErrors() {
		found.Fault("empty-file", src.Range(0, 0), "the file says nothing", "A job needs a version, a name and steps.",
			"`waybill init` writes one to begin with")
	}
	list := found.List.Sort()
	if list.HasErrors() {
		return nil, list
	}
	return jobs, list
}

// document is one job being read. Each thing that is wrong is reported once: what the schema finds is not reported again by
// the readers of a value, which take a value of the wrong kind for its zero and go on.
type document struct {
	*source.Findings // of the whole file
	remarks

	loader     *Loader
	root       *source.Node
	job        *engine.Job
	compiler   *eval.Compiler
	withoutEnv *eval.Compiler // for what Override makes needless: it looks nothing up
	operations map[string]engine.Operation
	files      engine.Opener
	scope      eval.Scope             // inputs, vars, run, job
	steps      int                    // read so far
	required   map[string]requirement // connection keys that are given nowhere, by the first step that needs them
}

// remarks are what was reported about nodes of the document, so that nothing is reported twice. Their operations are not
// asked about it.
type remarks struct {
	faulty   map[*source.Node]bool     // the schema found the value wrong
	unknown  map[*source.Node][]string // the names in a map that mean nothing there
	missing  map[*source.Node][]string // the names that a map lacks, or has misspelt
	misnamed map[*source.Node]bool     // steps with an unknown name that was reported as their operation
}

// requirement is the first step that needs something.
type requirement struct {
	at   diag.Range
	step string
}

func (l *Loader) document(src *diag.Source, root *source.Node, dir string, found *source.Findings) *document {
	variables := eval.NewVariables(l.Lookup, l.Redactor)
	d := &document{
		Findings: found, loader: l, root: root,
		remarks: remarks{
			faulty: map[*source.Node]bool{}, misnamed: map[*source.Node]bool{},
			unknown: map[*source.Node][]string{}, missing: map[*source.Node][]string{},
		},
		job:        &engine.Job{Source: src, Range: root.Range, Dir: dir, Variables: variables, Defaults: l.Defaults},
		compiler:   &eval.Compiler{Variables: variables, Now: l.Now, Phone: engine.ReadPhone},
		operations: make(map[string]engine.Operation, len(l.Operations)),
		required:   map[string]requirement{},
	}
	withoutEnv := eval.NewVariables(func(string) (string, bool) { return "", true }, nil)
	d.withoutEnv = &eval.Compiler{Variables: withoutEnv, Now: l.Now, Phone: engine.ReadPhone}
	for _, op := range l.Operations {
		d.operations[op.Name()] = op
	}
	d.files = engine.Files(d.job, l.AllowPaths)
	return d
}

// read reads the document, in the order in which one part needs another.
func (d *document) read() {
	if d.root.Kind != source.Map {
		detail := "A job is a map with version, name and steps on top."
		if d.root.Kind == source.List {
			detail += " Several jobs in one file are parted by a line with ---."
		}
		d.Fault("not-a-job", d.root.Head(), "the document is "+d.root.Kind.String()+", and no job", detail, "")
		return
	}
	d.misspelt(d.root, d.loader.schema.At(), nil)
	d.numbersAsText(source.Field{Node: d.root}, d.loader.schema.At())
	d.checkScalars(d.root, nil)
	d.validateSchema()
	d.header()
	d.jobParts()
	d.inputs()
	d.vars()
	d.connection()
	d.recipients()
	d.rates(d.root.Field("rates"))
	steps, known := d.sequence(d.root.At("steps"), surroundings{
		scope: d.scope, known: map[string]eval.Type{}, later: map[string]diag.Range{}, ids: map[string]diag.Range{},
	})
	d.job.Steps = steps
	d.outputs(known)
	d.notify()
	d.scheduledSends()
	d.applyDefaults()
	d.checkWhole(d.job.Steps)
}

// checkUnique refuses a second job of the same name in a file: the two would share their deliveries.
func (d *document) checkUnique(names map[string]diag.Range) {
	name := d.root.At("name")
	if name.AsText() == "" {
		return
	}
	if first, twice := names[name.Text]; twice {
		d.Fault("duplicate-key", name.Range, fmt.Sprintf("a second job is named %s", name.Text),
			fmt.Sprintf("The first stands at line %d, column %d. In the ledger they would be one job.",
				first.Start.Line, first.Start.Column),
			"give it a name of its own")
		return
	}
	names[name.Text] = name.Range
}

// header reads what is literal at the top of the job.
func (d *document) header() {
	job, root := d.job, d.root
	job.Name = root.At("name").AsText()
	job.Description = root.At("description").AsText()
	switch root.At("onUncertain").AsText() {
	case "resend":
		job.OnUncertain = engine.Resend
	case "strict":
		job.OnUncertain = engine.Strict
	}
	job.Retry = d.retry(root.At("defaults").At("retry"))
	if limits := root.Field("limits"); limits != nil {
		job.Limits = d.limits(limits)
	}
	job.Settle = d.settle(root.Field("settle"))
	job.OfflineFor = d.durationOr(root.Field("offlineFor"), engine.DefaultOfflineFor)
	job.KeepText = d.durationOr(root.Field("keepText"), engine.DefaultKeepText)
	if schedule := root.Field("schedule"); schedule != nil && schedule.Kind == source.Map {
		job.Schedule = d.schedule(schedule)
	}
	if env := root.At("env"); env != nil {
		for _, f := range env.Fields {
			if secret := f.At("secret"); secret != nil && secret.Kind == source.Bool && secret.Text == "false" {
				job.Variables.Release(f.Name)
			}
		}
	}
	for key, name := range d.loader.Variables {
		if d.connectionPlace(key).Digits == schemas.Identifier {
			job.Variables.Release(name)
		}
	}
	d.scope = eval.NewScope().
		With("run", eval.Object(map[string]eval.Type{"id": eval.String(), "scope": eval.String(), "startedAt": eval.String()})).
		With("job", eval.Object(map[string]eval.Type{"name": eval.String()}))
}

// retry reads a retry map.
func (d *document) retry(n *source.Node) engine.RetrySpec {
	return engine.RetrySpec{
		Attempts: n.At("attempts").AsInt(),
		Delay:    d.duration(n.Field("delay")),
		MaxDelay: d.duration(n.Field("maxDelay")),
	}
}

// duration reads a literal span of time.
func (d *document) duration(f *source.Field) time.Duration {
	if f == nil || f.Broken || f.Kind != source.Text && f.Kind != source.Number {
		return 0
	}
	span, err := engine.Duration(f.Text)
	if err != nil {
		d.Fault("bad-duration", f.Range, fmt.Sprintf("%s: %v", f.Name, err), "", "")
	}
	return span
}

// durationOr reads a literal span of time; absent where the file says nothing.
func (d *document) durationOr(f *source.Field, absent time.Duration) time.Duration {
	if f == nil {
		return absent
	}
	return d.duration(f)
}

// settle reads how long a run stays after its last message; nil where the file says nothing.
func (d *document) settle(f *source.Field) *time.Duration {
	if f == nil {
		return nil
	}
	span := d.duration(f)
	return &span
}

// enumerate writes names for people: "a, b or c".
func enumerate(names []string, last string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + last + " " + names[len(names)-1]
}
