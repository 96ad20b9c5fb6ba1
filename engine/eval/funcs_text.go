package eval

import (
	"strings"
	"unicode/utf8"
)

func textFunctions() map[string]definition {
	one := []any{new(func(string) string)}
	two := []any{new(func(string, string) string)}
	where := []any{new(func(string, string) int)}
	return map[string]definition{
		"upper":       {onText(strings.ToUpper), one},
		"lower":       {onText(strings.ToLower), one},
		"trim":        {trim, []any{new(func(string) string), new(func(string, string) string)}},
		"trimPrefix":  {onTwoTexts(strings.TrimPrefix), two},
		"trimSuffix":  {onTwoTexts(strings.TrimSuffix), two},
		"split":       {split, []any{new(func(string, string) []any), new(func(string, string, int) []any)}},
		"join":        {join, []any{new(func([]any) string), new(func([]any, string) string)}},
		"replace":     {replace, []any{new(func(string, string, string) string), new(func(string, string, string, int) string)}},
		"repeat":      {repeat, []any{new(func(string, int) string)}},
		"indexOf":     {indexOf(strings.Index), where},
		"lastIndexOf": {indexOf(strings.LastIndex), where},
	}
}

func onText(change func(string) string) function {
	return func(c call) (any, error) {
		text, err := c.text(0)
		if err != nil {
			return nil, err
		}
		if err := c.spend(len(text)); err != nil {
			return nil, err
		}
		return bounded(change(text))
	}
}

func onTwoTexts(change func(text, with string) string) function {
	return func(c call) (any, error) {
		with, err := c.text(1)
		if err != nil {
			return nil, err
		}
		return onText(func(text string) string { return change(text, with) })(c)
	}
}

func trim(c call) (any, error) {
	if len(c.args) == 1 {
		return onText(strings.TrimSpace)(c)
	}
	return onTwoTexts(strings.Trim)(c)
}

func split(c call) (any, error) {
	text, err := c.text(0)
	if err != nil {
		return nil, err
	}
	separator, err := c.text(1)
	if err != nil {
		return nil, err
	}
	most := -1
	if len(c.args) > 2 {
		if most, err = c.whole(2); err != nil {
			return nil, err
		}
	}
	if err := c.spend(6 * len(text)); err != nil {
		return nil, err
	}
	return anys(strings.SplitN(text, separator, most)), nil
}

func join(c call) (any, error) {
	list, err := c.list(0)
	if err != nil {
		return nil, err
	}
	separator, err := c.textOr(1, "")
	if err != nil {
		return nil, err
	}
	if err := c.spend(4 * len(list)); err != nil {
		return nil, err
	}
	var out strings.Builder
	for i, element := range list {
		text, err := textOf(element)
		if err != nil {
			return nil, &fault{text: "holds " + wordFor(element) + ", and only texts and numbers can be joined"}
		}
		if i > 0 {
			out.WriteString(separator)
		}
		out.WriteString(text)
		if out.Len() > maxText {
			return nil, errTooLong
		}
	}
	return out.String(), c.spend(out.Len() / 8)
}

func replace(c call) (any, error) {
	var texts [3]string
	for i := range texts {
		var err error
		if texts[i], err = c.text(i); err != nil {
			return nil, err
		}
	}
	most := -1
	if len(c.args) > 3 {
		var err error
		if most, err = c.whole(3); err != nil {
			return nil, err
		}
	}
	text, old, with := texts[0], texts[1], texts[2]
	times := strings.Count(text, old)
	if most >= 0 {
		times = min(times, most)
	}
	size := len(text) + times*(len(with)-len(old))
	if size > maxText {
		return nil, errTooLong
	}
	return strings.Replace(text, old, with, most), c.spend((len(text) + size) / 4)
}

func repeat(c call) (any, error) {
	text, err := c.text(0)
	if err != nil {
		return nil, err
	}
	times, err := c.whole(1)
	switch {
	case err != nil:
		return nil, err
	case times < 0:
		return nil, &fault{arg: 1, text: "is less than nothing"}
	case text != "" && times > maxText/len(text):
		return nil, errTooLong
	}
	if text == "" {
		return "", nil
	}
	return strings.Repeat(text, times), c.spend(times * len(text) / 8)
}

func indexOf(find func(text, part string) int) function {
	return func(c call) (any, error) {
		text, err := c.text(0)
		if err != nil {
			return nil, err
		}
		part, err := c.text(1)
		if err != nil {
			return nil, err
		}
		at := find(text, part)
		if at > 0 {
			at = utf8.RuneCountInString(text[:at])
		}
		return at, c.spend(len(text) / 4)
	}
}
