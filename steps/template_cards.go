package steps

import (
	"errors"
	"fmt"
	"slices"

	"waybill/engine"
	"waybill/whatsapp"
)

// cards adds a carousel. Each card has a medium, and may have parameters of its body and of its buttons.
func (b *templateBuilder) cards() {
	given := b.args["cards"]
	if given == nil {
		return
	}
	list, ok := given.([]any)
	if !ok {
		b.fail("cards", errors.New("a list of {headerMedia, bodyParameters, buttonParameters} is wanted"))
		return
	}
	carousel := whatsapp.Component{Type: whatsapp.CarouselComponent}
	origin := componentOrigin{parameter: func(int) string { return "cards" }, cards: make([][]componentOrigin, 0, len(list))}
	at := len(b.list) // where the carousel will be
	for i, v := range list {
		path := indexPath("cards", i)
		args, ok := v.(map[string]any)
		if !ok {
			b.fail(path, errors.New("{headerMedia, bodyParameters, buttonParameters} is wanted"))
			args = map[string]any{}
		}
		card := &templateBuilder{builder: builder{args: engine.Args(args)}, draft: b.draft, part: templatePart{path, cardOf(at, i)}}
		card.header()
		card.component(whatsapp.Component{Type: whatsapp.BodyComponent}, "bodyParameters")
		card.buttons()
		b.failIn(path, card.problems)
		carousel.Cards = append(carousel.Cards, whatsapp.Card{Index: i, Components: card.list})
		origin.cards = append(origin.cards, card.origins)
	}
	b.add(carousel, origin)
}

// cardOf finds the components of a card in a copy of a template, and copies what is around them.
func cardOf(carousel, card int) func(*whatsapp.TemplateMessage) *[]whatsapp.Component {
	return func(t *whatsapp.TemplateMessage) *[]whatsapp.Component {
		t.Components = slices.Clone(t.Components)
		c := &t.Components[carousel]
		c.Cards = slices.Clone(c.Cards)
		return &c.Cards[card].Components
	}
}

// limitedTimeOffer adds the end of an offer.
func (b *templateBuilder) limitedTimeOffer() {
	given := b.args["limitedTimeOffer"]
	if given == nil {
		return
	}
	object, ok := given.(map[string]any)
	if !ok {
		b.fail("limitedTimeOffer", errors.New("{expiresAt} is wanted"))
		return
	}
	inner := builder{args: object}
	offer := &whatsapp.LimitedOffer{}
	if text := inner.required("expiresAt"); text != "" {
		at, _, err := parseTime(text)
		if err != nil {
			inner.fail("expiresAt", fmt.Errorf("expiresAt: %w", err))
		}
		offer.ExpirationTimeMS = at.UnixMilli()
	}
	b.failIn("limitedTimeOffer", inner.problems)
	p := whatsapp.Parameter{Type: whatsapp.LimitedTimeParameter, LimitedTime: offer}
	b.add(whatsapp.Component{Type: whatsapp.LimitedTimeComponent, Parameters: []whatsapp.Parameter{p}},
		componentOrigin{parameter: func(int) string { return "limitedTimeOffer.expiresAt" }})
}

// given takes the components as somebody wrote them in the API's own form.
func (b *builder) given(t *whatsapp.TemplateMessage) {
	for _, name := range templateParts() {
		if b.args[name] != nil {
			b.fail(name, errors.New("it stands beside components, which are all that the template gets"))
		}
	}
	raw, err := plainJSON(b.args["components"])
	if err == nil {
		err = t.Give(raw)
	}
	b.fail("components", err)
}

// templateParts are the parameters that components are made of.
func templateParts() []string {
	return []string{"headerParameters", "headerMedia", "headerLocation", "bodyParameters", "buttonParameters", "cards", "limitedTimeOffer"}
}
