package eval

import (
	"maps"
	"slices"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/conf"
)

// The manual of the functions is functions.md. Of expr's own, reduce, get, toPairs, fromPairs, splitAfter and the bit functions are left
// out, for what could run without an end, or hide what an expression depends on.

// functions lists them by name. now is the run's clock.
func functions(now func() time.Time) map[string]definition {
	all := textFunctions()
	maps.Copy(all, conversionFunctions())
	maps.Copy(all, numberFunctions())
	maps.Copy(all, listFunctions())
	maps.Copy(all, timeFunctions(now))
	return all
}

// predicates are the functions with a condition on each element. They are expr's own, behind a guard.
func predicates() []string {
	return []string{
		"all", "any", "count", "filter", "find", "findIndex", "findLast", "findLastIndex", "groupBy", "map", "none",
		"one", "sortBy", "sum",
	}
}

// functionNames lists what can be called, for suggestions.
func functionNames() []string {
	names := slices.Concat(slices.Collect(maps.Keys(functions(nil))), predicates())
	slices.Sort(names)
	return names
}

// options are what parsing, checking and compiling have in common. typed says whether calls are checked; compiled
// programs call the functions with the budget, and without types.
func (c *Compiler) options(typed bool) []expr.Option {
	options := []expr.Option{expr.MaxNodes(maxNodes), expr.Optimize(false)}
	for _, f := range builtin.Builtins {
		if !f.Predicate {
			options = append(options, expr.DisableBuiltin(f.Name))
		}
	}
	for name, f := range functions(c.Now) {
		var shapes []any
		for _, way := range f {
			if typed {
				shapes = append(shapes, signatureOf(way).checked())
			}
		}
		options = append(options, expr.Function(name, f.adapt(), shapes...))
	}
	if typed {
		for _, name := range []string{"failed", "success", "always"} {
			options = append(options, expr.Function(name, paying(nil), new(func() bool)))
		}
		return options
	}
	for name, f := range c.operators {
		options = append(options, expr.Function(name, paying(f)))
	}
	return options
}

// configure makes expr's configuration of options.
func configure(options []expr.Option, env expr.Option) *conf.Config {
	config := conf.CreateNew()
	for _, option := range options {
		option(config)
	}
	env(config)
	for name := range config.Disabled {
		delete(config.Builtins, name)
	}
	return config
}
