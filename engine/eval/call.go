package eval

import (
	"encoding/json"
	"math"
	"reflect"
	"time"
)

// operator is a function in its plainest form: it is given all arguments as they are, and checks them itself.
type operator = func(b *budget, args []any) (any, error)

// definition is a function that expressions can call: a Go func for each way to call it. What its parameters are, the
// arguments must be; the checker is told the same. It may take the *budget first, and return an error second.
type definition []any

// number is a parameter or a result that is a number of any kind, whole is a result that is a whole one: to the
// checker they are float64 and int, and the value stays as exact as it is.
type (
	number any
	whole  any
)

// signature is one way to call a function.
type signature struct {
	run   reflect.Value
	paid  bool           // it takes the budget
	takes []reflect.Type // the others
	rest  reflect.Type   // of a variadic func: what each argument after those is; else nil
}

func signatureOf(f any) signature {
	t := reflect.TypeOf(f)
	s := signature{run: reflect.ValueOf(f)}
	for i := range t.NumIn() {
		switch in := t.In(i); {
		case i == 0 && in == reflect.TypeFor[*budget]():
			s.paid = true
		case t.IsVariadic() && i == t.NumIn()-1:
			s.rest = in.Elem()
		default:
			s.takes = append(s.takes, in)
		}
	}
	return s
}

// checked returns a pointer to a func of the same shape, as expr's checker wants it.
func (s signature) checked() any {
	shown := func(t reflect.Type) reflect.Type {
		switch t {
		case reflect.TypeFor[number]():
			return reflect.TypeFor[float64]()
		case reflect.TypeFor[whole]():
			return reflect.TypeFor[int]()
		}
		return t
	}
	var in []reflect.Type
	for _, t := range s.takes {
		in = append(in, shown(t))
	}
	if s.rest != nil {
		in = append(in, reflect.SliceOf(s.rest))
	}
	out := []reflect.Type{shown(s.run.Type().Out(0))}
	return reflect.New(reflect.FuncOf(in, out, s.rest != nil)).Interface()
}

// fits says whether the signature is for these arguments: by their number, and of a method by what it is called on.
func (s signature) fits(args []any, method bool) bool {
	if len(args) < len(s.takes) || len(args) > len(s.takes) && s.rest == nil {
		return false
	}
	return !method || reflect.TypeOf(args[0]) == s.takes[0]
}

func (s signature) call(b *budget, args []any) (any, error) {
	in := make([]reflect.Value, 0, 4)
	if s.paid {
		in = append(in, reflect.ValueOf(b))
	}
	for i, arg := range args {
		t := s.rest
		if i < len(s.takes) {
			t = s.takes[i]
		}
		value, err := argument(i, arg, t)
		if err != nil {
			return nil, err
		}
		in = append(in, value)
	}
	out := s.run.Call(in)
	if len(out) == 2 {
		if err, failed := reflect.TypeAssert[error](out[1]); failed {
			return nil, err
		}
	}
	return out[0].Interface(), nil
}

// argument makes argument i what a parameter of type t wants. Types are checked before anything runs, but a type is
// a promise: the outputs of a skipped step are nil.
func argument(i int, arg any, t reflect.Type) (reflect.Value, error) {
	var value any
	var err error
	switch t {
	case reflect.TypeFor[string]():
		value, err = textAt(i, arg)
	case reflect.TypeFor[int]():
		value, err = wholeAt(i, arg)
	case reflect.TypeFor[float64]():
		value, err = floatAt(i, arg)
	case reflect.TypeFor[number]():
		value = arg
		_, err = floatAt(i, arg)
	case reflect.TypeFor[[]any]():
		value, err = listAt(i, arg)
	case reflect.TypeFor[map[string]any]():
		value, err = objectAt(i, arg)
	case reflect.TypeFor[any]():
		if arg == nil {
			return reflect.Zero(t), nil
		}
		value = arg
	default:
		if value = arg; reflect.TypeOf(arg) != t {
			err = notA(i, arg, wanted(t))
		}
	}
	return reflect.ValueOf(value), err
}

