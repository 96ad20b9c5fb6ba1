package steps

import "waybill/whatsapp"

// Words are the values in bodies of messages that are the API's own, by the name under which they stand: no row has a say in them.
func (sending) Words() map[string][]string {
	kinds := []string{
		"template", whatsapp.TextParameter, whatsapp.CurrencyParameter, whatsapp.DateTimeParameter, whatsapp.LocationParameter,
		whatsapp.PayloadParameter, whatsapp.CouponCodeParameter, whatsapp.ActionParameter, whatsapp.LimitedTimeParameter,
		whatsapp.HeaderComponent, whatsapp.BodyComponent, whatsapp.ButtonComponent, whatsapp.CarouselComponent,
	}
	for _, t := range whatsapp.MediaTypes() {
		kinds = append(kinds, string(t))
	}
	return map[string][]string{
		"messaging_product": {"whatsapp"},
		"recipient_type":    {"individual"},
		"type":              kinds,
		"sub_type": {
			whatsapp.QuickReplyButton, whatsapp.URLButton, whatsapp.CopyCodeButton, whatsapp.FlowButton, whatsapp.CatalogButton,
		},
		"index":    {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
		"calendar": {"GREGORIAN"},
	}
}
