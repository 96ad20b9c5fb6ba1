package webhook

import "encoding/json"

// Context is what a message replies to or was forwarded from.
type Context struct {
	From                string // digits; empty when the person hides the number
	FromUserID          string
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

// System reports that a person's number, user id or identity changed. Its members are the new ones but for PreviousUserID;
// the old number is Message.From. Type is user_changed_number, user_changed_user_id, user_identity_changed or unknown here.
type System struct{ Type, Body, WaID, UserID, ParentUserID, PreviousUserID string }

// Edit is a later change of a message, or its withdrawal (Message.Type says which).
type Edit struct {
	OriginalMessageID string
	Message           json.RawMessage
}

// body is what the message says now; empty: it has no words, or was withdrawn.
func (e *Edit) body() string {
	members := map[string]json.RawMessage{}
	var kind flexString
	if json.Unmarshal(e.Message, &members) != nil || json.Unmarshal(members["type"], &kind) != nil {
		return ""
	}
	now := Message{Type: string(kind), Content: members[string(kind)]}
	if now.readContent(); now.Edit != nil { // an edit of an edit is none
		return ""
	}
	return now.Body()
}

func readContext(raw json.RawMessage) *Context {
	var wire struct {
		From       flexString `json:"from"`
		FromUserID flexString `json:"from_user_id"`
		ID         flexString `json:"id"`
		Forwarded  flexBool   `json:"forwarded"`
		Frequently flexBool   `json:"frequently_forwarded"`
		Product    struct {
			Catalog flexString `json:"catalog_id"`
			Product flexString `json:"product_retailer_id"`
		} `json:"referred_product"`
	}
	if object(raw, &wire) != nil {
		return nil
	}
	return &Context{
		From: string(wire.From), FromUserID: string(wire.FromUserID), ID: string(wire.ID), Forwarded: bool(wire.Forwarded), FrequentlyForwarded: bool(wire.Frequently),
		CatalogID: string(wire.Product.Catalog), ProductID: string(wire.Product.Product),
	}
}

type textWire struct {
	Body flexString `json:"body"`
}

func (w *textWire) text() *Text {
	if w == nil {
		return nil
	}
	return &Text{Body: string(w.Body)}
}

type mediaWire struct {
	ID       flexString `json:"id"`
	MIMEType flexString `json:"mime_type"`
	SHA256   flexString `json:"sha256"`
	URL      flexString `json:"url"`
	Caption  flexString `json:"caption"`
	Filename flexString `json:"filename"`
	Voice    flexBool   `json:"voice"`
	Animated flexBool   `json:"animated"`
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
	Latitude  flexString `json:"latitude"`
	Longitude flexString `json:"longitude"`
	Name      flexString `json:"name"`
	Address   flexString `json:"address"`
	URL       flexString `json:"url"`
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
	MessageID flexString `json:"message_id"`
	Emoji     flexString `json:"emoji"`
}

func (w *reactionWire) reaction() *Reaction {
	if w == nil {
		return nil
	}
	return &Reaction{MessageID: string(w.MessageID), Emoji: string(w.Emoji)}
}

type buttonWire struct {
	Payload flexString `json:"payload"`
	Text    flexString `json:"text"`
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
		Type flexString `json:"type"`
	}
	if object(raw, &kind) != nil || object(raw, &members) != nil {
		return nil
	}
	answer := &Interactive{Type: string(kind.Type), Reply: members[string(kind.Type)]}
	var wire struct {
		ID          flexString `json:"id"`
		Title       flexString `json:"title"`
		Description flexString `json:"description"`
		Name        flexString `json:"name"`
		Body        flexString `json:"body"`
		Response    flexString `json:"response_json"`
	}
	if object(answer.Reply, &wire) == nil {
		answer.ID, answer.Title, answer.Description = string(wire.ID), string(wire.Title), string(wire.Description)
		answer.Name, answer.Body, answer.ResponseJSON = string(wire.Name), string(wire.Body), string(wire.Response)
	}
	return answer
}

type orderWire struct {
	Catalog flexString `json:"catalog_id"`
	Text    flexString `json:"text"`
	Items   []struct {
		Product  flexString `json:"product_retailer_id"`
		Quantity flexString `json:"quantity"`
		Price    flexString `json:"item_price"`
		Currency flexString `json:"currency"`
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
	Parent   flexString `json:"parent_user_id"`
	Previous flexString `json:"previous_user_id"`
	Type     flexString `json:"type"`
	Body     flexString `json:"body"`
	WaID     flexString `json:"wa_id"`
	UserID   flexString `json:"user_id"`
}

func (w *systemWire) system() *System {
	if w == nil {
		return nil
	}
	return &System{
		Type: string(w.Type), Body: string(w.Body), WaID: string(w.WaID), UserID: string(w.UserID),
		ParentUserID: string(w.Parent), PreviousUserID: string(w.Previous),
	}
}

type editWire struct {
	Original flexString      `json:"original_message_id"`
	Message  json.RawMessage `json:"message"`
}

func (w *editWire) edit() *Edit {
	if w == nil {
		return nil
	}
	return &Edit{OriginalMessageID: string(w.Original), Message: w.Message}
}
