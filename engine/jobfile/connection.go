package jobfile

import (
	"fmt"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/source"
)

func isConnectionKey(name string) bool {
	return connectionPart(&engine.ConnectionSpec{}, name) != nil
}

// part gives the place of a key; nil for any other name.
func connectionPart(c *engine.ConnectionSpec, key string) **eval.Tree {
	switch key {
	case "token":
		return &c.Token
	case "phoneNumberId":
		return &c.PhoneNumberID
	case "wabaId":
		return &c.WABAID
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
}

// connectionKey compiles one key of a connection. It is rendered before the first item, so it sees no steps and no
// items. Where another connection takes its place it is only looked at.
func (d *document) connectionKey(c *engine.ConnectionSpec, f *source.Field) {
	if f.Broken || f.Kind != source.Text && f.Kind != source.Number {
		return
	}
	if d.loader.Override {
		d.connectionValue(f, d.treeWith(d.blind, f.Node, d.scope))
		return
	}
	tree := d.tree(f.Node, d.scope)
	*connectionPart(c, f.Name) = tree
	d.connectionValue(f, tree)
	d.hide(f.Name, tree)
}

// hide makes a secret of a token, also of one that stands in the file, and releases what only holds an id: the ids of
// numbers and accounts are none.
func (d *document) hide(key string, tree *eval.Tree) {
	switch key {
	case "token":
		value, _ := tree.Constant()
		if token, ok := value.(string); ok && d.loader.Redactor != nil {
			d.loader.Redactor.Add(token)
		}
	case "phoneNumberId", "wabaId":
		if t := tree.Template(); t != nil && len(t.Variables()) == 1 {
			d.job.Variables.Release(t.Variables()[0])
		}
	}
}

// connectionValue checks what is known of a key already.
func (d *document) connectionValue(f *source.Field, tree *eval.Tree) {
	value, ok := tree.Constant()
	text, err := engine.Text(value)
	if !ok || err != nil || d.loader.Override && f.Refers() {
		return
	}
	switch f.Name {
	case "baseUrl":
		if d.loader.CheckBase == nil {
			return
		}
		if err := d.loader.CheckBase(text); err != nil {
			d.Fault("bad-url", f.Node.Range, fmt.Sprintf("%s %v", f.Name, err), "", "the default is "+d.loader.Defaults.BaseURL)
		}
	case "connectTimeout", "readTimeout":
		if span, err := engine.Duration(value); err != nil {
			d.Fault("bad-duration", f.Node.Range, fmt.Sprintf("%s: %v", f.Name, err), "", "")
		} else if span == 0 && f.Kind == source.Text {
			d.Fault("bad-value", f.Node.Range, f.Name+" must be more than 0", "", "")
		}
	case "throughput":
		if _, err := engine.ParseRate(text); err != nil {
			d.Fault("bad-value", f.Node.Range, fmt.Sprintf("%s: %v", f.Name, err), "", "")
		}
	default:
		if text == "" {
			d.Fault("bad-value", f.Node.Range, f.Name+" is empty", "", "")
		}
	}
}

// demand notes which connection keys a step needs that are given nowhere.
func (d *document) demand(s *engine.Step, f *source.Field) {
	if d.loader.Override {
		return
	}
	for _, key := range s.Operation.Needs() {
		if d.loader.Variables[key] == "" || f.Field(key) != nil || d.root.At("connection").Field(key) != nil {
			continue
		}
		if _, known := d.wanted[key]; !known {
			d.wanted[key] = demand{at: f.NameRange, step: s.Path}
		}
	}
}

// supply puts the three variables in for what is given nowhere and needed, and says which of them are missing.
func (d *document) supply() {
	for _, key := range [...]string{"token", "phoneNumberId", "wabaId"} {
		need, ok := d.wanted[key]
		if !ok {
			continue
		}
		at := need.at
		if connection := d.root.Field("connection"); connection != nil {
			at = connection.NameRange
		}
		name := d.loader.Variables[key]
		if value, set := d.job.Variables.Lookup(name); !set || value == "" {
			d.missing(key, name, need.step, at)
			continue
		}
		t, found := d.compiler.Template("$<"+name+">", eval.Anchor{Range: at}, d.scope)
		d.List = append(d.List, found...)
		*connectionPart(&d.job.Connection, key) = eval.Leaf(t)
	}
}

func (d *document) missing(key, name, step string, at diag.Range) {
	d.Fault("missing-variable", at, fmt.Sprintf("step %s needs the %s, and %s is not set, or empty", step, key, name),
		fmt.Sprintf("The file gives no %s, so that variable is used.", key),
		fmt.Sprintf("export %s=…, or try the job with --sandbox", name))
}
