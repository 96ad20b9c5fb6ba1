package whatsapp

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
)

// PhoneNumber is the API's description of a number; a field that the answer did not have is empty. Source: Meta,
// business-phone-numbers/phone-numbers.
type PhoneNumber struct {
	ID                     string
	DisplayPhoneNumber     string
	VerifiedName           string
	QualityRating          string // GREEN, YELLOW, RED, UNKNOWN
	NameStatus             string
	CodeVerificationStatus string
	Status                 string
	PlatformType           string
	AccountMode            string // LIVE or SANDBOX
	ThroughputLevel        string // STANDARD, HIGH; others may come
	MessagingLimit         string // TIER_250 … TIER_UNLIMITED: people reached outside a window in 24 hours
}

// Account is the API's description of a WhatsApp Business Account; a field that the answer did not have is empty.
type Account struct {
	ID                         string
	Name                       string
	TimezoneID                 string // Meta's own number of a time zone
	ReviewStatus               string
	BusinessVerificationStatus string
	Country                    string
	OwnershipType              string
	FundingID                  string // of the payment method; without one nothing that costs is delivered (131042)
	MarketingOff               bool   // marketing templates are refused by messages (131063), and go by marketing_messages alone
	BlockersKnown              bool   // FundingID and MarketingOff were asked for, and not refused
}

// SubscribedApp is an app that gets the account's webhooks.
type SubscribedApp struct {
	ID, Name, Link string
	CallbackURI    string // override_callback_uri; empty: the app's own
}

type phoneWire struct {
	ID           flexString `json:"id"`
	Display      flexString `json:"display_phone_number"`
	Name         flexString `json:"verified_name"`
	Quality      flexString `json:"quality_rating"`
	NameStatus   flexString `json:"name_status"`
	Verification flexString `json:"code_verification_status"`
	Status       flexString `json:"status"`
	Platform     flexString `json:"platform_type"`
	HostPlatform flexString `json:"host_platform"`
	Mode         flexString `json:"account_mode"`
	Throughput   struct {
		Level flexString `json:"level"`
	} `json:"throughput"`
	Limit    flexString `json:"whatsapp_business_manager_messaging_limit"`
	OldLimit flexString `json:"messaging_limit_tier"`
}

func (w phoneWire) number() PhoneNumber {
	return PhoneNumber{
		ID: string(w.ID), DisplayPhoneNumber: string(w.Display), VerifiedName: string(w.Name), QualityRating: string(w.Quality),
		NameStatus: string(w.NameStatus), CodeVerificationStatus: string(w.Verification), Status: string(w.Status),
		PlatformType: cmp.Or(string(w.Platform), string(w.HostPlatform)), AccountMode: string(w.Mode),
		ThroughputLevel: string(w.Throughput.Level), MessagingLimit: cmp.Or(string(w.Limit), string(w.OldLimit)),
	}
}

// PhoneNumber reads a number. Where the address refuses one of the fields by code 100, only those that every
// version has are asked for. GET /{phone-number-id}.
func (c *Client) PhoneNumber(ctx context.Context, phoneNumberID string) (PhoneNumber, error) {
	const op = "look up the phone number"
	const always = "id,display_phone_number,verified_name,quality_rating"
	const more = ",name_status,code_verification_status,status,platform_type,account_mode,throughput," +
		"whatsapp_business_manager_messaging_limit"
	var wire phoneWire
	err := c.node(ctx, op, phoneNumberID, always+more, &wire)
	if refusesFields(err) {
		err = c.node(ctx, op, phoneNumberID, always, &wire)
	}
	if err != nil {
		return PhoneNumber{}, err
	}
	return wire.number(), nil
}

// refusesFields reports whether a field was refused: a wrong parameter, while the object itself exists.
func refusesFields(err error) bool {
	failure, ok := errors.AsType[*Error](err)
	return ok && failure.Graph && failure.Code == codeParameter && !failure.ObjectMissing()
}

func (c *Client) node(ctx context.Context, op, id, fields string, into any) error {
	if err := needID("id", id); err != nil {
		return &Error{Op: op, Err: err}
	}
	return c.get(ctx, op, into, c.address(url.Values{"fields": {fields}}, id))
}

// PhoneNumbers lists the numbers of an account. GET /{waba-id}/phone_numbers.
func (c *Client) PhoneNumbers(ctx context.Context, wabaID string) ([]PhoneNumber, error) {
	const op = "list the account's phone numbers"
	if err := needID("WABA id", wabaID); err != nil {
		return nil, &Error{Op: op, Err: err}
	}
	var numbers []PhoneNumber
	err := each(ctx, c, op, url.Values{"limit": {"100"}}, func(list []phoneWire) bool {
		for _, one := range list {
			numbers = append(numbers, one.number())
		}
		return true
	}, wabaID, "phone_numbers")
	return numbers, err
}

