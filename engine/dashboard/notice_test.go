package dashboard_test

import (
	"fmt"
	"strings"
	"testing"

	"waybill/engine"
	"waybill/engine/dashboard"
)

func TestIdentityInWords(t *testing.T) {
	for raw, want := range map[string]string{
		`{"number":"+346","was":"ES.1","now_number":"+346","now":"ES.2"}`:  "another user id now",
		`{"number":"+346","was":"ES.1","now_number":"+347","now":"ES.1"}`:  "the person has another number now",
		`{"number":"+5531","was":"+553","now_number":"+554","now":"BR.1"}`: "under another one now",
	} {
		facts := fmt.Sprint(dashboard.NoticeFacts(engine.Notice{Field: engine.NoticeIdentity, Raw: []byte(raw)}))
		if !strings.Contains(facts, want) {
			t.Errorf("%s is told as %s, want %q", raw, facts, want)
		}
	}
}

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
		{
			`{"event":"ACCOUNT_OFFBOARDED","disconnection_info":{"reason":"POLICY","initiated_by":"META"}}`,
			"event=ACCOUNT_OFFBOARDED reason=POLICY initiated_by=META",
		},
		{
			`{"event":"VOLUME_BASED_PRICING_TIER_UPDATE","volume_tier_info":{"tier_update_time":1,"pricing_category":"UTILITY","tier":"0:1000",` +
				`"effective_month":"2026-11","region":"India"}}`,
			"event=VOLUME_BASED_PRICING_TIER_UPDATE pricing_category=UTILITY tier=0:1000 region=India effective_month=2026-11",
		},
		{
			`{"event":"ACCOUNT_VIOLATION","violation_info":{"violation_type":"DIRECT_SEND_UTILITY_CATEGORY_ABUSE_WARNING"}}`,
			"event=ACCOUNT_VIOLATION violation=DIRECT_SEND_UTILITY_CATEGORY_ABUSE_WARNING",
		},
		{`{"message_template_name":"reminder","correct_category":"MARKETING"}`, "template=reminder correct_category=MARKETING"},
		{
			`{"user_preferences":[{"wa_id":"34612345678","user_id":"ES.1","category":"marketing_messages","value":"stop"},{"value":"resume"}]}`,
			"preference=stop preference=resume",
		},
		{`{"user_actions":[{"action_type":"marketing_messages_link_click"}]}`, "action=marketing_messages_link_click"},
		{
			`{"type":"control_passed","sender":{"phone_number":"34612345678"},"control_passed":{"previous_owner_role":"ai_agent","new_owner_role":"escalation"}}`,
			"event=control_passed owner_before=ai_agent owner=escalation",
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
