package sandbox

import "strconv"

// interactive checks menus and their like. The limits are those of Meta's older guides. The action objects of shop and payment messages are
// checked only as far as they are documented.
func (chk checker) interactive(part object, d *draft) *graphError {
	kind, refusal := part.required("type", "interactive")
	if refusal != nil {
		return refusal
	}
	bodyLimit := 1024
	if kind == "list" {
		bodyLimit = 4096
	}
	if d.text, refusal = chk.interactiveText(part, kind, bodyLimit); refusal != nil {
		return refusal
	}
	action, refusal := part.need("action", "interactive")
	if refusal != nil {
		return refusal
	}
	if refusal = chk.interactiveHeader(part, d); refusal != nil {
		return refusal
	}
	return chk.action(kind, action, d)
}

// interactiveText checks body and footer. Only a single product needs no body.
func (chk checker) interactiveText(part object, kind string, limit int) (string, *graphError) {
	body, ok, refusal := part.child("body", "interactive")
	if refusal != nil {
		return "", refusal
	}
	text := ""
	if ok {
		if text, refusal = body.limited("text", "interactive['body']", limit); refusal != nil {
			return "", refusal
		}
	} else if kind != "product" {
		return "", missing("interactive", "body")
	}
	footer, ok, refusal := part.child("footer", "interactive")
	if refusal != nil || !ok {
		return text, refusal
	}
	_, refusal = footer.limited("text", "interactive['footer']", 60)
	return text, refusal
}

func (chk checker) interactiveHeader(part object, d *draft) *graphError {
	header, ok, refusal := part.child("header", "interactive")
	if refusal != nil || !ok {
		return refusal
	}
	path := "interactive['header']"
	kind, refusal := header.required("type", path)
	if refusal != nil {
		return refusal
	}
	switch kind {
	case "text":
		_, refusal = header.limited("text", path, 60)
		return refusal
	case "image", "video", "document":
		file, refusal := header.need(kind, path)
		if refusal != nil {
			return refusal
		}
		return chk.file(file, join(path, kind), d)
	default:
		if chk.placeholders && placeholder.MatchString(kind) {
			return nil
		}
		return refuse(131009, "Param interactive['header']['type'] must be one of {TEXT, IMAGE, VIDEO, DOCUMENT} - got \"%s\".", kind)
	}
}

func (chk checker) action(kind string, action object, d *draft) *graphError {
	const path = "interactive['action']"
	switch kind {
	case "button":
		return chk.replyButtons(action)
	case "carousel":
		return chk.mediaCarousel(action, d)
	case "list":
		return chk.menu(action)
	case "product":
		if _, refusal := action.required("catalog_id", path); refusal != nil {
			return refusal
		}
		_, refusal := action.required("product_retailer_id", path)
		return refusal
	case "product_list":
		return chk.productList(action)
	case "flow", "cta_url", "order_details", "order_status":
		return chk.namedAction(kind, action)
	case "catalog_message", "location_request_message", "address_message", "call_permission_request", "voice_call", "request_contact_info":
		return nil
	default:
		return refuse(131009, "Param interactive['type'] is not one that can be sent - got \"%s\".", kind)
	}
}

func (chk checker) replyButtons(action object) *graphError {
	buttons, refusal := action.list("buttons", "interactive['action']")
	if refusal != nil {
		return refusal
	}
	if len(buttons) < 1 || len(buttons) > 3 {
		return refuse(131009, "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3")
	}
	seen := map[string]bool{}
	for i, button := range buttons {
		path := "interactive['action']['buttons'][" + strconv.Itoa(i) + "]"
		reply, refusal := button.need("reply", path)
		if refusal != nil {
			return refusal
		}
		id, refusal := reply.limited("id", path+"['reply']", 256)
		if refusal != nil {
			return refusal
		}
		title, refusal := reply.required("title", path+"['reply']")
		if refusal != nil {
			return refusal
		}
		if !chk.fits(title, 20) {
			return refuse(131009, "Button title length invalid. Min length: 1, Max length: 20")
		}
		if seen[id] || seen["\x00"+title] {
			return refuse(131009, "Duplicated buttons: ids and titles must differ.")
		}
		seen[id], seen["\x00"+title] = true, true
	}
	return nil
}

