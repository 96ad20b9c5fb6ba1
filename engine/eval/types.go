package eval

import (
	"encoding/json"
	"maps"
	"slices"
)

// Type is what an expression's name is known to hold before anything runs.
// The zero value is Any.
type Type struct {
	kind   kind
	fields map[string]Type // of objects
	open   bool            // an object that may have further fields
	elem   *Type           // of lists
	from   map[string]bool // the environment variables whose text is in the value, perhaps changed
}

type kind uint8

const (
	kindAny kind = iota
	kindString
	kindInteger
	kindNumber
	kindBoolean
	kindList
	kindObject
)

// Any is a value of unknown type: checked when it is used, not before.
func Any() Type { return Type{} }

// String is text.
func String() Type { return Type{kind: kindString} }

// Integer is a whole number.
func Integer() Type { return Type{kind: kindInteger} }

// Number is a number, whole or not.
func Number() Type { return Type{kind: kindNumber} }

// Boolean is true or false.
func Boolean() Type { return Type{kind: kindBoolean} }

// List is a list of elem.
func List(elem Type) Type { return Type{kind: kindList, elem: &elem} }

// Object is a closed object: naming another field is a diagnostic.
func Object(fields map[string]Type) Type { return Type{kind: kindObject, fields: fields} }

// OpenObject has these fields and perhaps others, of unknown type.
func OpenObject(fields map[string]Type) Type {
	return Type{kind: kindObject, fields: fields, open: true}
}

// String returns the word of the job file: "integer".
func (t Type) String() string {
	switch t.kind {
	case kindString:
		return "string"
	case kindInteger:
		return "integer"
	case kindNumber:
		return "number"
	case kindBoolean:
		return "boolean"
	case kindList:
		return "list"
	case kindObject:
		return "object"
	case kindAny:
	}
	return "any"
}

// Elem returns the type of a list's elements; Any when t is no list.
func (t Type) Elem() Type {
	if t.elem == nil {
		return Any()
	}
	return *t.elem
}

// Field returns the type of an object's field. An open object has every field; of a value of unknown type every
// field is of unknown type.
func (t Type) Field(name string) (Type, bool) {
	if field, ok := t.fields[name]; ok {
		return field, true
	}
	return Any(), t.kind == kindAny || t.open
}

// below returns the environment variables whose text is in some part of the value.
func (t Type) below() map[string]bool {
	all := t.from
	for _, field := range t.fields {
		all = union(all, field.below())
	}
	if t.elem != nil {
		all = union(all, t.elem.below())
	}
	return all
}

// Fields lists the known fields of an object, sorted.
func (t Type) Fields() []string { return slices.Sorted(maps.Keys(t.fields)) }

// IsAny says that nothing is known of the value.
func (t Type) IsAny() bool { return t.kind == kindAny }

// IsList says that the value is a list.
func (t Type) IsList() bool { return t.kind == kindList }

// IsObject says that the value is an object.
func (t Type) IsObject() bool { return t.kind == kindObject }

// Fits says whether a value of type t can be used where want is wanted, as far as is known: an unknown type fits
// everywhere, and an integer is a number.
func (t Type) Fits(want Type) bool {
	switch {
	case t.kind == kindAny || want.kind == kindAny:
		return true
	case t.kind == kindList && want.kind == kindList:
		return t.Elem().Fits(want.Elem())
	case t.kind == kindInteger && want.kind == kindNumber:
		return true
	}
	return t.kind == want.kind
}

// TypeOf returns the type of a value of the file.
func TypeOf(v any) Type {
	switch v := v.(type) {
	case string:
		return String()
	case bool:
		return Boolean()
	case int, int64:
		return Integer()
	case float64:
		return Number()
	case json.Number:
		if _, err := v.Int64(); err == nil {
			return Integer()
		}
		return Number()
	case []any:
		if len(v) == 0 {
			return List(Any())
		}
		elem := TypeOf(v[0])
		for _, other := range v[1:] {
			if TypeOf(other).kind != elem.kind {
				return List(Any())
			}
		}
		return List(elem)
	case map[string]any:
		fields := make(map[string]Type, len(v))
		for name, field := range v {
			fields[name] = TypeOf(field)
		}
		return Object(fields)
	}
	return Any()
}
