package steps

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"waybill/engine/eval"
	"waybill/whatsapp"
)

// buttons adds the buttons that have a value.
func (b *templateBuilder) buttons() {
	list, ok := b.args["buttonParameters"].([]any)
	if !ok && b.args["buttonParameters"] != nil {
		b.fail("buttonParameters", errors.New("a list of {index, type, value} is wanted"))
	}
	for i, v := range list {
		from := indexPath("buttonParameters", i)
		object, ok := v.(map[string]any)
		if !ok {
			b.fail(from, errors.New("{index, type, value} is wanted"))
			continue
		}
		inner := builder{args: object}
		c := whatsapp.Component{Type: whatsapp.ButtonComponent, Index: inner.required("index")}
		p, value := button(&inner, &c)
		b.failIn(from, inner.problems)
		c.Parameters = []whatsapp.Parameter{p}
		b.add(c, buttonOrigin(b.at(from), value))
	}
}

// buttonOrigin leads to a button; value is the name of what it holds.
func buttonOrigin(from, value string) componentOrigin {
	return componentOrigin{
		parameter: func(int) string { return joinPath(from, value) },
		part: func(parameter int, name string) string {
			switch {
			case parameter >= 0:
			case name == "index":
				return from + ".index"
			case name == "sub_type":
				return from + ".type"
			}
			return ""
		},
	}
}

// button makes the parameter of one button, and names what it is made of.
func button(b *builder, c *whatsapp.Component) (p whatsapp.Parameter, from string) {
	if _, err := strconv.Atoi(c.Index); err != nil && c.Index != "" {
		b.fail("index", fmt.Errorf("%q is no place: count from 0", c.Index))
	}
	kind := b.required("type")
	b.only(kind)
	switch kind {
	case "url":
		c.SubType = whatsapp.URLButton
		return whatsapp.Parameter{Type: whatsapp.TextParameter, Text: b.required("value")}, "value"
	case "quickReply":
		c.SubType = whatsapp.QuickReplyButton
		return whatsapp.Parameter{Type: whatsapp.PayloadParameter, Payload: b.required("value")}, "value"
	case "copyCode":
		c.SubType = whatsapp.CopyCodeButton
		return whatsapp.Parameter{Type: whatsapp.CouponCodeParameter, CouponCode: b.required("value")}, "value"
	case "flow":
		c.SubType = whatsapp.FlowButton
		action := &whatsapp.Action{FlowToken: b.text("token"), FlowActionData: b.flowData()}
		return whatsapp.Parameter{Type: whatsapp.ActionParameter, Action: action}, ""
	case "catalog":
		c.SubType = whatsapp.CatalogButton
		return whatsapp.Parameter{Type: whatsapp.ActionParameter, Action: &whatsapp.Action{ThumbnailProductID: b.required("productId")}}, "productId"
	case "":
	default:
		kinds := buttonKinds()
		last := len(kinds) - 1
		b.fail("type", fmt.Errorf("%q is neither %s nor %s", kind, strings.Join(kinds[:last], ", "), kinds[last]))
	}
	return whatsapp.Parameter{}, ""
}

// buttonKinds are the words for the kind of a button in a job file.
func buttonKinds() []string { return []string{"url", "quickReply", "copyCode", "flow", "catalog"} }

// only refuses what belongs to another kind of button.
func (b *builder) only(kind string) {
	owners := map[string][]string{
		"value": {"url", "quickReply", "copyCode"}, "token": {"flow"}, "data": {"flow"}, "productId": {"catalog"},
	}
	for _, name := range []string{"value", "token", "data", "productId"} {
		if b.args[name] == nil || slices.Contains(owners[name], kind) || !slices.Contains(buttonKinds(), kind) {
			continue
		}
		b.fail(name, fmt.Errorf("a %s button has none: it belongs to %s", kind, strings.Join(owners[name], ", ")))
	}
}

// flowData reads the data of a flow's first screen: a map, or JSON as text.
func (b *builder) flowData() json.RawMessage {
	v := b.args["data"]
	if v == nil {
		return nil
	}
	if text, ok := v.(string); ok {
		var object map[string]any
		if err := json.Unmarshal([]byte(text), &object); err != nil {
			b.fail("data", errors.New("the data of a flow is a map, or one written as JSON"))
			return nil
		}
		return json.RawMessage(text)
	}
	if _, ok := v.(map[string]any); !ok {
		b.fail("data", errors.New("the data of a flow is a map, or one written as JSON"))
		return nil
	}
	text, err := plainJSON(v)
	b.fail("data", err)
	return text
}

// plainJSON writes a value of the file as JSON, in which characters stand for themselves. Times and the like are text.
func plainJSON(v any) (json.RawMessage, error) {
	var buffer strings.Builder
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(jsonValue(v)); err != nil {
		return nil, errors.New("it cannot be written as JSON")
	}
	return json.RawMessage(strings.TrimSuffix(buffer.String(), "\n")), nil
}

// jsonValue is a value of the file without what JSON does not have.
func jsonValue(v any) any {
	switch v := v.(type) {
	case nil, bool, string, int, int64, float64, json.Number:
		return v
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, inner := range v {
			out[name] = jsonValue(inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = jsonValue(inner)
		}
		return out
	}
	if text, err := eval.Text(v); err == nil {
		return text
	}
	return v
}