// wanted says what a parameter of type t is, with the way to come by it.
func wanted(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return `a duration: duration("36h") makes one`
	case reflect.TypeFor[*time.Location]():
		return `a time zone: timezone("Europe/Madrid") makes one`
	}
	return wordFor(reflect.Zero(t).Interface())
}

// adapt puts a function into the shape that expr wants. The budget is its last argument: a call pays for as much as its
// arguments and its result measure, and makes no text beyond the bound.
func (d definition) adapt() func(args ...any) (any, error) {
	if op, ok := d[0].(operator); ok {
		return paying(op)
	}
	ways := make([]signature, len(d))
	for i, f := range d {
		ways[i] = signatureOf(f)
	}
	simple, isSimple := d[0].(func(string) string)
	return paying(func(b *budget, args []any) (any, error) {
		if isSimple && len(args) == 1 { // most calls are of these, and need no reflection
			text, err := textAt(0, args[0])
			if err != nil {
				return nil, err
			}
			return bounded(simple(text))
		}
		for _, s := range ways {
			if s.fits(args, false) {
				result, err := s.call(b, args)
				if err != nil {
					return nil, err
				}
				return bounded(result)
			}
		}
		return nil, &fault{bare: true, text: "it is called with too many values, or too few"}
	})
}

// paying lets an operator pay before and after.
func paying(op operator) func(args ...any) (any, error) {
	return func(args ...any) (any, error) {
		last := len(args) - 1
		b, ok := args[last].(*budget)
		if !ok {
			return nil, errTooMuch
		}
		size := 4
		for _, arg := range args[:last] {
			size += measure(arg)
		}
		if err := b.spend(size); err != nil {
			return nil, err
		}
		result, err := op(b, args[:last])
		if err != nil {
			return nil, err
		}
		return result, b.spend(measure(result))
	}
}

// bounded refuses a text that is too long.
func bounded(result any) (any, error) {
	if text, ok := result.(string); ok && len(text) > maxText {
		return nil, errTooLong
	}
	return result, nil
}

// notA is the fault of an argument that is not what is wanted.
func notA(i int, arg any, wanted string) error {
	if arg == nil {
		return &fault{arg: i, text: "is empty"}
	}
	return &fault{arg: i, text: "is " + wordFor(arg) + ", not " + wanted}
}

func textAt(i int, arg any) (string, error) {
	if text, ok := arg.(string); ok {
		return text, nil
	}
	return "", notA(i, arg, "text: string(…) makes text of it")
}

func wholeAt(i int, arg any) (int, error) {
	switch n := arg.(type) {
	case int:
		return n, nil
	case int64:
		return int(n), nil
	case float64:
		if n == math.Trunc(n) && math.Abs(n) < 1<<53 {
			return int(n), nil
		}
		return 0, &fault{arg: i, text: "is " + floatText(n) + ", not a whole number"}
	case json.Number:
		return 0, &fault{arg: i, text: "is " + n.String() + ", too big for a whole number"}
	}
	return 0, notA(i, arg, "a whole number")
}

func floatAt(i int, arg any) (float64, error) {
	switch n := arg.(type) {
	case int:
		return float64(n), nil
	case int64:
		return float64(n), nil
	case float64:
		return n, nil
	case json.Number:
		if f, err := n.Float64(); err == nil {
			return f, nil
		}
		return 0, tooBig(i, n)
	}
	return 0, notA(i, arg, "a number: int(…) or float(…) makes one of text")
}

// tooBig is the fault of a number that keeps its digits because no kind of number holds it.
func tooBig(i int, n json.Number) error {
	return &fault{arg: i, text: "is " + n.String() + ", a number too big for arithmetic"}
}

func listAt(i int, arg any) ([]any, error) {
	if list, ok := normalize(arg).([]any); ok {
		return list, nil
	}
	return nil, notA(i, arg, "a list")
}

func objectAt(i int, arg any) (map[string]any, error) {
	value, err := plain(arg)
	object, ok := value.(map[string]any)
	if err == nil && !ok {
		err = notA(i, arg, "an object")
	}
	return object, err
}
