package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// account is what can be set about the WABA and its number. The caller holds the server's lock.
type account struct {
	name      string
	timezone  string
	webhook   string // where webhooks go
	answers   Answers
	reached   uint64 // messages delivered, for answers
	delivered uint64 // webhooks that were taken
	lost      uint64 // webhooks given up
	subbed    bool
	insights  bool
}

func newAccount(o Options) account {
	return account{name: "Waybill sandbox", timezone: "0", webhook: o.WebhookURL, answers: o.Answers, subbed: true}
}

// numberNode are the fields of the phone number. Source: Meta, business-phone-numbers/phone-numbers.
func (s *Server) numberNode(n *number) map[string]any {
	level := "STANDARD"
	if s.limits.throughput > DefaultThroughput || s.limits.throughput <= 0 {
		level = "HIGH"
	}
	return map[string]any{
		"id": n.id, "display_phone_number": n.display, "verified_name": s.account.name,
		"quality_rating": "GREEN", "name_status": "APPROVED", "code_verification_status": "VERIFIED",
		"throughput": map[string]string{"level": level}, "status": "CONNECTED", "platform_type": "CLOUD_API", "account_mode": "SANDBOX",
		"host_platform": "CLOUD_API", "country_code": "1", "whatsapp_business_manager_messaging_limit": s.allowances.tier(),
		"messaging_limit_tier": s.allowances.tier(), "is_official_business_account": false, "username": nil,
		"health_status":         health("PHONE_NUMBER", n.id),
		"webhook_configuration": map[string]string{"application": s.account.webhook},
	}
}

// health is health_status; its shape is not confirmed by Meta's description.
func health(kind, id string) map[string]any {
	return map[string]any{
		"can_send_message": "AVAILABLE",
		"entities":         []map[string]string{{"entity_type": kind, "id": id, "can_send_message": "AVAILABLE"}},
	}
}

func (s *Server) getNumber(c *call) (answer, *graphError) {
	fields, refusal := asked(c, "id,display_phone_number,verified_name,quality_rating")
	if refusal != nil {
		return answer{}, refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	chosen, refusal := choose(s.numberNode(c.number), fields, "WhatsAppBusinessPhoneNumber")
	if refusal != nil {
		return answer{}, refusal
	}
	return jsonAnswer(http.StatusOK, chosen), nil
}

// setNumber is POST /{phone-number-id}: it takes what Meta's examples send, and acts on the override of the webhook alone.
func (s *Server) setNumber(c *call) (answer, *graphError) {
	o, refusal := c.parameters()
	if refusal != nil {
		return answer{}, refusal
	}
	webhook, ok, refusal := o.child("webhook_configuration", "")
	if refusal != nil {
		return answer{}, refusal
	}
	if ok {
		address, refusal := webhook.required("override_callback_uri", "webhook_configuration")
		if refusal != nil {
			return answer{}, refusal
		}
		s.SetWebhook(address)
	}
	return success(), nil
}

// listNumbers is GET /{waba-id}/phone_numbers.
func (s *Server) listNumbers(c *call) (answer, *graphError) {
	fields, refusal := asked(c, "id,display_phone_number,verified_name,status,quality_rating")
	if refusal != nil {
		return answer{}, refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]map[string]any, len(s.numbers))
	for i, n := range s.numbers {
		if list[i], refusal = choose(s.numberNode(n), fields, "WhatsAppBusinessPhoneNumber"); refusal != nil {
			return answer{}, refusal
		}
	}
	return listAnswer(list, &paging{Cursors: &cursors{Before: cursor("0"), After: cursor(strconv.Itoa(len(list) - 1))}}), nil
}

