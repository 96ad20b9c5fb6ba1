package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// template reads the part of a template send that can be judged without knowing the template.
func (chk checker) template(part object, d *draft) *graphError {
	var refusal *graphError
	if d.name, refusal = part.required("name", "template"); refusal != nil {
		return refusal
	}
	language, refusal := part.need("language", "template")
	if refusal != nil {
		return refusal
	}
	if d.language, refusal = language.required("code", "template['language']"); refusal != nil {
		return refusal
	}
	if _, refusal = part.list("components", "template"); refusal != nil {
		return refusal
	}
	d.template = part
	return nil
}

// against measures a template send by the template it names: existence, state, then parameters (§14).
func (chk checker) against(found *storedTemplate, d *draft) *graphError {
	if found == nil {
		return refuse(132001, "template name (%s) does not exist in %s", d.name, d.language)
	}
	switch found.Status {
	case "APPROVED":
	case "PAUSED":
		return refuse(132015, "template (%s) in %s is paused due to low quality", d.name, d.language)
	case "DISABLED":
		return refuse(132016, "template (%s) in %s is disabled", d.name, d.language)
	default:
		return refuse(132001, "template name (%s) does not exist in %s: it is %s, not APPROVED", d.name, d.language, found.Status)
	}
	d.category = strings.ToLower(found.Category)
	if d.scoped && found.Category == "AUTHENTICATION" {
		return refuse(131062, "Authentication templates need a phone number.")
	}
	components, refusal := d.template.list("components", "template")
	if refusal != nil {
		return refusal
	}
	return chk.fill(found.shape, components, "template['components']", d)
}

// fill checks the components of a send against a shape, and leaves the text a person would read in d.text.
func (chk checker) fill(parts shape, components []object, path string, d *draft) *graphError {
	sorted, refusal := sortComponents(components, path)
	if refusal != nil {
		return refusal
	}
	if refusal = chk.fillHeader(parts, sorted.header, d); refusal != nil {
		return refusal
	}
	text, refusal := chk.fillText(parts, "body", parts.body, sorted.body, parts.bodyLimit)
	if refusal != nil {
		return refusal
	}
	if d.text == "" {
		d.text = text
	}
	if refusal = chk.fillButtons(parts, sorted.buttons, path); refusal != nil {
		return refusal
	}
	if parts.offer {
		if refusal = chk.offer(sorted.offer); refusal != nil {
			return refusal
		}
	}
	return chk.carousel(parts, sorted.carousel, d)
}

type components struct {
	header, body, offer, carousel object
	buttons                       []object
}

func sortComponents(list []object, path string) (components, *graphError) {
	var sorted components
	for i, component := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		kind, refusal := component.required("type", at)
		if refusal != nil {
			return sorted, refusal
		}
		var place *object
		switch strings.ToLower(kind) {
		case "header":
			place = &sorted.header
		case "body":
			place = &sorted.body
		case "limited_time_offer":
			place = &sorted.offer
		case "carousel":
			place = &sorted.carousel
		case "button":
			sorted.buttons = append(sorted.buttons, component)
			continue
		default:
			return sorted, refuse(100, "Param %s['type'] must be one of {HEADER, BODY, BUTTON, CAROUSEL, LIMITED_TIME_OFFER} "+
				"- got \"%s\".", at, kind)
		}
		if *place != nil {
			return sorted, refuse(131009, "Param %s: a component of type %s is there twice.", at, strings.ToLower(kind))
		}
		*place = component
	}
	return sorted, nil
}

// fillHeader checks the one parameter that a header may have.
func (chk checker) fillHeader(parts shape, component object, d *draft) *graphError {
	if parts.header == "" || parts.header == "TEXT" {
		_, refusal := chk.fillText(parts, "header", parts.headline, component, 60)
		return refusal
	}
	parameters, refusal := component.list("parameters", "header")
	if refusal != nil {
		return refusal
	}
	if len(parameters) == 0 {
		return refuse(132012, "header: Format mismatch, expected %s, received UNKNOWN", parts.header)
	}
	if len(parameters) > 1 {
		return mismatch("header", len(parameters), 1)
	}
	kind, refusal := parameters[0].required("type", "header")
	if refusal != nil {
		return refusal
	}
	if !strings.EqualFold(kind, parts.header) {
		return refuse(132012, "header: Format mismatch, expected %s, received %s", parts.header, strings.ToUpper(kind))
	}
	kind = strings.ToLower(kind)
	value, refusal := parameters[0].need(kind, "header")
	if refusal != nil {
		return refusal
	}
	if kind == "location" {
		return chk.location(value, "header['location']")
	}
	allowed := []string{"id", "link"}
	if kind == "document" {
		allowed = append(allowed, "filename")
	}
	if refusal = value.only("header['"+kind+"']", allowed...); refusal != nil {
		return refusal
	}
	return chk.file(value, "header['"+kind+"']", d)
}

