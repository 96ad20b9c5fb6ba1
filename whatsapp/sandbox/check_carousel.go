package sandbox

import "strconv"

// mediaCarousel checks the cards of an interactive carousel: two to ten of them, numbered from 0, all with a picture or all with a
// video. Source: Meta, interactive media carousel messages, 21 October 2025. Cards of other types than cta_url, which came
// later, are not looked at beyond that.
func (chk checker) mediaCarousel(action object, d *draft) *graphError {
	const path = "interactive['action']"
	cards, refusal := action.list("cards", path)
	if refusal != nil {
		return refusal
	}
	if len(cards) < 2 || len(cards) > 10 {
		return refuse(131009, "Invalid cards count. Min allowed cards: 2, Max allowed cards: 10")
	}
	seen := map[int]bool{}
	header := ""
	for i, card := range cards {
		at := path + "['cards'][" + strconv.Itoa(i) + "]"
		index, ok := card["card_index"].(float64)
		if n := int(index); !ok || index != float64(n) || n < 0 || n > 9 || seen[n] {
			return refuse(131009, "Param %s['card_index'] must be a number from 0 to 9 of its own.", at)
		}
		seen[int(index)] = true
		kind, refusal := chk.carouselCard(card, at, d)
		if refusal != nil {
			return refusal
		}
		if i > 0 && kind != header {
			return refuse(131009, "Param %s['header']['type'] must be that of the first card: %s.", at, header)
		}
		header = kind
	}
	return nil
}

// carouselCard checks one card and returns the type of its header; empty for cards that have none, such as products.
func (chk checker) carouselCard(card object, path string, d *draft) (string, *graphError) {
	kind, refusal := card.required("type", path)
	if refusal != nil {
		return "", refusal
	}
	body, ok, refusal := card.child("body", path)
	if refusal == nil && ok {
		_, refusal = body.limited("text", path+"['body']", 160)
	}
	if refusal != nil {
		return "", refusal
	}
	action, refusal := card.need("action", path)
	if refusal != nil {
		return "", refusal
	}
	if kind == "cta_url" {
		if refusal = chk.namedAction(kind, action); refusal != nil {
			return "", refusal
		}
	}
	header, ok, refusal := card.child("header", path)
	if refusal != nil || !ok {
		if refusal == nil && kind == "cta_url" {
			refusal = missing(path, "header")
		}
		return "", refusal
	}
	at := path + "['header']"
	media, refusal := header.required("type", at)
	if refusal != nil {
		return "", refusal
	}
	if media != "image" && media != "video" {
		return "", refuse(131009, "Param %s['type'] must be one of {IMAGE, VIDEO} - got \"%s\".", at, media)
	}
	file, refusal := header.need(media, at)
	if refusal != nil {
		return "", refusal
	}
	return media, chk.file(file, join(at, media), d)
}
