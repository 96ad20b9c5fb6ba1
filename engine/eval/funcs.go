package eval

import (
	"maps"
	"slices"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/conf"
)

// This file is the manual of the functions. f(x, y) can be written x | f(y). Letters are counted, not bytes; a
// list's first element is 0. An argument that is empty (nil) is an error that names it: `item.phone is empty`;
// x ?? y, or default(x, y), is y where x is nil or a text in which nothing can be seen, such as an empty cell.
//
// Text
//
//	upper(s) lower(s)            in capitals, in small letters
//	trim(s) trim(s, chars)       without white space, or without these characters, at both ends
//	trimPrefix(s, p)             without p at the start; trimSuffix(s, p): at the end
//	split(s, sep)                a list; split(s, sep, n): of at most n parts
//	join(list) join(list, sep)   text of a list of texts
//	replace(s, old, new)         everywhere; replace(s, old, new, n): the first n times
//	repeat(s, n)                 s n times
//	oneLine(s) oneLine(s, sep)   its lines joined by a blank or by sep, with one blank where several stood
//	indexOf(s, part)             where part first stands, or -1; lastIndexOf(s, part): where it last stands
//	s contains p, s startsWith p, s endsWith p, s matches "^RE2 pattern$": true or false; false where s is empty
//	s[0:3]                       the first three letters; s[-2:]: the last two
//
// Conversions
//
//	string(x)                    text, the same as within text: 34600111222, 0.5, true, 2026-03-25T09:30:00Z; nil has none
//	int(x)                       a whole number, of a number (cut off) or of text
//	float(x)                     a number, of a number or of text
//	phone(x)                     the number in its international form, +34612345678, by recipients.country where it has no +
//	toJSON(x) fromJSON(s)        compact JSON; whole numbers stay whole
//	toBase64(s) fromBase64(s)
//	type(x)                      "nil" "string" "int" "float" "bool" "array" "map" "time" "duration"
//
// Numbers
//
//	abs(n) ceil(n) floor(n) round(n)              the last three return whole numbers; round(n, digits) keeps digits
//	min(…) max(…) mean(list) median(list) sum(list)
//	+ - * and sum are exact for whole numbers: what does not fit is an error, as is a division by zero
//
// Lists and objects
//
//	len(x)                       letters, elements or fields
//	first(list) last(list)       nil when there is none
//	take(list, n)                the first n
//	keys(object) values(object)  by the names in order
//	sort(list) sort(list, "desc"), reverse(list), uniq(list), concat(a, b, …), flatten(list)
//	filter map all any none one find findIndex findLast findLastIndex count sum groupBy sortBy: with a condition on
//	each element, which is #, and whose field is .name: filter(steps.seen.events, .status == "read")
//
// Times
//
//	now()                        the time of the run's clock
//	date(s)                      of "2026-03-25", "2026-03-25 10:00", "2026-03-25T10:00:00", RFC 3339; UTC without a zone
//	date(s, layout)              layout in Go's way: "02/01/2006 15:04"
//	date(s, layout, zone)        in that zone; a time that the zone's clocks skip is an error
//	duration("36h")              t + duration(…), t - t; 24h is a day of 24 hours
//	timezone("Europe/Madrid")    for t.In(…)
//	t.Format("02/01/2006"), t.Year() t.Month() t.Day() t.Weekday() t.Hour() t.AddDate(0, 0, 1), …
//
// In `if:` alone: failed() and success() (of the steps before this one), always().
//
// Of expr's own, reduce, get, toPairs, fromPairs, splitAfter and the bit functions are left out.

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