// Account reads a WhatsApp Business Account. GET /{waba-id}.
func (c *Client) Account(ctx context.Context, wabaID string) (Account, error) {
	const op = "look up the WhatsApp Business Account"
	const always = "id,name,timezone_id"
	var wire struct {
		ID           flexString `json:"id"`
		Name         flexString `json:"name"`
		Timezone     flexString `json:"timezone_id"`
		Review       flexString `json:"account_review_status"`
		Verification flexString `json:"business_verification_status"`
		Country      flexString `json:"country"`
		Ownership    flexString `json:"ownership_type"`
		Funding      flexString `json:"primary_funding_id"`
		MarketingOff flexString `json:"disable_marketing_messages_on_cloud_api"`
	}
	const more = ",account_review_status,business_verification_status,country,ownership_type"
	const blockers = ",primary_funding_id,disable_marketing_messages_on_cloud_api"
	err := c.node(ctx, op, wabaID, always+more+blockers, &wire)
	known := err == nil
	for _, fields := range [...]string{always + more, always} {
		if refusesFields(err) {
			err = c.node(ctx, op, wabaID, fields, &wire)
		}
	}
	if err != nil {
		return Account{}, err
	}
	return Account{
		ID: string(wire.ID), Name: string(wire.Name), TimezoneID: string(wire.Timezone), ReviewStatus: string(wire.Review),
		BusinessVerificationStatus: string(wire.Verification), Country: string(wire.Country), OwnershipType: string(wire.Ownership),
		FundingID: string(wire.Funding), MarketingOff: strings.EqualFold(string(wire.MarketingOff), "true"), BlockersKnown: known,
	}, nil
}

// SubscribedApps lists the apps that get the account's webhooks: without one, no status ever comes.
// GET /{waba-id}/subscribed_apps.
func (c *Client) SubscribedApps(ctx context.Context, wabaID string) ([]SubscribedApp, error) {
	const op = "list the apps that get the webhooks"
	if err := needID("WABA id", wabaID); err != nil {
		return nil, &Error{Op: op, Err: err}
	}
	type appWire struct {
		App struct {
			ID   flexString `json:"id"`
			Name flexString `json:"name"`
			Link flexString `json:"link"`
		} `json:"whatsapp_business_api_data"`
		Callback flexString `json:"override_callback_uri"`
	}
	var apps []SubscribedApp
	err := each(ctx, c, op, url.Values{}, func(list []appWire) bool {
		for _, one := range list {
			apps = append(apps, SubscribedApp{
				ID: string(one.App.ID), Name: string(one.App.Name), Link: string(one.App.Link), CallbackURI: string(one.Callback),
			})
		}
		return true
	}, wabaID, "subscribed_apps")
	return apps, err
}

// Health says whether messages can be sent through a node: a number, an account or a template. The shape of the
// answer is documented thinly, so what was not understood is empty rather than an error.
type Health struct {
	CanSend  string // AVAILABLE, LIMITED, BLOCKED; empty: not reported
	Entities []HealthEntity
}

// HealthEntity is one of those that a message passes through: the app, the business, the account, the number.
type HealthEntity struct {
	Type, ID string
	CanSend  string
	Reasons  []string // what stands in the way, in Meta's words
}

// Health reads the field health_status of a node. GET /{id}.
func (c *Client) Health(ctx context.Context, id string) (Health, error) {
	var wire struct {
		Status json.RawMessage `json:"health_status"`
	}
	if err := c.node(ctx, "read the health", id, "health_status", &wire); err != nil {
		return Health{}, err
	}
	var status struct {
		CanSend  flexString `json:"can_send_message"`
		Entities []struct {
			Type    flexString `json:"entity_type"`
			ID      flexString `json:"id"`
			CanSend flexString `json:"can_send_message"`
			Errors  []struct {
				Description flexString `json:"error_description"`
				Solution    flexString `json:"possible_solution"`
			} `json:"errors"`
			More []flexString `json:"additional_info"`
		} `json:"entities"`
	}
	if json.Unmarshal(wire.Status, &status) != nil {
		return Health{}, nil //nolint:nilerr // a shape that is not understood says nothing
	}
	health := Health{CanSend: string(status.CanSend)}
	for _, e := range status.Entities {
		entity := HealthEntity{Type: string(e.Type), ID: string(e.ID), CanSend: string(e.CanSend)}
		for _, reason := range e.Errors {
			entity.Reasons = append(entity.Reasons, strings.TrimSpace(string(reason.Description)+" "+string(reason.Solution)))
		}
		for _, word := range e.More {
			entity.Reasons = append(entity.Reasons, string(word))
		}
		health.Entities = append(health.Entities, entity)
	}
	return health, nil
}
