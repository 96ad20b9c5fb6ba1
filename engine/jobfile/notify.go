package jobfile

import (
	"fmt"
	"net/url"
	"slices"

	"waybill/engine"
	"waybill/engine/eval"
	"waybill/engine/source"
)

// notify reads who is told of what becomes of runs. An address is rendered before the first item, so it sees no steps. Where another
// connection takes the place of the job's, nobody is messaged and nobody is told: addresses are only checked.
func (d *document) notify() {
	list := d.root.Field("notify")
	if list == nil || list.Kind != source.List || list.Broken {
		return
	}
	if len(list.Items) > maxEntries {
		d.Fault("too-many-values", list.NameRange, fmt.Sprintf("notify has more than %d entries", maxEntries), "", "")
		return
	}
	for _, n := range list.Items {
		entry := engine.Notify{Range: n.Range}
		if on := n.At("on"); on != nil {
			for _, event := range on.Items {
				entry.On = append(entry.On, event.AsText())
			}
		}
		slices.Sort(entry.On)
		entry.On = slices.Compact(entry.On)
		if to := n.Field("to"); to != nil && to.Kind == source.Text && !to.Broken {
			entry.To = d.address(to)
		}
		if d.loader.Override {
			continue
		}
		d.job.Notify = append(d.job.Notify, entry)
	}
}

// address compiles an address.
func (d *document) address(f *source.Field) *eval.Tree {
	if d.loader.Override {
		tree := d.treeWith(d.withoutEnv, f.Node, d.scope)
		if !f.Refers() {
			d.secretAddress(f, tree)
		}
		return tree
	}
	tree := d.tree(f.Node, d.scope)
	d.secretAddress(f, tree)
	return tree
}

// secretAddress hides an address that stands in the file, and refuses one without a scheme.
func (d *document) secretAddress(f *source.Field, tree *eval.Tree) {
	value, _ := tree.Constant()
	text, ok := value.(string)
	if !ok {
		return
	}
	if d.loader.Redactor != nil {
		d.loader.Redactor.Add(text)
	}
	if address, err := url.Parse(text); err != nil || address.Scheme == "" || address.Host == "" && address.Opaque == "" && address.Path == "" {
		hint := "take it from a variable: to: $<NOTIFY_URL>"
		if f.Refers() {
			hint = ""
		}
		d.Fault("bad-url", f.Range, "to is no address", "An address begins with its service: https://, slack://, teams://, smtp://.", hint)
	}
}
