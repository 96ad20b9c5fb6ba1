package sandbox

import (
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// optional is a string field: its value, whether it is there (null counts as absent), and a refusal when it is something else.
func (o object) optional(key, path string) (string, bool, *graphError) {
	value, there := o[key]
	if !there || value == nil {
		return "", false, nil
	}
	text, ok := value.(string)
	if !ok {
		return "", false, refuse(100, "Param %s must be a string.", join(path, key))
	}
	return text, true, nil
}

// required is a string field that must be there and not be empty.
func (o object) required(key, path string) (string, *graphError) {
	text, ok, refusal := o.optional(key, path)
	if refusal != nil {
		return "", refusal
	}
	if !ok || text == "" {
		return "", missing(path, key)
	}
	return text, nil
}

// limited is a required string of at most limit characters, counted as code points (Meta's unit is not documented).
func (o object) limited(key, path string, limit int) (string, *graphError) {
	text, refusal := o.required(key, path)
	if refusal != nil {
		return "", refusal
	}
	if utf8.RuneCountInString(text) > limit {
		return "", tooLong(join(path, key), limit)
	}
	return text, nil
}

// limitedOptional is the same for a string that may be absent or empty.
func (o object) limitedOptional(key, path string, limit int) (string, *graphError) {
	text, _, refusal := o.optional(key, path)
	if refusal != nil {
		return "", refusal
	}
	if utf8.RuneCountInString(text) > limit {
		return "", tooLong(join(path, key), limit)
	}
	return text, nil
}

// child is an object field; null counts as absent.
func (o object) child(key, path string) (object, bool, *graphError) {
	value, there := o[key]
	if !there || value == nil {
		return nil, false, nil
	}
	child, ok := value.(map[string]any)
	if !ok {
		return nil, false, refuse(100, "Param %s must be a JSON object.", join(path, key))
	}
	return child, true, nil
}

// need is an object field that must be there.
func (o object) need(key, path string) (object, *graphError) {
	child, ok, refusal := o.child(key, path)
	if refusal != nil {
		return nil, refusal
	}
	if !ok {
		return nil, missing(path, key)
	}
	return child, nil
}

// list returns an array of objects; none for an absent one and null.
func (o object) list(key, path string) ([]object, *graphError) {
	value, there := o[key]
	if !there || value == nil {
		return nil, nil
	}
	elements, ok := value.([]any)
	if !ok {
		return nil, refuse(100, "Param %s must be an array.", join(path, key))
	}
	list := make([]object, len(elements))
	for i, element := range elements {
		child, isObject := element.(map[string]any)
		if !isObject {
			return nil, refuse(100, "Param %s[%d] must be a JSON object.", join(path, key), i)
		}
		list[i] = child
	}
	return list, nil
}

// flag checks a boolean field.
func (o object) flag(key, path string) *graphError {
	value, there := o[key]
	if !there || value == nil {
		return nil
	}
	if _, ok := value.(bool); !ok {
		return refuse(100, "Param %s must be a boolean.", join(path, key))
	}
	return nil
}

// only refuses keys that the object may not have.
func (o object) only(path string, keys ...string) *graphError {
	var extra []string
	for key := range o {
		if !slices.Contains(keys, key) {
			extra = append(extra, key)
		}
	}
	if len(extra) == 0 {
		return nil
	}
	sort.Strings(extra)
	return refuse(100, "Invalid keys \"%s\" were found in param \"%s\".", strings.Join(extra, "\", \""), path)
}

func missing(path, key string) *graphError {
	return refuse(131008, "Parameter '%s' is mandatory.", join(path, key))
}

func tooLong(path string, limit int) *graphError {
	return refuse(100, "Param %s must be at most %d characters long.", path, limit)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "['" + key + "']"
}
