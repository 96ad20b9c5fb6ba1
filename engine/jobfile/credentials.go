package jobfile

import (
	"fmt"
	"strings"

	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/secret"
	"waybill/engine/source"
	"waybill/schemas"
)

// credential checks an id or the token of a connection as far as it is known before a run: written out, or in a variable. Nothing
// of it is shown.
func (d *document) credential(key string, tree *eval.Tree, at diag.Range) {
	place := d.connectionPlace(key)
	check := d.loader.CheckToken
	if place.Digits == schemas.Identifier {
		check = d.loader.CheckID
	} else if !place.Secret {
		return
	}
	value, ok := tree.Constant()
	text, err := eval.Text(value)
	if !ok || err != nil || text == "" {
		return // known to a run alone, or reported
	}
	name, code := credentialName(key, tree), "bad-token"
	if place.Digits == schemas.Identifier {
		code = "bad-id"
	}
	bare := secret.Trim(text)
	if bare != text && bare != "" {
		d.Warn("white-space", at, fmt.Sprintf("%s %s, which is taken off", name, ends(text)), "", "take it off there, too")
	}
	if check == nil {
		return
	}
	if err := check(bare); err != nil {
		d.Fault(code, at, fmt.Sprintf("%s %v", name, err), "", "")
	}
}

// credentialName is the name of the variable that a value comes from, else the key.
func credentialName(key string, tree *eval.Tree) string {
	if names := tree.Variables(); len(names) == 1 {
		return names[0]
	}
	return key
}

// ends says what stands at the ends of a text that should not.
func ends(text string) string {
	switch {
	case strings.HasSuffix(text, "\r"), strings.HasSuffix(text, "\r\n"):
		return "ends with a carriage return (a file with Windows line ends?)"
	case strings.HasSuffix(text, "\n"):
		return "ends with a line break"
	case strings.HasPrefix(text, "\ufeff"):
		return "begins with a byte order mark"
	}
	return "has white space at its ends"
}

// writtenToken reports a token that stands in the file itself, among the fields of a connection or of an operation. Where it can only
// reach this machine, it is a warning.
func (d *document) writtenToken(fields *source.Node, base *eval.Tree) {
	f := fields.Field("token")
	if f == nil || f.Broken || f.Kind != source.Text || f.Text == "" || f.Refers() {
		return
	}
	if d.loader.Redactor != nil {
		d.loader.Redactor.Add(f.Text)
	}
	address, _ := base.Constant()
	text, _ := address.(string)
	const summary = "the token stands in the file"
	const hint = "write token: $<WHATSAPP_TOKEN>, and take back the token that was written here"
	if d.loader.Override || d.loader.Loopback != nil && d.loader.Loopback(text) {
		d.Warn("literal-token", f.Range, summary, "It reaches this machine alone, as long as the address stays what it is.", hint)
		return
	}
	d.Fault("literal-token", f.Range, summary, "Whoever reads the file, its history or a copy of it, can send in the business's name.", hint)
}
