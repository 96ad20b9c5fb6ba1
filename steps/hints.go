package steps

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"waybill/engine"
	"waybill/engine/eval"
	"waybill/whatsapp"
)

// hintFor says what to do about a problem, in words of the step's own parameters.
func hintFor(s *engine.Step, p *problem) string {
	if p.Hint != whatsapp.HintFilename {
		return p.Hint
	}
	at := find(s.Params, p.Path)
	if at.IsMap() {
		at = at.Field("link")
	}
	switch name, value := nameOf(at), valueOf(at); {
	case strings.HasSuffix(p.Path, "filename") && name != "":
		return "give each row its own, or what else it may be called: " + name + ` ?? "document.pdf"`
	case name != "":
		return fmt.Sprintf(`add filename: "${{ last(split(%s, '/')) }}", or with a column that names it`, name)
	case value != "":
		return "add filename: " + value
	}
	return "add filename: with the name that people see, with its ending"
}

// nameOf is what an expression that is one value is called; empty: it is none.
func nameOf(t *eval.Tree) string {
	if t.Template() == nil {
		return ""
	}
	return t.Template().Name()
}

// valueOf is the name of the file at an address that is written out; empty: it shows none.
func valueOf(t *eval.Tree) string {
	value, _ := t.Constant()
	text, _ := value.(string)
	address, err := url.Parse(text)
	if err != nil || address.Host == "" || path.Ext(address.Path) == "" {
		return ""
	}
	return path.Base(address.Path)
}
