package whatsapp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Give makes the components of a template those that somebody wrote as the API has them: they are sent as they stand. Components
// holds what is known of them, for checks. An error says what is not as the API has it.
func (t *TemplateMessage) Give(raw json.RawMessage) error {
	var list []givenComponent
	if err := json.Unmarshal(raw, &list); err != nil {
		return inPlainWords(err)
	}
	t.Given, t.Components = raw, knownComponents(list)
	return nil
}

// inPlainWords says where JSON has another shape than the API's.
func inPlainWords(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if wrong.Field == "" {
			return fmt.Errorf("the API has a list of components there, and this is %s", article(wrong.Value))
		}
		return fmt.Errorf("%s cannot be %s", wrong.Field, article(wrong.Value))
	}
	return errors.New("it is no list of components as the API has them")
}

func article(kind string) string {
	switch kind {
	case "object", "array":
		return "an " + kind
	}
	return "a " + strings.ReplaceAll(kind, "bool", "true or false")
}

// givenComponent is a component as somebody wrote it: what is not known is passed over, and scalars may be of any type.
type givenComponent struct {
	Type       flexString       `json:"type"`
	SubType    flexString       `json:"sub_type"`
	Index      flexString       `json:"index"`
	Parameters []givenParameter `json:"parameters"`
	Cards      []struct {
		Index      flexInt          `json:"card_index"`
		Components []givenComponent `json:"components"`
	} `json:"cards"`
}

type givenParameter struct {
	Type     flexString `json:"type"`
	Name     flexString `json:"parameter_name"`
	Text     flexString `json:"text"`
	Currency *struct {
		Fallback flexString `json:"fallback_value"`
		Code     flexString `json:"code"`
		Amount   flexInt    `json:"amount_1000"`
	} `json:"currency"`
	DateTime *struct {
		Fallback flexString `json:"fallback_value"`
	} `json:"date_time"`
	Image    *givenFile `json:"image"`
	Video    *givenFile `json:"video"`
	Document *givenFile `json:"document"`
	Location *struct {
		Latitude  flexString `json:"latitude"`
		Longitude flexString `json:"longitude"`
		Name      flexString `json:"name"`
		Address   flexString `json:"address"`
	} `json:"location"`
	Payload flexString `json:"payload"`
	Coupon  flexString `json:"coupon_code"`
	Action  *struct {
		Product flexString      `json:"thumbnail_product_retailer_id"`
		Token   flexString      `json:"flow_token"`
		Data    json.RawMessage `json:"flow_action_data"`
	} `json:"action"`
	Limited *struct {
		Expiration flexInt `json:"expiration_time_ms"`
	} `json:"limited_time_offer"`
}

type givenFile struct {
	ID       flexString `json:"id"`
	Link     flexString `json:"link"`
	Filename flexString `json:"filename"`
}

func knownComponents(list []givenComponent) []Component {
	known := make([]Component, 0, len(list))
	for _, g := range list {
		c := Component{Type: strings.ToLower(string(g.Type)), SubType: strings.ToLower(string(g.SubType)), Index: string(g.Index)}
		for _, p := range g.Parameters {
			c.Parameters = append(c.Parameters, p.known())
		}
		for _, card := range g.Cards {
			c.Cards = append(c.Cards, Card{Index: int(card.Index), Components: knownComponents(card.Components)})
		}
		known = append(known, c)
	}
	return known
}

func (g givenParameter) known() Parameter {
	p := Parameter{
		Type: strings.ToLower(string(g.Type)), Name: string(g.Name), Text: string(g.Text), Payload: string(g.Payload), CouponCode: string(g.Coupon),
		Image: g.Image.known(), Video: g.Video.known(), Document: g.Document.known(),
	}
	if c := g.Currency; c != nil {
		p.Currency = &Currency{FallbackValue: string(c.Fallback), Code: string(c.Code), Amount1000: int64(c.Amount)}
	}
	if d := g.DateTime; d != nil {
		p.DateTime = &DateTime{FallbackValue: string(d.Fallback)}
	}
	if l := g.Location; l != nil {
		p.Location = &Location{
			Latitude: json.Number(l.Latitude), Longitude: json.Number(l.Longitude), Name: string(l.Name), Address: string(l.Address),
		}
	}
	if a := g.Action; a != nil {
		p.Action = &Action{ThumbnailProductID: string(a.Product), FlowToken: string(a.Token), FlowActionData: a.Data}
	}
	if l := g.Limited; l != nil {
		p.LimitedTime = &LimitedOffer{ExpirationTimeMS: int64(l.Expiration)}
	}
	return p
}

func (g *givenFile) known() *File {
	if g == nil {
		return nil
	}
	return &File{ID: string(g.ID), Link: string(g.Link), Filename: string(g.Filename)}
}

// givenTemplate is a template message whose components stand in the body as they were given.
type givenTemplate struct {
	Name       string          `json:"name"`
	Language   Language        `json:"language"`
	Components json.RawMessage `json:"components,omitempty"`
}

// body is what stands in the request's body for the template.
func (t *TemplateMessage) body() any {
	if t.Given == nil {
		return t
	}
	return &givenTemplate{t.Name, t.Language, t.Given}
}

// message reads a body back. What the client would have written itself is no longer given by anybody.
func (g givenTemplate) message() (*TemplateMessage, error) {
	t := &TemplateMessage{Name: g.Name, Language: g.Language}
	if g.Components == nil {
		return t, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(g.Components))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&t.Components); err == nil {
		return t, nil
	}
	t.Components = nil
	return t, t.Give(g.Components)
}
