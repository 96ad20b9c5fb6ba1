package dashboard_test

import (
	"strings"
	"testing"

	"waybill/engine"
	"waybill/engine/dashboard"
)

func TestNoticeFacts(t *testing.T) {
	for _, tc := range [][2]string{
		{
			`{"event":"PAUSED","message_template_id":12345678901234567890,"message_template_name":"reminder",` +
				`"message_template_language":"es","reason":"NONE","other_info":{"title":"FIRST_PAUSE","description":"Quality"}}`,
			"event=PAUSED template=reminder language=es title=FIRST_PAUSE description=Quality",
		},
		{
			`{"event":"REJECTED","reason":"INVALID_FORMAT","rejection_info":{"reason":"A parameter has no sample"}}`,
			"event=REJECTED reason=INVALID_FORMAT reason=A parameter has no sample",
		},
		{
			`{"message_template_name":"reminder","previous_quality_score":"GREEN","new_quality_score":"RED"}`,
			"template=reminder quality=RED quality_before=GREEN",
		},
		{
			`{"event":"ACCOUNT_RESTRICTION","restriction_info":[{"restriction_type":"RESTRICTED_BIZ_INITIATED_MESSAGING"},{}]}`,
			"event=ACCOUNT_RESTRICTION restriction=RESTRICTED_BIZ_INITIATED_MESSAGING",
		},
		{
			`{"max_daily_conversations_per_business":2000,"event":null,"other_info":"?","restriction_info":7}`,
			"limit=2000",
		},
		{`["x"]`, ""},
		{``, ""},
		{`{"event":{"a":1}}`, ""},
	} {
		raw, want := tc[0], tc[1]
		var got []string
		for _, fact := range dashboard.NoticeFacts(engine.Notice{Raw: []byte(raw)}) {
			got = append(got, fact.Name+"="+fact.Value)
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s\n got %s\nwant %s", raw, got, want)
		}
	}
	page := get(t, dashboard.New(demoOptions(demo())), "/notices").Body.String()
	contains(t, page, "<bdi>PAUSED</bdi>", "<bdi>appointment_reminder</bdi>", "&lt;script&gt;alert(1)")
	lacks(t, page, "<script>alert")
}
