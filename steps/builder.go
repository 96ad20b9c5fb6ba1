package steps

import (
	"errors"
	"fmt"

	"waybill/engine"
	"waybill/engine/eval"
	"waybill/engine/phone"
	"waybill/whatsapp"
)

// readNumber reads a number that a parameter is.
type readNumber func(parameter, text string) (phone.Number, error)

// builder reads a step's parameters and collects their problems, so that all of them are reported at once.
type builder struct {
	args     engine.Args
	read     readNumber
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

// recipient reads the parameter `to` into a draft.
func (b *builder) recipient(d *draft) {
	text, err := required(b.args, "to")
	if err != nil {
		if eval.Blank(text) {
			err = nobodyError{err}
		}
		b.fail("to", err)
		return
	}
	if d.number, err = b.read("to", text); err != nil {
		b.fail("to", fmt.Errorf("to: %w", err))
		return
	}
	d.To = whatsapp.Recipient(d.number.Text)
	if d.number.Warning != "" {
		b.problems = append(b.problems, &problem{
			Path: "to", Err: fmt.Errorf("to: %s: %s", d.number.Text, d.number.Warning), Warning: true,
		})
	}
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