// fillText fills a text with a component's parameters and returns what came out.
func (chk checker) fillText(parts shape, where, text string, component object, limit int) (string, *graphError) {
	parameters, refusal := component.list("parameters", where)
	if refusal != nil {
		return "", refusal
	}
	names := variables(text)
	if len(parameters) != len(names) {
		return "", mismatch(where, len(parameters), len(names))
	}
	values := make(map[string]string, len(names))
	for i, parameter := range parameters {
		value, refusal := chk.parameter(where, i, parameter)
		if refusal != nil {
			return "", refusal
		}
		name, given, refusal := parameter.optional("parameter_name", where)
		if refusal != nil {
			return "", refusal
		}
		switch {
		case parts.named && !given:
			return "", refuse(132000, "%s: Parameter name is missing or empty", where)
		case !parts.named && given:
			return "", refuse(132012, "%s: parameter_name \"%s\" was given, but the template's parameters are positional", where, name)
		case !parts.named:
			name = fmt.Sprint(i + 1)
		case !slices.Contains(names, name):
			return "", refuse(132000, "%s: the template has no parameter named \"%s\" (it has %s)", where, name, strings.Join(names, ", "))
		}
		if _, twice := values[name]; twice {
			return "", refuse(132000, "%s: parameter \"%s\" was given twice", where, name)
		}
		values[name] = value
	}
	filled := variable.ReplaceAllStringFunc(text, func(match string) string {
		return values[variable.FindStringSubmatch(match)[1]]
	})
	if utf8.RuneCountInString(filled) > limit {
		return "", refuse(132005, "%s: the text is %d characters long once filled in, %d are allowed", where,
			utf8.RuneCountInString(filled), limit)
	}
	return filled, nil
}

func mismatch(where string, got, want int) *graphError {
	return refuse(132000, "%s: number of localizable_params (%d) does not match the expected number of params (%d)", where, got, want)
}

// parameter reads one text, currency or date_time and returns the words it stands for.
func (chk checker) parameter(where string, i int, parameter object) (string, *graphError) {
	at := fmt.Sprintf("%s['parameters'][%d]", where, i)
	kind, refusal := parameter.required("type", at)
	if refusal != nil {
		return "", refusal
	}
	switch strings.ToLower(kind) {
	case "text":
		text, refusal := parameter.required("text", at)
		if refusal != nil {
			return "", refusal
		}
		return text, clean(where, text)
	case "currency":
		value, refusal := parameter.need("currency", at)
		if refusal != nil {
			return "", refusal
		}
		code, refusal := value.required("code", at)
		if refusal != nil {
			return "", refusal
		}
		if _, ok := value["amount_1000"].(float64); !ok || len(code) != 3 {
			return "", refuse(132012, "%s: a currency needs an ISO 4217 code and amount_1000, a number", where)
		}
		return value.required("fallback_value", at)
	case "date_time":
		value, refusal := parameter.need("date_time", at)
		if refusal != nil {
			return "", refusal
		}
		return value.required("fallback_value", at)
	default:
		return "", refuse(132012, "%s: Format mismatch, expected TEXT, received %s", where, strings.ToUpper(kind))
	}
}

// clean refuses what a parameter's text may not hold: a newline, a tab, five blanks in a row.
func clean(where, text string) *graphError {
	if strings.ContainsAny(text, "\n\r\t") || strings.Contains(text, "     ") {
		return refuse(132018, "%s: Param text cannot have new-line/tab characters or more than 4 consecutive spaces", where)
	}
	return nil
}

func (chk checker) offer(component object) *graphError {
	parameters, refusal := component.list("parameters", "limited_time_offer")
	if refusal != nil {
		return refusal
	}
	if len(parameters) != 1 {
		return mismatch("limited_time_offer", len(parameters), 1)
	}
	value, refusal := parameters[0].need("limited_time_offer", "limited_time_offer")
	if refusal != nil {
		return refusal
	}
	if _, ok := value["expiration_time_ms"].(float64); !ok {
		return missing("limited_time_offer", "expiration_time_ms")
	}
	return nil
}

func (chk checker) carousel(parts shape, component object, d *draft) *graphError {
	cards, refusal := component.list("cards", "carousel")
	if refusal != nil {
		return refusal
	}
	if len(cards) != len(parts.cards) {
		return refuse(132012, "carousel: %d cards were given, the template has %d", len(cards), len(parts.cards))
	}
	seen := map[int]bool{}
	for i, card := range cards {
		path := fmt.Sprintf("carousel['cards'][%d]", i)
		index, ok := whole(card["card_index"])
		if !ok || index >= len(parts.cards) || seen[index] {
			return refuse(131009, "Param %s['card_index'] must name each card once, from 0.", path)
		}
		seen[index] = true
		list, refusal := card.list("components", path)
		if refusal != nil {
			return refusal
		}
		if refusal = chk.fill(parts.cards[index], list, path, d); refusal != nil {
			return refusal
		}
	}
	return nil
}
