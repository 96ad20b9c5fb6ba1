package whatsapp

import "encoding/json"

// TemplateMessage names an approved template by name and language, with its parameters. Static headers,
// bodies, footers and buttons are not listed. Source: Meta, templates/overview and templates/components.
type TemplateMessage struct {
	Name       string      `json:"name"`
	Language   Language    `json:"language"`
	Components []Component `json:"components,omitempty"`
	// Given are the components as somebody wrote them in the API's own form, see Give; nil: Components are sent.
	Given json.RawMessage `json:"-"`
}

// Language is the code of a template's language; it must match exactly: en and en_US are two templates.
type Language struct {
	Code string `json:"code"`
}

// The component types of a message.
const (
	HeaderComponent      = "header"
	BodyComponent        = "body"
	ButtonComponent      = "button"
	CarouselComponent    = "carousel"
	LimitedTimeComponent = "limited_time_offer"
)

// The sub types of a button.
const (
	QuickReplyButton = "quick_reply"
	URLButton        = "url"
	CopyCodeButton   = "copy_code"
	FlowButton       = "flow"
	CatalogButton    = "catalog"
)

// Component is one part of a template that takes parameters.
type Component struct {
	Type       string      `json:"type"`
	SubType    string      `json:"sub_type,omitempty"` // of a button
	Index      string      `json:"index,omitempty"`    // of a button: its place among the template's buttons, from "0"
	Parameters []Parameter `json:"parameters,omitempty"`
	Cards      []Card      `json:"cards,omitempty"` // of a carousel
}

// Card is one card of a carousel; Index counts from 0.
type Card struct {
	Index      int         `json:"card_index"`
	Components []Component `json:"components"`
}

// The parameter types.
const (
	TextParameter        = "text"
	CurrencyParameter    = "currency"
	DateTimeParameter    = "date_time"
	ImageParameter       = "image"
	VideoParameter       = "video"
	DocumentParameter    = "document"
	LocationParameter    = "location"
	PayloadParameter     = "payload"
	CouponCodeParameter  = "coupon_code"
	ActionParameter      = "action"
	LimitedTimeParameter = "limited_time_offer"
)

func parameterTypes() []string {
	return []string{
		TextParameter, CurrencyParameter, DateTimeParameter, ImageParameter, VideoParameter, DocumentParameter, LocationParameter,
		PayloadParameter, CouponCodeParameter, ActionParameter, LimitedTimeParameter,
	}
}

// Parameter is one value. Type says which of the others is set.
type Parameter struct {
	Type        string        `json:"type"`
	Name        string        `json:"parameter_name,omitempty"` // of named templates only
	Text        string        `json:"text,omitempty"`
	Currency    *Currency     `json:"currency,omitempty"`
	DateTime    *DateTime     `json:"date_time,omitempty"`
	Image       *File         `json:"image,omitempty"`
	Video       *File         `json:"video,omitempty"`
	Document    *File         `json:"document,omitempty"`
	Location    *Location     `json:"location,omitempty"`
	Payload     string        `json:"payload,omitempty"`
	CouponCode  string        `json:"coupon_code,omitempty"`
	Action      *Action       `json:"action,omitempty"`
	LimitedTime *LimitedOffer `json:"limited_time_offer,omitempty"`
}

// Currency is an amount of money; FallbackValue is what is shown where no better form is known.
type Currency struct {
	FallbackValue string `json:"fallback_value"`
	Code          string `json:"code"`        // ISO 4217
	Amount1000    int64  `json:"amount_1000"` // the amount times 1000
}

// DateTime is a moment; the Cloud API always shows FallbackValue. The rest is what Meta's samples have beside it.
type DateTime struct {
	FallbackValue string      `json:"fallback_value"`
	Calendar      string      `json:"calendar,omitempty"` // GREGORIAN
	Year          json.Number `json:"year,omitempty"`
	Month         json.Number `json:"month,omitempty"`
	DayOfMonth    json.Number `json:"day_of_month,omitempty"`
	DayOfWeek     json.Number `json:"day_of_week,omitempty"`
	Hour          json.Number `json:"hour,omitempty"`
	Minute        json.Number `json:"minute,omitempty"`
}

// File is the media of a header: exactly one of ID and Link. Filename is for documents.
type File struct {
	ID       string `json:"id,omitempty"`
	Link     string `json:"link,omitempty"`
	Filename string `json:"filename,omitempty"`
}

// Location is a place, in degrees, with the digits as given.
type Location struct {
	Latitude  json.Number `json:"latitude"`
	Longitude json.Number `json:"longitude"`
	Name      string      `json:"name,omitempty"`
	Address   string      `json:"address,omitempty"`
}

// Action is the parameter of a catalog or flow button. FlowActionData is JSON as given.
type Action struct {
	ThumbnailProductID string          `json:"thumbnail_product_retailer_id,omitempty"`
	FlowToken          string          `json:"flow_token,omitempty"`
	FlowActionData     json.RawMessage `json:"flow_action_data,omitempty"`
}

// LimitedOffer ends at a moment in UNIX milliseconds.
type LimitedOffer struct {
	ExpirationTimeMS int64 `json:"expiration_time_ms"`
}
