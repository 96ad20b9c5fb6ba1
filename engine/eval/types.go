package eval

// Type is what an expression's name is known to hold before anything runs.
// The zero value is Any.
type Type struct {
	kind   kind
	fields map[string]Type // of objects
	open   bool            // an object that may have further fields
	elem   *Type           // of lists
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

// String gives the word of the job file: "integer".
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
