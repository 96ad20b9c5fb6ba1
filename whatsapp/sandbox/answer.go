package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// answer is an HTTP answer before a transport (a socket, or memory) sends it.
type answer struct {
	status      int
	contentType string
	header      map[string]string
	body        []byte
	delay       time.Duration // before the first byte
	slow        time.Duration // while the body trickles
	cut         cut
}

// cut says where the connection ends too early.
type cut int

const (
	cutNowhere  cut = iota
	cutDial         // it is never made
	cutUnread       // before the request is looked at
	cutNoAnswer     // after the request was carried out
	cutInBody       // in the middle of the answer
)

// graphError is a refusal in Graph's words. Source: Meta's OpenAPI description, GraphAPIError, for the envelope; Meta, support/error-codes.
type graphError struct {
	status    int
	code      int
	subcode   int
	kind      string // "type" of the envelope
	message   string // empty: "(#code) title"
	details   string
	transient bool
}

type envelope struct {
	Error errorBody `json:"error"`
}

type errorBody struct {
	Message   string     `json:"message"`
	Type      string     `json:"type"`
	Code      int        `json:"code"`
	Data      *errorData `json:"error_data,omitempty"`
	Subcode   int        `json:"error_subcode,omitempty"`
	Transient bool       `json:"is_transient,omitempty"`
	TraceID   string     `json:"fbtrace_id"`
}

type errorData struct {
	Product string `json:"messaging_product"`
	Details string `json:"details"`
}

// refuse makes a refusal with the status and title that the table has for the code.
func refuse(code int, details string, args ...any) *graphError {
	if len(args) > 0 {
		details = fmt.Sprintf(details, args...)
	}
	return &graphError{status: statusOf(code), code: code, details: details}
}

// unsupported is how Graph answers an id or a path that it does not know: logs say 400/100/33 where the description says 404/803.
func unsupported(method, id string) *graphError {
	verb := map[string]string{http.MethodPost: "post", http.MethodDelete: "delete"}[method]
	if verb == "" {
		verb = "get"
	}
	return &graphError{
		status: http.StatusBadRequest, code: 100, subcode: 33, kind: "GraphMethodException",
		message: fmt.Sprintf("Unsupported %s request. Object with ID '%s' does not exist, cannot be loaded due to missing permissions, "+
			"or does not support this operation. Please read the Graph API documentation at "+
			"https://developers.facebook.com/docs/graph-api", verb, id),
	}
}

func (e *graphError) answer(trace string) answer {
	body := errorBody{Message: e.message, Type: e.kind, Code: e.code, Subcode: e.subcode, Transient: e.transient, TraceID: trace}
	if body.Message == "" {
		body.Message = fmt.Sprintf("(#%d) %s", e.code, titleOf(e.code))
	}
	if body.Type == "" {
		body.Type = "OAuthException"
	}
	if e.details != "" {
		body.Data = &errorData{Product: "whatsapp", Details: e.details}
	}
	return jsonAnswer(e.status, envelope{body})
}

// jsonAnswer encodes v, which is made of plain structs and maps here and cannot fail to encode.
func jsonAnswer(status int, v any) answer {
	return answer{status: status, contentType: "application/json; charset=UTF-8", body: mustEncode(v)}
}

// mustEncode is for values that this package made itself; a failure is a mistake in it.
func mustEncode(v any) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(fmt.Sprintf("sandbox: encode %T: %v", v, err))
	}
	return bytes.TrimRight(buffer.Bytes(), "\n")
}

func success() answer { return jsonAnswer(http.StatusOK, map[string]bool{"success": true}) }
