package sandbox

import (
	"encoding/json"
	"math"
	"net/url"
	"strconv"
	"strings"
)

// content checks the object that is named like the message's type. Source: Meta, messages.
func (chk checker) content(o object, d *draft) *graphError {
	if d.kind == "contacts" {
		return chk.contacts(o)
	}
	part, ok, refusal := o.child(d.kind, "")
	if refusal != nil {
		return refusal
	}
	if !ok {
		return refuse(131008, "Parameter '%s' is mandatory for type '%s'.", d.kind, d.kind)
	}
	switch d.kind {
	case "text":
		return chk.text(part, d)
	case "location":
		return chk.location(part, "location")
	case "reaction":
		return chk.reaction(part, d)
	case "interactive":
		return chk.interactive(part, d)
	case "template":
		return chk.template(part, d)
	default:
		return chk.media(part, d)
	}
}

func (chk checker) text(part object, d *draft) *graphError {
	if refusal := part.only("text", "body", "preview_url"); refusal != nil {
		return refusal
	}
	if refusal := part.flag("preview_url", "text"); refusal != nil {
		return refusal
	}
	var refusal *graphError
	if d.text, refusal = part.limited("body", "text", 4096); refusal != nil {
		return refusal
	}
	if strings.TrimSpace(d.text) == "" {
		return refuse(131009, "Param text['body'] must not be blank.")
	}
	return nil
}

// media checks the five kinds of file. Captions belong to image, video and document, a file name to a
// document, voice to audio.
func (chk checker) media(part object, d *draft) *graphError {
	keys := []string{"id", "link"}
	switch d.kind {
	case "image", "video":
		keys = append(keys, "caption")
	case "document":
		keys = append(keys, "caption", "filename")
	case "audio":
		keys = append(keys, "voice")
	}
	if refusal := part.only(d.kind, keys...); refusal != nil {
		return refusal
	}
	if refusal := part.flag("voice", d.kind); refusal != nil {
		return refusal
	}
	if _, refusal := part.limitedOptional("filename", d.kind, 240); refusal != nil {
		return refusal
	}
	var refusal *graphError
	if d.text, refusal = part.limitedOptional("caption", d.kind, 1024); refusal != nil {
		return refusal
	}
	return chk.file(part, d.kind, d)
}

// file checks that a media object names exactly one of an uploaded file and a link.
func (chk checker) file(part object, path string, d *draft) *graphError {
	id, hasID, refusal := part.optional("id", path)
	if refusal != nil {
		return refusal
	}
	link, hasLink, refusal := part.optional("link", path)
	if refusal != nil {
		return refusal
	}
	switch {
	case hasID && hasLink:
		return refuse(131009, "Param %s must have exactly one of id and link.", path)
	case hasID && id != "":
		if !chk.placeholders || !placeholder.MatchString(id) {
			d.mediaIDs = append(d.mediaIDs, id)
		}
	case hasLink && link != "":
		if !chk.link(link) {
			return refuse(131009, "Param %s['link'] must be a public http or https address - got \"%s\".", path, link)
		}
		d.links = append(d.links, link)
	default:
		return refuse(131008, "Parameter '%s' must have an id or a link.", path)
	}
	return nil
}

func (chk checker) link(link string) bool {
	if chk.placeholders && (placeholder.MatchString(link) || strings.HasPrefix(link, "http(s)://")) {
		return true
	}
	address, err := url.Parse(link)
	return err == nil && (address.Scheme == "http" || address.Scheme == "https") && address.Hostname() != "" &&
		!strings.ContainsAny(link, " \n\t")
}

// location takes coordinates as numbers or as strings: Meta's description has strings, its examples numbers.
func (chk checker) location(part object, path string) *graphError {
	for key, bound := range map[string]float64{"latitude": 90, "longitude": 180} {
		value, there := part[key]
		if !there || value == nil {
			return missing(path, key)
		}
		number, ok := value.(float64)
		if text, isText := value.(string); isText {
			parsed, err := strconv.ParseFloat(text, 64)
			number, ok = parsed, err == nil
		}
		if !ok || math.Abs(number) > bound || math.IsNaN(number) {
			return refuse(131009, "Param %s must be a number from %g to %g.", join(path, key), -bound, bound)
		}
	}
	for _, key := range []string{"name", "address"} {
		if _, refusal := part.limitedOptional(key, path, 1000); refusal != nil {
			return refusal
		}
	}
	return nil
}

func (chk checker) reaction(part object, d *draft) *graphError {
	if d.context != "" {
		return refuse(131009, "A reaction cannot be a reply.")
	}
	id, refusal := part.required("message_id", "reaction")
	if refusal != nil {
		return refusal
	}
	d.context = id
	emoji, ok, refusal := part.optional("emoji", "reaction")
	if refusal != nil {
		return refusal
	}
	if !ok {
		return missing("reaction", "emoji")
	}
	if len(emoji) > 64 {
		return refuse(131009, "Param reaction['emoji'] must be one emoji, or empty to remove the reaction.")
	}
	d.text = emoji
	return nil
}

func (chk checker) contacts(o object) *graphError {
	cards, refusal := o.list("contacts", "")
	if refusal != nil {
		return refusal
	}
	if len(cards) == 0 {
		return refuse(131008, "Parameter 'contacts' is mandatory for type 'contacts'.")
	}
	for i, card := range cards {
		path := "contacts[" + strconv.Itoa(i) + "]"
		name, refusal := card.need("name", path)
		if refusal != nil {
			return refusal
		}
		if _, refusal = name.required("formatted_name", join(path, "name")); refusal != nil {
			return refusal
		}
		for _, key := range []string{"phones", "emails", "urls", "addresses"} {
			if _, refusal = card.list(key, path); refusal != nil {
				return refusal
			}
		}
	}
	return nil
}

// whole reads a non-negative whole number that may come as a number or as a string, as button indexes do.
func whole(value any) (int, bool) {
	switch v := value.(type) {
	case float64:
		return int(v), v == math.Trunc(v) && v >= 0 && v < 1e9
	case string:
		n, err := strconv.Atoi(v)
		return n, err == nil && n >= 0
	case json.Number:
		n, err := strconv.Atoi(v.String())
		return n, err == nil && n >= 0
	default:
		return 0, false
	}
}
