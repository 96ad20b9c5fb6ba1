package engine

import (
	"fmt"

	"waybill/engine/diag"
	"waybill/engine/eval"
)

// defaultVariable names the variable that stands for a connection key which is given nowhere; "" for those that
// have another default.
func defaultVariable(key string) string {
	switch key {
	case "token":
		return "WHATSAPP_TOKEN"
	case "phoneNumberId":
		return "WHATSAPP_PHONE_NUMBER_ID"
	case "wabaId":
		return "WHATSAPP_WABA_ID"
	}
	return ""
}

func isConnectionKey(name string) bool {
	return (&ConnectionSpec{}).part(name) != nil
}

// part gives the place of a key; nil for any other name.
func (c *ConnectionSpec) part(key string) **eval.Tree {
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
	f := d.root.field("connection")
	if f == nil {
		return
	}
	for i := range f.fields {
		if isConnectionKey(f.fields[i].name) {
			d.connectionKey(&d.job.Connection, &f.fields[i])
		}
	}
}

// connectionKey compiles one key of a connection. It is rendered before the first item, so it sees no steps and no
// items. Where another connection takes its place it is only looked at.
func (d *document) connectionKey(c *ConnectionSpec, f *field) {
	if f.broken || f.kind != isText && f.kind != isNumber {
		return
	}
	if d.loader.Override {
		d.connectionValue(f, d.treeWith(d.blind, f.node, d.scope))
		return
	}
	tree := d.tree(f.node, d.scope)
	*c.part(f.name) = tree
	d.connectionValue(f, tree)
	d.hide(f.name, tree)
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
func (d *document) connectionValue(f *field, tree *eval.Tree) {
	value, ok := tree.Constant()
	text, err := eval.Text(value)
	if !ok || err != nil || d.loader.Override && f.refers() {
		return
	}
	switch f.name {
	case "baseUrl":
		if d.loader.CheckBase == nil {
			return
		}
		if err := d.loader.CheckBase(text); err != nil {
			d.fault("bad-url", f.node.rng, fmt.Sprintf("%s %v", f.name, err), "", "the default is "+DefaultBaseURL)
		}
	case "connectTimeout", "readTimeout":
		if span, err := Duration(value); err != nil {
			d.fault("bad-duration", f.node.rng, fmt.Sprintf("%s: %v", f.name, err), "", "")
		} else if span == 0 && f.kind == isText {
			d.fault("bad-value", f.node.rng, f.name+" must be more than 0", "", "")
		}
	case "throughput":
		if _, err := parseRate(text); err != nil {
			d.fault("bad-value", f.node.rng, fmt.Sprintf("%s: %v", f.name, err), "", "")
		}
	default:
		if text == "" {
			d.fault("bad-value", f.node.rng, f.name+" is empty", "", "")
		}
	}
}

// demand notes which connection keys a step needs that are given nowhere.
func (d *document) demand(s *Step, f *field) {
	if d.loader.Override {
		return
	}
	for _, key := range s.Operation.Needs() {
		if defaultVariable(key) == "" || f.field(key) != nil || d.root.at("connection").field(key) != nil {
			continue
		}
		if _, known := d.wanted[key]; !known {
			d.wanted[key] = demand{at: f.rng, step: s.Path}
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
		if connection := d.root.field("connection"); connection != nil {
			at = connection.rng
		}
		name := defaultVariable(key)
		if value, set := d.job.Variables.Lookup(name); !set || value == "" {
			d.missing(key, name, need.step, at)
			continue
		}
		t, found := d.compiler.Template("$<"+name+">", eval.Anchor{Range: at}, d.scope)
		d.list = append(d.list, found...)
		*d.job.Connection.part(key) = eval.Leaf(t)
	}
}

func (d *document) missing(key, name, step string, at diag.Range) {
	d.fault("missing-variable", at, fmt.Sprintf("step %s needs the %s, and %s is not set, or empty", step, key, name),
		fmt.Sprintf("The file gives no %s, so that variable is used.", key),
		fmt.Sprintf("export %s=…, or try the job with --sandbox", name))
}
