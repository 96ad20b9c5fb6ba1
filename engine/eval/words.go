package eval

import (
	"regexp"
	"strconv"
	"strings"
)

// messageRule is how a message of expr is written here. $1 and so on are its groups, with Go's types in the file's words.
type messageRule struct{ pattern, summary, hint string }

// ofParser are the messages about how an expression is written.
func ofParser() []messageRule {
	return []messageRule{
		{`^unexpected token EOF|^unexpected end of expression|unexpected EOF`, "the expression ends too early", ""},
		{
			`^unexpected token \w+\("(contains|startsWith|endsWith|matches|in)"\)`,
			"$1 does not stand here", `it stands between two values: item.name $1 …`,
		},
		{`^unexpected token \w+\("="\)`, "= does not stand here", "to compare, write =="},
		{`^unexpected token \w+\(">"\)`, "> does not stand here", "a pipe is written |, and a comparison has something on both sides"},
		{`^unexpected token \w+\("#"\)`, "# does not stand here", "# is the element within filter(…), map(…) and their like"},
		{`^unexpected token Identifier\("(if|then|else)"\)`, "$1 does not stand here", `a choice is written condition ? … : …`},
		{
			`^unexpected token Identifier\("(item|inputs|vars|steps)"\)`, "$1 does not stand here",
			`a function has parentheses, as in upper(item.name), and + joins texts`,
		},
		{
			`^unexpected token Identifier\("(.*)"\)`, "$1 does not stand here",
			`a name of several words stands in brackets and quotes: item["First Name"], see waybill explain expressions`,
		},
		{`^unexpected token \w+\("(.*)"\)`, "$1 does not stand here", ""},
		{`^invalid char escape`, `the text has a \ that means nothing`, `write \\, or put the text in back quotes`},
		{`^literal not terminated`, "the text has no closing quote", ""},
		{`^invalid (integer|hex|binary|octal|float) literal|literal is too large`, "the number is too big, or is none", ""},
		{`^unrecognized character: U\+\w+ '([“”„‟‘’‚‛«»])'`, "$1 is no quote in an expression", `write straight quotes, " or '`},
		{`^unrecognized character: U\+\w+ '(.)'`, "$1 means nothing in an expression", `a name that holds such signs stands in brackets and quotes: item["N° 1"]`},
		{`^Operator \((.+)\) and coalesce expressions`, "$1 and ?? cannot stand side by side", "put one of them in parentheses"},
		{`^expected name`, "a name is missing after the dot", ""},
		{`^wrap predicate with brackets`, "; does not stand here", "put the condition in braces: filter(list, { let x = #; x > 1 })"},
		{`^a map key must be`, "the name of an object's field is missing", `write { name: value }; of a computed name, { (name): value }`},
	}
}

// ofChecker are the messages about types.
func ofChecker() []messageRule {
	return []messageRule{
		{
			`^invalid operation: (\|\||or) \(mismatched types (.+) and (.+)\)`,
			"$1 joins true and false, not $2 and $3", "a value to fall back on stands after ??",
		},
		{
			`^invalid operation: (&&|and) \(mismatched types (.+) and (.+)\)`,
			"$1 joins true and false, not $2 and $3", `compare: … == "yes"`,
		},
		{
			`^invalid operation: (\+) \(mismatched types (.*string.*) and (.+)\)`,
			"$1 does not work on $2 and $3", "string(…) makes text of a number",
		},
		{
			`^invalid operation: (\+) \(mismatched types (.+) and (.*string.*)\)`,
			"$1 does not work on $2 and $3", "string(…) makes text of a number",
		},
		{
			`^invalid operation: (==|!=) \(mismatched types (bool) and (string)\)`,
			"$2 is never the same as $3", "write true or false without quotes",
		},
		{
			`^invalid operation: (==|!=) \(mismatched types (.*string.*) and (bool)\)`,
			"$2 is never the same as $3", `compare it with the text that stands there: … == "yes"`,
		},
		{
			`^invalid operation: (==|!=) \(mismatched types (.+) and (.+)\)`,
			"$2 is never the same as $3", "int(…) makes a number of text, and string(…) text of a number",
		},
		{`^invalid operation: (\S+) \(mismatched types (.+) and (.+)\)`, "$1 does not work on $2 and $3", ""},
		{`^invalid operation: (!|not) \(mismatched type (.*string.*)\)`, "$1 does not work on $2", `compare it with the text that stands there: … == "" or … != "yes"`},
		{`^invalid operation: (\S+) \(mismatched type (.+)\)`, "$1 does not work on $2", ""},
		{
			`^non-bool expression \(type (.+)\) used as condition`,
			"$1 is no condition: only true or false can be one", `compare it: … == "yes"`,
		},
		{`^type string\[.*\] is undefined`, "text has no elements", "its first letter is text[0:1]"},
		{`^type (.+)\[.*\] is undefined`, "$1 has no elements", ""},
		{`^type (.+) has no (?:field|method) (.+)`, `$1 has no "$2"`, ""},
		{`^too many arguments to call (\w+)`, "$1(…) is given too many values", ""},
		{`^not enough arguments to call (\w+)`, "$1(…) is given too few values", ""},
		{
			`^cannot use (.+) as argument \(type (string)\) to call (\w+)`,
			"$3(…) wants $2 here, not $1", "string(…) makes text of a number",
		},
		{
			`^cannot use (.+) as argument \(type (int|float64)\) to call (\w+)`,
			"$3(…) wants $2 here, not $1", "int(…) and float(…) make a number of text",
		},
		{`^cannot use (.+) as argument \(type (.+)\) to call (\w+)`, "$3(…) wants $2 here, not $1", ""},
		{`^builtin (\w+) takes only array \(got (.+)\)`, "$1(…) wants a list, not $2", ""},
		{`^predicate should return boolean \(got (.+)\)`, "the condition gives $1, not true or false", `compare: .status == "read"`},
		{`^cannot use (.+) as type .+ in map key`, "in looks for a field's name in an object, and $1 is none", ""},
		{`^cannot use (.+) as type (.+) in array`, "$1 is never in a list of $2", ""},
		{`^cannot use (.+) to get an element from .+`, "the fields of an object have names, and $1 is none", ""},
		{`^array elements can only be selected using an integer`, "the elements of a list have numbers", "the first is list[0]"},
		{`^cannot redeclare (?:\w+ )?(\w+)`, "the name $1 is taken", "give the one after let another name"},
		{`^(.+) is not callable`, "$1 cannot be called", ""},
	}
}

// translate finds the rule for a message; what none fits stays as it is, with the types in our words.
func translate(message string, rules []messageRule) (summary, hint string) {
	message = strings.TrimSpace(message)
	for _, s := range rules {
		pattern := regexp.MustCompile(s.pattern)
		groups := pattern.FindStringSubmatch(message)
		if groups == nil {
			continue
		}
		summary, hint = s.summary, s.hint
		for i := len(groups) - 1; i > 0; i-- {
			place := "$" + strconv.Itoa(i)
			summary = strings.ReplaceAll(summary, place, inFileWords(groups[i]))
			hint = strings.ReplaceAll(hint, place, inFileWords(groups[i]))
		}
		return summary, hint
	}
	return lowerFirst(inFileWords(message)), ""
}
