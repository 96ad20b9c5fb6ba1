package steps

import "waybill/whatsapp"

// Words are the values in bodies of messages that are the API's own, by the name under which they stand: no row has a say in them.
func (sending) Words() map[string][]string {
	kinds := []string{
		"text", "template", "currency", "date_time", "location", "payload", "coupon_code", "action", "limited_time_offer",
		whatsapp.HeaderComponent, whatsapp.BodyComponent, whatsapp.ButtonComponent, whatsapp.CarouselComponent,
	}
	for _, t := range whatsapp.MediaTypes() {
		kinds = append(kinds, string(t))
	}
	return map[string][]string{
		"messaging_product": {"whatsapp"},
		"recipient_type":    {"individual"},
		"type":              kinds,
		"sub_type":          {"quick_reply", "url", "copy_code", "flow", "catalog"},
		"index":             {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
		"calendar":          {"GREGORIAN"},
	}
}
