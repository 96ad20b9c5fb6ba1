package jobfile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/source"
	"waybill/schemas"
)

func isConnectionKey(name string) bool {
	return connectionPart(&engine.ConnectionSpec{}, name) != nil
}

// connectionPart returns where the value of a key belongs; nil for any name that is no key of a connection.
func connectionPart(c *engine.ConnectionSpec, key string) **eval.Tree {
	switch key {
	case "token":
		return &c.Token
	case "phoneNumberId":
		return &c.PhoneNumberID
	case "wabaId":
		return &c.WABAID
	case "messagingAccountId":
		return &c.MessagingAccountID
	case "baseUrl":
		return &c.BaseURL
	case "connectTimeout":
		return &c.ConnectTimeout
	case "readTimeout":
		return &c.ReadTimeout
	case "throughput":
		return &c.Throughput
	}
	return nil
}

// connection reads the job's connection.
func (d *document) connection() {
	f := d.root.Field("connection")
	if f == nil {
		return
	}
	for i := range f.Fields {
		if isConnectionKey(f.Fields[i].Name) {
			d.connectionKey(&d.job.Connection, &f.Fields[i])
		}
	}
	d.sameLength(f.Node)
	d.writtenToken(f.Node, d.job.Connection.BaseURL)
}

// connectionPlace returns what the schema says of a key.
func (d *document) connectionPlace(key string) *schemas.Place {
	return d.loader.schema.At("connection", key)
}

// connectionKey compiles one key of a connection. It is rendered before the first item, so it sees no steps and no items. Where
// another connection takes its place it is only checked.
func (d *document) connectionKey(c *engine.ConnectionSpec, f *source.Field) {
	if f.Broken || f.Kind != source.Text && f.Kind != source.Number && f.Kind != source.List {
		return
	}
	if f.Name == "phoneNumberId" {
		c.Numbers = max(1, len(f.Items))
	}
	if d.loader.Override {
		eachValue(f, d.treeWith(d.withoutEnv, f.Node, d.scope), d.connectionValue)
		return
	}
	tree := d.tree(f.Node, d.scope)
	*connectionPart(c, f.Name) = tree
	eachValue(f, tree, func(f *source.Field, tree *eval.Tree) {
		d.connectionValue(f, tree)
		d.hide(f.Name, tree)
		d.credential(f.Name, tree, f.Range)
	})
}

// eachValue calls visit with each element of a key that lists one for each number, else with its value.
func eachValue(f *source.Field, tree *eval.Tree, visit func(*source.Field, *eval.Tree)) {
	if f.Kind != source.List {
		visit(f, tree)
		return
	}
	for i, item := range tree.Items() {
		visit(&source.Field{Name: f.Name, NameRange: f.NameRange, Node: f.Items[i]}, item)
	}
}

// mostNumbers is how many numbers a connection may name.
const mostNumbers = 100

// sameLength reports a list that does not have one value for each number, and a number that stands twice.
func (d *document) sameLength(fields *source.Node) {
	numbers := fields.Field("phoneNumberId")
	if numbers == nil || numbers.Broken || numbers.Kind != source.List {
		numbers = nil
	}
	for _, key := range []string{"wabaId", "throughput"} {
		f := fields.Field(key)
		switch {
		case f == nil || f.Broken || f.Kind != source.List:
		case numbers == nil:
			d.Fault("bad-value", f.Range, key+" is a list, and phoneNumberId is none", "A list has one value for each number, in their order.", "")
		case len(f.Items) != len(numbers.Items):
			d.Fault("bad-value", f.Range, fmt.Sprintf("%s has %d values, and phoneNumberId %d", key, len(f.Items), len(numbers.Items)),
				"A list has one value for each number, in their order; a value alone holds for all.", "")
		}
	}
	if numbers == nil {
		return
	}
	if len(numbers.Items) > mostNumbers {
		d.Fault("bad-value", numbers.Range, fmt.Sprintf("phoneNumberId names %d numbers, and %d are the most", len(numbers.Items), mostNumbers), "", "")
	}
	for i, item := range numbers.Items {
		if slices.ContainsFunc(numbers.Items[:i], func(other *source.Node) bool { return other.Text == item.Text }) && !item.Broken {
			d.Fault("bad-value", item.Range, "phoneNumberId names a number twice", "", "give each number once; throughput says how much each of them takes")
		}
	}
}