// getAccount is GET /{waba-id}: its own fields, and the analytics, which are fields too. Source: Meta, analytics.
func (s *Server) getAccount(c *call) (answer, *graphError) {
	fields, refusal := asked(c, "id,name,timezone_id,message_template_namespace")
	if refusal != nil {
		return answer{}, refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var plain []field
	found := map[string]any{}
	for _, f := range fields {
		if !strings.HasSuffix(f.name, "analytics") {
			plain = append(plain, f)
			continue
		}
		value, refusal := s.analytics(f)
		if refusal != nil {
			return answer{}, refusal
		}
		found[f.name] = value
	}
	chosen, refusal := choose(map[string]any{
		"id": s.options.WABAID, "name": s.account.name, "timezone_id": s.account.timezone, "message_template_namespace": namespace,
		"account_review_status": "APPROVED", "business_verification_status": "verified", "country": "US", "currency": "USD",
		"ownership_type": "SELF_OWNED", "primary_business_location": "US", "health_status": health("WABA", s.options.WABAID),
		"is_enabled_for_insights": s.account.insights, "primary_funding_id": s.fundingID(),
		"disable_marketing_messages_on_cloud_api":   s.allowances.noMarketing,
		"whatsapp_business_manager_messaging_limit": s.allowances.tier(), "template_auto_archival_enabled": false,
	}, plain, "WhatsAppBusinessAccount")
	if refusal != nil {
		return answer{}, refusal
	}
	maps.Copy(chosen, found)
	return jsonAnswer(http.StatusOK, chosen), nil
}

// fundingID is the id of the account's payment method; nil without one.
func (s *Server) fundingID() any {
	if s.allowances.unpaid {
		return nil
	}
	return "9870000000000001"
}

// setAccount is POST /{waba-id}: name, time zone, and the one-way switch of template insights.
func (s *Server) setAccount(c *call) (answer, *graphError) {
	o := object{}
	if len(c.body)+len(c.query) > 0 {
		var refusal *graphError
		if o, refusal = c.parameters(); refusal != nil {
			return answer{}, refusal
		}
	}
	name, _, refusal := o.optional("name", "")
	if refusal != nil {
		return answer{}, refusal
	}
	zone, _, refusal := o.optional("timezone_id", "")
	if refusal != nil {
		return answer{}, refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if name != "" {
		s.account.name = name
	}
	if zone != "" {
		s.account.timezone = zone
	}
	if insights := o["is_enabled_for_insights"]; insights == true || insights == "true" {
		s.account.insights = true
	}
	return success(), nil
}

// listApps is GET /{waba-id}/subscribed_apps.
func (s *Server) listApps(*call) (answer, *graphError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := []map[string]any{}
	if s.account.subbed {
		row := map[string]any{"whatsapp_business_api_data": map[string]string{"id": appID, "name": appName, "link": "https://example.com/"}}
		if s.account.webhook != "" {
			row["override_callback_uri"] = s.account.webhook
		}
		rows = append(rows, row)
	}
	return listAnswer(rows, nil), nil
}

// subscribe is POST /{waba-id}/subscribed_apps, with the optional override of the callback address.
func (s *Server) subscribe(c *call) (answer, *graphError) {
	address := ""
	if len(c.body)+len(c.query) > 0 {
		o, refusal := c.parameters()
		if refusal == nil {
			address, _, refusal = o.optional("override_callback_uri", "")
		}
		if refusal != nil {
			return answer{}, refusal
		}
	}
	if address != "" {
		s.SetWebhook(address)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.subbed = true
	return success(), nil
}

// unsubscribe is DELETE /{waba-id}/subscribed_apps. Webhooks that are due go on to the address that is set.
func (s *Server) unsubscribe(*call) (answer, *graphError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.subbed = false
	return success(), nil
}

// usage is the header that says how much of the hour's management calls is spent. Source: Graph API, overview/rate-limiting.
func (s *Server) usage() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf(`{"%s":[{"type":"whatsapp_business_management","call_count":%d,`+
		`"total_cputime":1,"total_time":1,"estimated_time_to_regain_access":0}]}`,
		s.options.WABAID, s.limits.used(s.clock.now()))
}
