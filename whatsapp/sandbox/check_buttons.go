package sandbox

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// fillButtons checks the buttons of a template send: only those with a parameter are listed, by their
// zero-based place among all buttons of the template.
func (chk checker) fillButtons(parts shape, given []object, path string) *graphError {
	seen := map[int]bool{}
	for i, component := range given {
		at := fmt.Sprintf("%s button %d", path, i)
		index, ok := whole(component["index"])
		if !ok {
			return refuse(131009, "Param %s: index must be a number from 0.", at)
		}
		if index >= len(parts.buttons) {
			return refuse(132018, "buttons: Button at index %d does not exist, the template has %d buttons", index, len(parts.buttons))
		}
		if seen[index] {
			return refuse(131009, "buttons: Button at index %d is there twice", index)
		}
		seen[index] = true
		if refusal := chk.fillButton(parts.buttons[index], index, component); refusal != nil {
			return refusal
		}
	}
	for index, button := range parts.buttons {
		if !seen[index] && button.kind == "FLOW" {
			return refuse(131009, "buttons: Button at index %d of type FLOW requires a button component", index)
		}
		if !seen[index] && button.needsParameter() {
			return refuse(131008, "buttons: Button at index %d of type %s requires a parameter", index, button.kind)
		}
	}
	return nil
}

func (b button) needsParameter() bool {
	switch b.kind {
	case "URL":
		return len(variables(b.url)) > 0
	case "COPY_CODE", "OTP", "MPM":
		return true
	default:
		return false
	}
}

// sendsAs is the sub_type that a send uses for the button; the OTP button became a URL button on creation.
func (b button) sendsAs() string {
	if b.kind == "OTP" {
		return "url"
	}
	return strings.ToLower(b.kind)
}

func (chk checker) fillButton(b button, index int, component object) *graphError {
	subType, refusal := component.required("sub_type", fmt.Sprintf("buttons[%d]", index))
	if refusal != nil {
		return refusal
	}
	if !strings.EqualFold(subType, b.sendsAs()) {
		return refuse(132012, "buttons: Button at index %d: Format mismatch, expected %s, received %s", index,
			strings.ToUpper(b.sendsAs()), strings.ToUpper(subType))
	}
	parameters, refusal := component.list("parameters", fmt.Sprintf("buttons[%d]", index))
	if refusal != nil {
		return refusal
	}
	if len(parameters) > 1 {
		return mismatch(fmt.Sprintf("button %d", index), len(parameters), 1)
	}
	if len(parameters) == 0 {
		if b.needsParameter() {
			return refuse(131008, "buttons: Button at index %d of type %s requires a parameter", index, b.kind)
		}
		return nil
	}
	return chk.buttonParameter(b, index, parameters[0])
}

func (chk checker) buttonParameter(b button, index int, parameter object) *graphError {
	at := fmt.Sprintf("buttons[%d]", index)
	kind, refusal := parameter.required("type", at)
	if refusal != nil {
		return refusal
	}
	want, limit := b.parameterType()
	if want == "coupon_code" && !chk.rules.longCoupons {
		limit = 15
	}
	if want == "" {
		return mismatch(fmt.Sprintf("button %d", index), 1, 0)
	}
	if !strings.EqualFold(kind, want) {
		return refuse(132012, "buttons: Button at index %d: Format mismatch, expected a parameter of type %s, received %s",
			index, want, strings.ToLower(kind))
	}
	if want == "action" {
		_, refusal = parameter.need("action", at)
		return refusal
	}
	value, refusal := parameter.required(want, at)
	if refusal != nil {
		return refusal
	}
	length := utf8.RuneCountInString(value)
	if b.kind == "URL" {
		length += utf8.RuneCountInString(variable.ReplaceAllString(b.url, ""))
		limit = 2000
	}
	if length > limit {
		return refuse(132005, "buttons: Button at index %d is %d characters long once filled in, %d are allowed", index, length, limit)
	}
	return clean(at, value)
}

// parameterType is the type of a button's parameter and its longest value; empty: the button takes none.
func (b button) parameterType() (string, int) {
	switch b.kind {
	case "URL":
		if len(variables(b.url)) == 0 {
			return "", 0
		}
		return "text", 2000
	case "OTP":
		return "text", 15
	case "COPY_CODE":
		return "coupon_code", 20
	case "QUICK_REPLY":
		return "payload", 256
	case "FLOW", "CATALOG", "MPM", "SPM":
		return "action", 0
	default:
		return "", 0
	}
}
