package steps

import (
	"fmt"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
)

// checkMediaIDs warns of the id of a file that is written out in a step which sends from several numbers: an id is good for the number that
// the file was uploaded to, and for no other.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
func checkMediaIDs(s *engine.Step) diag.List {
	if s.Numbers < 2 {
		return nil
	}
	ids := []*eval.Tree{s.Params.Field("mediaId"), s.Params.Field("headerMedia").Field("id")}
	for _, card := range s.Params.Field("cards").Items() {
		ids = append(ids, card.Field("headerMedia").Field("id"))
	}
	var found diag.List
	for _, id := range ids {
		if v, written := id.Constant(); !written || v == nil {
			continue
		}
		found = append(found, diag.Diagnostic{
			Severity: diag.Warning, Code: "media-of-one-number", Range: id.Range(),
			Summary: fmt.Sprintf("the id of an uploaded file is good for one number alone, and the step sends from %d", s.Numbers),
			Detail:  "WhatsApp refuses it to the others.",
			Hint:    "say file: PATH, which is uploaded once for each number, or an address: mediaUrl, or link of headerMedia",
		})
	}
	return found
}
