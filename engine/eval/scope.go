package eval

import (
	"maps"
	"slices"

	"github.com/expr-lang/expr/types"

	"waybill/engine/diag"
)

// stepsName is the one name with rules of its own: `steps` stands only before the id of an earlier step.
const stepsName = "steps"

// envName is the other: `env` stands only before the name of a variable.
const envName = "env"

// Scope says which names an expression may use and what they hold. It is immutable: With returns a new one. The
// zero value knows no names but env.
type Scope struct {
	names map[string]Type
	later map[string]diag.Range
}

// NewScope returns a scope without names.
func NewScope() Scope { return Scope{} }

// With returns s and one name more; a name that is already there means the new type from here on.
func (s Scope) With(name string, t Type) Scope {
	names := maps.Clone(s.names)
	if names == nil {
		names = make(map[string]Type, 1)
	}
	names[name] = t
	return Scope{names: names, later: s.later}
}

// WithSteps returns s with `steps`: the outputs of each known step by its id, and the steps that exist but run
// later, with the places where they stand. Both replace what s knew.
func (s Scope) WithSteps(known map[string]Type, later map[string]diag.Range) Scope {
	s = s.With(stepsName, Object(maps.Clone(known)))
	s.later = maps.Clone(later)
	return s
}

// Type returns what name holds.
func (s Scope) Type(name string) (Type, bool) {
	t, ok := s.names[name]
	return t, ok
}

// Names lists the names, sorted.
func (s Scope) Names() []string { return slices.Sorted(maps.Keys(s.names)) }

// checked returns the scope as expr's checker wants it.
func (s Scope) checked() types.Map {
	m := make(types.Map, len(s.names)+1)
	for name, t := range s.names {
		m[name] = t.checked()
	}
	m[envName] = types.Map{types.Extra: types.String}
	return m
}

// unchecked returns the same names without types. Programs are compiled with it, because a type is a promise: the
// outputs of a skipped step are null, and a comparison compiled for text would end in a panic.
func (s Scope) unchecked() types.Map {
	m := make(types.Map, len(s.names)+3)
	for name := range s.names {
		m[name] = types.Any
	}
	m[Failed] = types.Any
	m[budgetName] = types.Any
	m[Country] = types.Any
	return m
}

func (t Type) checked() types.Type {
	switch t.kind {
	case kindString:
		return types.String
	case kindInteger:
		return types.Int
	case kindNumber:
		return types.Float64
	case kindBoolean:
		return types.Bool
	case kindList:
		return types.Array(t.Elem().checked())
	case kindObject:
		m := make(types.Map, len(t.fields)+1)
		for name, field := range t.fields {
			m[name] = field.checked()
		}
		if t.open {
			m[types.Extra] = types.Any
		}
		return m
	case kindAny:
	}
	return types.Any
}
