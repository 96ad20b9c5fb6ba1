package schemas

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// object is a JSON object whose members keep their order: an editor inserts what is required in the order of the schema.
type object []member

type member struct {
	name  string
	value any // of an object: object; of an array: []any; else as encoding/json reads it, a number as json.Number
}

// get returns the value of a member; nil when there is none.
func (o object) get(name string) any {
	for _, m := range o {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// inside returns the object that a member holds; empty when it holds none.
func (o object) inside(name string) object {
	value, _ := o.get(name).(object)
	return value
}

// with returns o with a member put in the place of the one of that name, else at the end. It does not change o.
func (o object) with(name string, value any) object {
	out := slices.Clone(o)
	for i := range out {
		if out[i].name == name {
			out[i].value = value
			return out
		}
	}
	return append(out, member{name, value})
}

// without returns o without the members of these names. It does not change o.
func (o object) without(names ...string) object {
	out := make(object, 0, len(o))
	for _, m := range o {
		if !slices.Contains(names, m.name) {
			out = append(out, m)
		}
	}
	return out
}

func (o object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	out.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := encoder.Encode(m.name); err != nil {
			return nil, fmt.Errorf("the name %q: %w", m.name, err)
		}
		out.WriteByte(':')
		if err := encoder.Encode(m.value); err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// readObject reads a document that is one JSON object.
func readObject(text []byte) (object, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	value, err := readValue(decoder)
	if err != nil {
		return nil, err
	}
	whole, ok := value.(object)
	if !ok {
		return nil, errors.New("it is no JSON object")
	}
	return whole, nil
}

func readValue(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, fmt.Errorf("reading JSON: %w", err)
	}
	switch token {
	case json.Delim('{'):
		whole := object{}
		for decoder.More() {
			name, err := decoder.Token()
			if err != nil {
				return nil, fmt.Errorf("reading JSON: %w", err)
			}
			value, err := readValue(decoder)
			if err != nil {
				return nil, err
			}
			whole = append(whole, member{fmt.Sprint(name), value})
		}
		_, err = decoder.Token()
		return whole, err
	case json.Delim('['):
		whole := []any{}
		for decoder.More() {
			value, err := readValue(decoder)
			if err != nil {
				return nil, err
			}
			whole = append(whole, value)
		}
		_, err = decoder.Token()
		return whole, err
	}
	return token, nil
}
