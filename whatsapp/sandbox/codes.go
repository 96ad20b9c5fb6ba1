package sandbox

import "net/http"

// titleOf is the heading of a code in Meta's error table (support/error-codes).
func titleOf(code int) string {
	switch code {
	case 1:
		return "API Unknown"
	case 2:
		return "API Service"
	case 3:
		return "API Method"
	case 4:
		return "API Too Many Calls"
	case 10:
		return "Permission Denied"
	case 100:
		return "Invalid parameter"
	case 368:
		return "Temporarily blocked for policies violations"
	case 80007:
		return "Rate limit issues"
	}
	if title := recipientTitle(code); title != "" {
		return title
	}
	if title := templateTitle(code); title != "" {
		return title
	}
	return "Error"
}

func recipientTitle(code int) string {
	switch code {
	case 130429:
		return "Rate limit hit"
	case 130472:
		return "User's number is part of an experiment"
	case 131000:
		return "Something went wrong"
	case 131005:
		return "Access denied"
	case 131008:
		return "Required parameter is missing"
	case 131009:
		return "Parameter value is not valid"
	case 131016:
		return "Service unavailable"
	case 131021:
		return "Recipient cannot be sender"
	case 131026:
		return "Message undeliverable"
	case 131030:
		return "Recipient phone number not in allowed list"
	case 131031:
		return "Account has been locked"
	case 131042:
		return "Business eligibility payment issue"
	case 131047:
		return "Re-engagement message"
	case 131048:
		return "Spam rate limit hit"
	case 131049:
		return "This message was not delivered to maintain healthy ecosystem engagement."
	case 131050:
		return "Unable to deliver the message. This recipient has chosen to stop receiving marketing messages on WhatsApp " +
			"from your business"
	case 131051:
		return "Unsupported message type"
	case 131053:
		return "Media upload error"
	case 131055:
		return "Method not allowed"
	case 134100:
		return "Only marketing messages supported"
	case 131056:
		return "(Business Account, Consumer Account) pair rate limit hit"
	case 131057:
		return "Account in maintenance mode"
	case 131061:
		return "Templates with a max price are sent to the marketing_messages endpoint"
	case 131063:
		return "Marketing messages are disabled on Cloud API for this account"
	case 131065:
		return "Max price is not available in the recipient's country"
	case 131070:
		return "Another responder owns the thread"
	case 131062:
		return "Business-scoped user ids are not supported for this message"
	case 137000:
		return "Recipient identity key hash mismatch"
	default:
		return ""
	}
}

func templateTitle(code int) string {
	switch code {
	case 132000:
		return "Number of parameters does not match the expected number of params"
	case 132001:
		return "Template name does not exist in the translation"
	case 132005:
		return "Translated text too long"
	case 132012:
		return "Parameter format does not match format in the created template"
	case 132015:
		return "Template is Paused"
	case 132016:
		return "Template is Disabled"
	case 135000:
		return "Generic user error"
	case 132018:
		return "There is an issue with the parameters in your template"
	default:
		return ""
	}
}

// statusOf is the HTTP status of a code, by Meta's page of 14 November 2025, the last that lists them.
func statusOf(code int) int {
	switch code {
	case 0, 102, 104, 190:
		return http.StatusUnauthorized
	case 10, 368, 131005, 131031, 130497:
		return http.StatusForbidden
	case 803, 132001:
		return http.StatusNotFound
	case 3, 131000, 131016, 131045, 131057, 133000, 134102:
		return http.StatusInternalServerError
	case 2, 133004:
		return http.StatusServiceUnavailable
	default:
		if code >= 200 && code <= 299 {
			return http.StatusForbidden
		}
		return http.StatusBadRequest
	}
}