func (chk checker) menu(action object) *graphError {
	label, refusal := action.required("button", "interactive['action']")
	if refusal != nil {
		return refusal
	}
	if !chk.fits(label, 20) {
		return refuse(131009, "Button label is too long. Max length is 20")
	}
	sections, refusal := action.list("sections", "interactive['action']")
	if refusal != nil {
		return refusal
	}
	if len(sections) < 1 || len(sections) > 10 {
		return refuse(131009, "Invalid sections count. Min allowed sections: 1, Max allowed sections: 10")
	}
	rows := 0
	for i, section := range sections {
		path := "interactive['action']['sections'][" + strconv.Itoa(i) + "]"
		title, _, refusal := section.optional("title", path)
		if refusal != nil {
			return refusal
		}
		if !chk.fits(title, 24) || (title == "" && len(sections) > 1) {
			return refuse(131009, "Section title is required with several sections. Max length is 24")
		}
		n, refusal := chk.menuRows(section, path)
		if refusal != nil {
			return refusal
		}
		rows += n
	}
	if rows < 1 || rows > 10 {
		return refuse(131009, "Total row count exceed max allowed count: 10")
	}
	return nil
}

func (chk checker) menuRows(section object, path string) (int, *graphError) {
	rows, refusal := section.list("rows", path)
	if refusal != nil {
		return 0, refusal
	}
	for i, row := range rows {
		at := path + "['rows'][" + strconv.Itoa(i) + "]"
		if _, refusal = row.limited("id", at, 200); refusal != nil {
			return 0, refusal
		}
		title, refusal := row.required("title", at)
		if refusal != nil {
			return 0, refusal
		}
		description, _, refusal := row.optional("description", at)
		if refusal != nil {
			return 0, refusal
		}
		if !chk.fits(title, 24) {
			return 0, refuse(131009, "Row title is too long. Max length is 24")
		}
		if !chk.fits(description, 72) {
			return 0, refuse(131009, "Row description is too long. Max length is 72")
		}
	}
	return len(rows), nil
}

func (chk checker) productList(action object) *graphError {
	if _, refusal := action.required("catalog_id", "interactive['action']"); refusal != nil {
		return refusal
	}
	sections, refusal := action.list("sections", "interactive['action']")
	if refusal != nil {
		return refusal
	}
	items := 0
	for i, section := range sections {
		products, refusal := section.list("product_items", "interactive['action']['sections']["+strconv.Itoa(i)+"]")
		if refusal != nil {
			return refusal
		}
		items += len(products)
	}
	if items < 1 || items > 30 || len(sections) > 10 {
		return refuse(131009, "A product list has 1 to 30 products in at most 10 sections.")
	}
	return nil
}

// namedAction checks an action of the form {name, parameters}.
func (chk checker) namedAction(kind string, action object) *graphError {
	const path = "interactive['action']"
	if _, refusal := action.required("name", path); refusal != nil {
		return refusal
	}
	parameters, refusal := action.need("parameters", path)
	if refusal != nil {
		return refusal
	}
	within := join(path, "parameters")
	switch kind {
	case "cta_url":
		if _, refusal = parameters.limited("display_text", within, 20); refusal != nil {
			return refusal
		}
		address, refusal := parameters.required("url", within)
		if refusal != nil {
			return refusal
		}
		if !chk.link(address) {
			return refuse(131009, "Param interactive['action']['parameters']['url'] must be a web address.")
		}
	case "flow":
		id, _, _ := parameters.optional("flow_id", within)
		name, _, _ := parameters.optional("flow_name", within)
		if (id == "") == (name == "") {
			return refuse(131009, "A Flow needs exactly one of flow_id and flow_name.")
		}
		if _, refusal = parameters.required("flow_cta", within); refusal != nil {
			return refusal
		}
	default:
		if _, refusal = parameters.required("reference_id", within); refusal != nil {
			return refusal
		}
	}
	return nil
}

// fits measures a text; Meta's placeholders are longer than what they stand for.
func (chk checker) fits(text string, limit int) bool {
	return len([]rune(text)) <= limit || (chk.placeholders && placeholder.MatchString(text))
}
