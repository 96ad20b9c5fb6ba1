package eval

import (
	"context"
	"fmt"
	"maps"
	"sync"

	"github.com/expr-lang/expr/vm"
)

// expression is one ${{ … }}, compiled. It is safe for concurrent use.
type expression struct {
	program  *vm.Program
	path     []string // of an expression that is a plain name with fields; program is nil then
	optional []bool   // of each field but the root: reached by ?.
	typ      Type
	constant bool // it uses no names and no clock
	secret   bool // it reads a variable's text: its errors show no values
	operands map[int]operation
}

// frame is what one evaluation needs and the next can use again.
type frame struct {
	machine vm.VM
	names   Names
	budget  budget
}

// frames keeps frames for reuse. One belongs to each Compiler, and its templates.
type frames struct{ pool sync.Pool }

func (f *frames) get() *frame {
	if f, ok := f.pool.Get().(*frame); ok {
		return f
	}
	return &frame{names: Names{}}
}

// put keeps a frame, without what it held: a secret or a long list must not live on in a pool.
func (f *frames) put(used *frame) {
	clear(used.names)
	clear(used.machine.Stack[:cap(used.machine.Stack)])
	clear(used.machine.Variables)
	used.budget = budget{}
	f.pool.Put(used)
}

// eval returns the expression's value.
func (e *expression) eval(ctx context.Context, n Names, pool *frames) (any, error) {
	if e.program == nil {
		return e.follow(n)
	}
	f := pool.get()
	maps.Copy(f.names, n)
	f.names[budgetName] = &f.budget
	f.budget.start(ctx)
	f.machine.MemoryBudget = maxMemory
	value, err := f.machine.Run(e.program, f.names)
	if err != nil {
		// What the machine held stays with it: it is not used again.
		return nil, e.explain(err)
	}
	value, err = f.result(value)
	pool.put(f)
	return value, named("the value", err)
}

// text is eval, with the value made text.
func (e *expression) text(ctx context.Context, n Names, pool *frames) (string, error) {
	value, err := e.eval(ctx, n, pool)
	if err != nil {
		return "", err
	}
	text, err := Text(value)
	if err != nil {
		name := "the value"
		if e.path != nil {
			name = e.upTo(len(e.path) - 1)
		}
		err = named(name, err)
	}
	if value == nil {
		err = fmt.Errorf(`%w: write … ?? "" where it may be`, err)
	}
	return text, err
}

// result looks at what came out. A list that an expression builds of itself again and again is small here and
// endless when it is written down, so the result is walked through, and paid for.
func (f *frame) result(value any) (any, error) {
	switch v := value.(type) {
	case bool, int, int64, float64, nil:
		return value, nil
	case string:
		if len(v) > maxText {
			return nil, errTooLong
		}
		return value, nil
	}
	if err := f.budget.spendOn(value); err != nil {
		return nil, err
	}
	return plain(value)
}

// follow is the short way for item.name, which is most of what a file says. It does what field does.
func (e *expression) follow(n Names) (any, error) {
	value := n[e.path[0]]
	for i, name := range e.path[1:] {
		switch of := normalize(value).(type) {
		case map[string]any:
			value = of[name]
			continue
		case nil:
			if e.optional[i] {
				return nil, nil
			}
			return nil, fmt.Errorf("%s is empty, so it has no %q", e.upTo(i), name)
		}
		return nil, fmt.Errorf("%s is %s and has no %q", e.upTo(i), wordFor(value), name)
	}
	if text, ok := value.(string); ok {
		if len(text) > maxText {
			return nil, errTooLong
		}
		return value, nil
	}
	value, err := plain(value)
	return value, named(e.upTo(len(e.path)-1), err)
}

// upTo writes the path up to field i.
func (e *expression) upTo(i int) string {
	where := e.path[0]
	for _, name := range e.path[1 : i+1] {
		where = member(where, name)
	}
	return where
}
