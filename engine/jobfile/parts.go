package jobfile

import (
	"crypto/sha256"
	"fmt"
	"hash"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/source"
)

// jobParts are what a job says outside its steps.
func (d *document) jobParts() {
	for i := range d.root.Fields {
		f := &d.root.Fields[i]
		if f.Name != "steps" && f.Name != "name" && f.Name != "version" {
			d.parts("", f)
		}
	}
}

// stepParts are what a step says, and its id is its name.
func (d *document) stepParts(path string, n *source.Node) {
	for i := range n.Fields {
		if f := &n.Fields[i]; f.Name != "steps" && f.Name != "id" {
			d.parts(path, f)
		}
	}
}

// parts adds what a key says: of a map each of its keys.
func (d *document) parts(step string, f *source.Field) {
	if f.Kind != source.Map || len(f.Fields) == 0 {
		d.part(step, f.Name, f.NameRange, f.Node)
		return
	}
	for i := range f.Fields {
		inner := &f.Fields[i]
		d.part(step, f.Name+"."+inner.Name, inner.NameRange, inner.Node)
	}
}

func (d *document) part(step, key string, at diag.Range, n *source.Node) {
	sum := sha256.New()
	writeNode(sum, n)
	d.job.Parts = append(d.job.Parts, engine.Part{Step: step, Key: key, Content: sum.Sum(nil), Range: at})
}

// orderPart is in what order the steps of a list stand; group is the path of what holds it.
func (d *document) orderPart(group string, list *source.Node, ids []string) {
	sum := sha256.New()
	for _, id := range ids {
		fmt.Fprintln(sum, id)
	}
	d.job.Parts = append(d.job.Parts, engine.Part{Step: group, Key: engine.PartOrder, Content: sum.Sum(nil), Range: list.Head()})
}

// writeNode writes what a value says, however it is written.
func writeNode(to hash.Hash, n *source.Node) {
	fmt.Fprintf(to, "%d %d %d %d %s\n", n.Kind, len(n.Items), len(n.Fields), len(n.Text), n.Text)
	for _, item := range n.Items {
		writeNode(to, item)
	}
	for i := range n.Fields {
		fmt.Fprintf(to, "%d %s\n", len(n.Fields[i].Name), n.Fields[i].Name)
		writeNode(to, n.Fields[i].Node)
	}
}
