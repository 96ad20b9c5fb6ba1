package eval

import (
	"errors"
	"regexp"
	"testing"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// TestEveryRuleIsMet: each rule is for a message that this version of expr has. A new version that words one
// differently fails here, and not in somebody's terminal.
func TestEveryRuleIsMet(t *testing.T) {
	c := &Compiler{}
	c.setUp()
	s := NewScope().With("item", Object(map[string]Type{"name": String()})).With("index", Integer()).
		With("flag", Boolean()).With("texts", List(String())).With("any", Any())
	config := configure(c.typed, expr.Env(s.checked()))
	met := map[string]bool{}
	for _, source := range []string{
		"1 +", "if item.name == 1 then 2", "upper item.name", "contains(item.name, 'x')", "item.first name", "item.name = 1", "item.name => 1", "#", "item.0", `'\+'`, "'x", "99999999999999999999", "1 ~ 2",
		"flag ?? flag && flag", "item.", "item.'name'", "filter(texts, # == 'a'; true)", "item.name == > 1", "{1: 2, -: 1}", "item.name || 'x'", "index && true",
		"item.name + 1", "1 + item.name", "flag == 'true'", "index == '1'", "index - item.name", "!item.name", "!index", "item.name == true", "item.name ? 1 : 2",
		"item.name[0]", "index[0]", "index.x", "upper('a', 'b')", "upper()", "upper(1)", "repeat('a', 'b')", "join(1, 'b')", "map(index, #)",
		"filter(texts, #)", "1 in item", "1 in texts", "item[1]", "texts['a']", "item.name == “a”", "let item = 1; item", "index()", "(1 + 1)()",
	} {
		tree, err := parser.ParseWithConfig(source, config)
		rules := ofParser()
		if err == nil {
			_, err = checker.Check(tree, config)
			rules = ofChecker()
		}
		var at *file.Error
		if !errors.As(err, &at) {
			t.Errorf("%s: %v", source, err)
			continue
		}
		known := false
		for _, rule := range rules {
			if regexp.MustCompile(rule.pattern).MatchString(at.Message) {
				met[rule.pattern], known = true, true
				break
			}
		}
		if !known {
			t.Errorf("%s: no rule for %q", source, at.Message)
		}
	}
	for _, rule := range append(ofParser(), ofChecker()...) {
		if !met[rule.pattern] {
			t.Errorf("nothing says %s", rule.pattern)
		}
	}
}
