package steps

import (
	"errors"

	"waybill/engine"
	"waybill/whatsapp"
)

// builder reads a step's parameters and collects their problems, so that all of them are reported at once.
type builder struct {
	args     engine.Args
	problems []*problem
}

func (b *builder) fail(path string, err error) {
	if err != nil {
		b.problems = append(b.problems, &problem{Path: path, Err: err})
	}
}

func (b *builder) text(name string) string {
	s, err := text(b.args, name)
	b.fail(name, err)
	return s
}

func (b *builder) required(name string) string {
	s, err := required(b.args, name)
	b.fail(name, err)
	return s
}

func (b *builder) boolean(name string) *bool {
	v, err := boolean(b.args, name)
	b.fail(name, err)
	return v
}

func (b *builder) recipient() whatsapp.Recipient {
	to, err := recipient(b.args)
	b.fail("to", err)
	return to
}

// oneOf returns the name of the one of several parameters that is present, and "" for none. A second one is a problem.
func (b *builder) oneOf(names ...string) string {
	var found string
	for _, name := range names {
		if v, ok := b.args[name]; !ok || v == nil || v == "" {
			continue
		}
		if found != "" {
			b.fail(name, errors.New("it stands beside "+found+": one of the two says where the file is"))
			continue
		}
		found = name
	}
	return found
}