// hide makes a secret of a key's value, also where it stands in the file, and releases a variable that holds only an id, if
// the schema says so.
func (d *document) hide(key string, tree *eval.Tree) {
	place := d.connectionPlace(key)
	value, _ := tree.Constant()
	if secret, ok := value.(string); ok && place.Secret && d.loader.Redactor != nil {
		d.loader.Redactor.Add(secret)
	}
	if t := tree.Template(); t != nil && place.Digits == schemas.Identifier && len(t.Variables()) == 1 {
		d.job.Variables.Release(t.Variables()[0])
	}
}

// connectionValue checks the value of a key, if it is literal.
func (d *document) connectionValue(f *source.Field, tree *eval.Tree) {
	value, ok := tree.Constant()
	text, err := eval.Text(value)
	if !ok || err != nil || d.loader.Override && f.Refers() {
		return
	}
	switch f.Name {
	case "baseUrl":
		if d.loader.CheckBase == nil {
			return
		}
		if err := d.loader.CheckBase(text); err != nil {
			hint := "the default is " + d.loader.Defaults.BaseURL
			d.Fault("bad-url", f.Range, fmt.Sprintf("%s %v", f.Name, err), "", hint)
		}
	case "connectTimeout", "readTimeout":
		if span, err := engine.Duration(value); err != nil {
			d.Fault("bad-duration", f.Range, fmt.Sprintf("%s: %v", f.Name, err), "", "")
		} else if span == 0 && f.Kind == source.Text {
			d.Fault("bad-value", f.Range, f.Name+" must be more than 0", "", "")
		}
	case "throughput":
		if _, err := engine.ParseRate(text); err != nil {
			d.Fault("bad-value", f.Range, fmt.Sprintf("%s: %v", f.Name, err), "", "")
		}
	default:
		if text == "" {
			d.Fault("bad-value", f.Range, f.Name+" is empty", "", "")
		}
	}
}

// require notes which connection keys a step needs that are given nowhere.
func (d *document) require(s *engine.Step, f *source.Field) {
	if d.loader.Override {
		return
	}
	needed := s.Operation.Needs()
	if c, ok := s.Operation.(engine.Categorizer); ok {
		for _, key := range c.Wants() {
			if _, known := d.required[key]; known || !d.isSet(key) {
				continue // what nobody gives is not missed
			}
			needed = append(slices.Clone(needed), key)
		}
	}
	for _, key := range needed {
		if d.loader.Variables[key] == "" || f.Field(key) != nil || d.root.At("connection").Field(key) != nil {
			continue
		}
		if _, known := d.required[key]; !known {
			d.required[key] = requirement{at: f.NameRange, step: s.Path}
		}
	}
}

// isSet says whether the variable that a key is taken from where the file says nothing has a value.
func (d *document) isSet(key string) bool {
	if d.loader.Lookup == nil {
		return false
	}
	value, set := d.loader.Lookup(d.loader.Variables[key])
	return set && value != ""
}

// applyDefaults takes the keys that are needed and given nowhere from the environment, and reports those that are not set.
func (d *document) applyDefaults() {
	for _, key := range slices.Sorted(maps.Keys(d.required)) {
		need := d.required[key]
		at := need.at
		if connection := d.root.Field("connection"); connection != nil {
			at = connection.NameRange
		}
		name := d.loader.Variables[key]
		if value, set := d.job.Variables.Lookup(name); !set || value == "" {
			d.missingVariable(key, name, need.step, at)
			continue
		}
		t, found := d.compiler.Template("$<"+name+">", eval.Anchor{Range: at}, d.scope)
		d.List = append(d.List, found...)
		*connectionPart(&d.job.Connection, key) = eval.Leaf(t)
		d.credential(key, eval.Leaf(t), at)
	}
}

// notGiven begins the detail of a finding about a variable that a file does not name.
const notGiven = "The file gives no "

// OfDefault says whether a finding is about a variable that no file names: it is used where a connection says nothing.
func OfDefault(d diag.Diagnostic) bool {
	return d.Code == "missing-variable" && strings.HasPrefix(d.Detail, notGiven)
}

func (d *document) missingVariable(key, name, step string, at diag.Range) {
	d.Fault("missing-variable", at, fmt.Sprintf("step %s needs the %s, and %s is not set, or empty", step, key, name),
		notGiven+key+", so that variable is used.",
		fmt.Sprintf("export %s=…, or try the job with --sandbox", name))
}
