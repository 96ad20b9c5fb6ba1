package eval_test

import "testing"

// TestMistakes: what people write who know another language, or are in a hurry, and what they are told.
func TestMistakes(t *testing.T) {
	tests := []struct{ text, want string }{
		{"${{ item.name | upper }}", "bad-expression < > the expression ends too early | a function has parentheses: | upper()"},
		{"${{ inputs.day || 'x' }}", "type-mismatch <||> || joins true and false, not text and text | a value to fall back on stands after ??"},
		{"${{ item.name ? 1 : 2 }}", "type-mismatch <name> text is no condition: only true or false can be one | compare it: … == \"yes\""},
		{"${{ item.name === 'x' }}", "bad-expression <=> = does not stand here | to compare, write =="},
		{"${{ item.name.length }}", "type-mismatch <length> item.name is of type string and has no field \"length\" | write len(item.name)"},
		{"${{ length(item.name) }}", "unknown-name <length> no function is called \"length\" | did you mean len?"},
		{"${{ item['name'}}", "bad-expression <'> the expression ends too early | "},
		{"${{ 'x }}", "unclosed-expression <${{ 'x }}> ${{ has no }} | close it, or write $${{ for the text itself"},
		{"${{ item.name + \"x }}", "unclosed-expression <${{ item.name + \"x }}> ${{ has no }} | close it, or write $${{ for the text itself"},
		{"${{ inputs.count && true }}", "type-mismatch <&&> && joins true and false, not a number and true or false | compare: … == \"yes\""},
		{"${{ item.phone matches '^\\+34' }}", "bad-expression <+> the text has a \\ that means nothing | write \\\\, or put the text in back quotes"},
		{"${{ !item.name }}", `type-mismatch <!> ! does not work on text | compare it with the text that stands there: … == "" or … != "yes"`},
		{"${{ item.first name }}", "bad-expression <name> name does not stand here | a name of several words stands in brackets and quotes: item[\"First Name\"], see waybill explain expressions"},
		{"${{ item.0 }}", "bad-expression <.0> .0 does not stand here | "},
		{"${{ contains(item.name, 'x') }}", "bad-expression <contains> contains does not stand here | it stands between two values: item.name contains …"},
		{"${{ startsWith(item.name, 'x') }}", "bad-expression <startsWith> startsWith does not stand here | it stands between two values: item.name startsWith …"},
		{"${{ format('x', 1) }}", "unknown-name <format> no function is called \"format\" | the functions are: abs, all, any, ceil, concat, count, date, default, duration, filter, find, findIndex, findLast, findLastIndex, first, flatten, float, floor, fromBase64, fromJSON and 39 more; waybill explain functions tells of all"},
		{"${{ item.name[0] }}", "type-mismatch <[> text has no elements | its first letter is text[0:1]"},
		{"${{ steps.remind.success == 'true' }}", "type-mismatch <==> true or false is never the same as text | write true or false without quotes"},
		{"${{ item.name == true }}", `type-mismatch <==> text is never the same as true or false | compare it with the text that stands there: … == "yes"`},
		{"${{ index == '1' }}", "type-mismatch <==> a number is never the same as text | int(…) makes a number of text, and string(…) text of a number"},
		{"${{ 1 | upper() }}", "type-mismatch <1> upper(…) wants text here, not a number | string(…) makes text of a number"},
		{"${{ upper(item.name, 1) }}", "type-mismatch <upper> upper(…) is given too many values | "},
		{"${{ upper() }}", "type-mismatch <upper> upper(…) is given too few values | "},
		{"${{ map(item.name, #) }}", "type-mismatch <name> map(…) wants a list, not text | "},
		{"${{ # }}", "bad-expression <#> # does not stand here | # is the element within filter(…), map(…) and their like"},
		{"${{ let item = 1; item }}", "type-mismatch <item> the name item is taken | give the one after let another name"},
		{"${{ item. }}", "bad-expression < > the expression ends too early | "},
		{"${{ 99999999999999999999 }}", "bad-expression < > the number is too big, or is none | "},
		{"${{ 1 in steps.remind }}", "type-mismatch <in> in looks for a field's name in an object, and a number is none | "},
		{"${{ first(1) }}", "bad-expression <${{ first(1) }}> the value for first is a number, not a list | "},
		{"${{ now() - 1 }}", "type-mismatch <-> - does not work on a time and a number | "},
		{"${{ success }}", "unknown-name <success> nothing is called \"success\" here | known here are: any, index, inputs, item, steps, vars"},
	}
	for _, tt := range tests {
		_, found := compiler().Template(tt.text, anchored(tt.text), scope())
		if len(found) != 1 {
			t.Errorf("%s: %v", tt.text, found)
			continue
		}
		if got := marked(t, tt.text, found[0]); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.text, got, tt.want)
		}
	}
}
