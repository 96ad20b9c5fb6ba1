package steps

import (
	"strconv"
	"strings"
)

// componentOrigin is where a component of a template comes from.
type componentOrigin struct {
	parameter func(i int) string           // the step parameter of its i-th parameter; -1: of the component
	part      func(i int, s string) string // of a name in a parameter, or in the component where i is -1; nil or "": as parameter says
	cards     [][]componentOrigin          // of a carousel
}

// templateOrigin is the pathMapping of a template message.
func templateOrigin(path string, origins []componentOrigin) string {
	switch path {
	case "to":
		return "to"
	case "context":
		return "replyTo"
	case "template.name":
		return "templateName"
	case "template.language.code":
		return "languageCode"
	}
	rest, ok := strings.CutPrefix(path, "template.components")
	switch {
	case !ok:
		return ""
	case origins == nil: // they are given as they are
		return "components" + rest
	}
	return componentPath(rest, origins)
}

// componentPath follows a path such as [2].cards[0].components[1].parameters[0].text.
func componentPath(path string, origins []componentOrigin) string {
	at, path := cutIndex(path)
	if at < 0 || at >= len(origins) {
		return ""
	}
	from := origins[at]
	switch rest, ok := strings.CutPrefix(path, ".cards"); {
	case !ok:
	case from.cards == nil:
		return ""
	default:
		card, within := cutIndex(rest)
		within, inside := strings.CutPrefix(within, ".components")
		switch {
		case card < 0 || card >= len(from.cards):
			return "cards"
		case inside && within != "":
			if found := componentPath(within, from.cards[card]); found != "" {
				return found
			}
		}
		return indexPath("cards", card)
	}
	parameter := -1
	if rest, ok := strings.CutPrefix(path, ".parameters"); ok {
		parameter, path = cutIndex(rest)
	}
	if from.part != nil {
		if found := from.part(parameter, path[strings.LastIndexByte(path, '.')+1:]); found != "" {
			return found
		}
	}
	return from.parameter(parameter)
}

// cutIndex takes an index such as [2] off a path; below 0: there is none.
func cutIndex(path string) (int, string) {
	inside, rest, ok := strings.Cut(strings.TrimPrefix(path, "["), "]")
	if n, err := strconv.Atoi(inside); ok && err == nil && strings.HasPrefix(path, "[") {
		return n, rest
	}
	return -1, path
}
