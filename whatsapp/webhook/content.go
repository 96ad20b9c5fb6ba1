package webhook

import "encoding/json"

// Context is what a message replies to or was forwarded from.
type Context struct {
	From                string
	ID                  string // the message replied to
	Forwarded           bool
	FrequentlyForwarded bool
	CatalogID           string // of referred_product
	ProductID           string // product_retailer_id of referred_product
}

// Text is a written message.
type Text struct{ Body string }

// Media is a file that a person sent. URL and id live for a few days only, and need the token.
type Media struct {
	ID, MIMEType, SHA256, URL, Caption, Filename string
	Voice                                        bool // a voice note
	Animated                                     bool // an animated sticker
}

// Location is a place; the coordinates are the digits that came, in degrees.
type Location struct {
	Latitude, Longitude json.Number
	Name, Address, URL  string
}

// Reaction is an emoji on a message; an empty Emoji takes it back.
type Reaction struct{ MessageID, Emoji string }

// Button is the quick reply of a template.
type Button struct{ Payload, Text string }

// Interactive is an answer to buttons, a list or a flow. Type says which: button_reply, list_reply, nfm_reply,
// call_permission_reply, or one not known here.
type Interactive struct {
	Type, ID, Title, Description string
	Name, Body, ResponseJSON     string // of nfm_reply: a flow's answers as JSON text
	Reply                        json.RawMessage
}

// Order is a basket sent from a catalog.
type Order struct {
	CatalogID, Text string
	Items           []OrderItem
}

// OrderItem is a line of an order; Quantity and Price are the digits that came.
type OrderItem struct {
	ProductID, Currency string
	Quantity, Price     json.Number
}

// System tells that a person's number or user id changed.
type System struct{ Type, Body, WaID, UserID string }

// Edit is a later change of a message, or its withdrawal (Message.Type says which).
type Edit struct {
	OriginalMessageID string
	Message           json.RawMessage
}

func readContext(raw json.RawMessage) *Context {
	var wire struct {
		From       loose `json:"from"`
		ID         loose `json:"id"`
		Forwarded  yes   `json:"forwarded"`
		Frequently yes   `json:"frequently_forwarded"`
		Product    struct {
			Catalog loose `json:"catalog_id"`
			Product loose `json:"product_retailer_id"`
		} `json:"referred_product"`
	}
	if object(raw, &wire) != nil {
		return nil
	}
	return &Context{
		From: string(wire.From), ID: string(wire.ID), Forwarded: bool(wire.Forwarded), FrequentlyForwarded: bool(wire.Frequently),
		CatalogID: string(wire.Product.Catalog), ProductID: string(wire.Product.Product),
	}
}

type textWire struct {
	Body loose `json:"body"`
}

func (w *textWire) text() *Text {
	if w == nil {
		return nil
	}
	return &Text{Body: string(w.Body)}
}

type mediaWire struct {
	ID       loose `json:"id"`
	MIMEType loose `json:"mime_type"`
	SHA256   loose `json:"sha256"`
	URL      loose `json:"url"`
	Caption  loose `json:"caption"`
	Filename loose `json:"filename"`
	Voice    yes   `json:"voice"`
	Animated yes   `json:"animated"`
}

func (w *mediaWire) media() *Media {
	if w == nil {
		return nil
	}
	return &Media{
		ID: string(w.ID), MIMEType: string(w.MIMEType), SHA256: string(w.SHA256), URL: string(w.URL), Caption: string(w.Caption),
		Filename: string(w.Filename), Voice: bool(w.Voice), Animated: bool(w.Animated),
	}
}

type locationWire struct {
	Latitude  loose `json:"latitude"`
	Longitude loose `json:"longitude"`
	Name      loose `json:"name"`
	Address   loose `json:"address"`
	URL       loose `json:"url"`
}

func (w *locationWire) location() *Location {
	if w == nil {
		return nil
	}
	return &Location{
		Latitude: json.Number(w.Latitude), Longitude: json.Number(w.Longitude),
		Name: string(w.Name), Address: string(w.Address), URL: string(w.URL),
	}
}

type reactionWire struct {
	MessageID loose `json:"message_id"`
	Emoji     loose `json:"emoji"`
}

func (w *reactionWire) reaction() *Reaction {
	if w == nil {
		return nil
	}
	return &Reaction{MessageID: string(w.MessageID), Emoji: string(w.Emoji)}
}

type buttonWire struct {
	Payload loose `json:"payload"`
	Text    loose `json:"text"`
}

func (w *buttonWire) button() *Button {
	if w == nil {
		return nil
	}
	return &Button{Payload: string(w.Payload), Text: string(w.Text)}
}

func readInteractive(raw json.RawMessage) *Interactive {
	members := map[string]json.RawMessage{}
	var kind struct {
		Type loose `json:"type"`
	}
	if object(raw, &kind) != nil || object(raw, &members) != nil {
		return nil
	}
	answer := &Interactive{Type: string(kind.Type), Reply: members[string(kind.Type)]}
	var wire struct {
		ID          loose `json:"id"`
		Title       loose `json:"title"`
		Description loose `json:"description"`
		Name        loose `json:"name"`
		Body        loose `json:"body"`
		Response    loose `json:"response_json"`
	}
	if object(answer.Reply, &wire) == nil {
		answer.ID, answer.Title, answer.Description = string(wire.ID), string(wire.Title), string(wire.Description)
		answer.Name, answer.Body, answer.ResponseJSON = string(wire.Name), string(wire.Body), string(wire.Response)
	}
	return answer
}

type orderWire struct {
	Catalog loose `json:"catalog_id"`
	Text    loose `json:"text"`
	Items   []struct {
		Product  loose `json:"product_retailer_id"`
		Quantity loose `json:"quantity"`
		Price    loose `json:"item_price"`
		Currency loose `json:"currency"`
	} `json:"product_items"`
}

func (w *orderWire) order() *Order {
	if w == nil {
		return nil
	}
	order := &Order{CatalogID: string(w.Catalog), Text: string(w.Text)}
	for _, item := range w.Items {
		order.Items = append(order.Items, OrderItem{
			ProductID: string(item.Product), Currency: string(item.Currency),
			Quantity: json.Number(item.Quantity), Price: json.Number(item.Price),
		})
	}
	return order
}

type systemWire struct {
	Type   loose `json:"type"`
	Body   loose `json:"body"`
	WaID   loose `json:"wa_id"`
	UserID loose `json:"user_id"`
}

func (w *systemWire) system() *System {
	if w == nil {
		return nil
	}
	return &System{Type: string(w.Type), Body: string(w.Body), WaID: string(w.WaID), UserID: string(w.UserID)}
}

type editWire struct {
	Original loose           `json:"original_message_id"`
	Message  json.RawMessage `json:"message"`
}

func (w *editWire) edit() *Edit {
	if w == nil {
		return nil
	}
	return &Edit{OriginalMessageID: string(w.Original), Message: w.Message}
}
