package report

import (
	"fmt"
	"io"
	"strings"
)

// SandboxCard is what a job needs to reach a sandbox. Its secrets open nothing but that sandbox.
type SandboxCard struct {
	URL            string   `json:"url"`
	BaseURL        string   `json:"baseUrl"`
	Token          string   `json:"token"`
	PhoneNumberID  string   `json:"phoneNumberId"`
	WABAID         string   `json:"wabaId"`
	PhoneNumberIDs []string `json:"phoneNumberIds"` // PhoneNumberID first
	AppSecret      string   `json:"appSecret"`
	VerifyToken    string   `json:"verifyToken"`
}

// WriteSandbox prints how to point a job at it.
func WriteSandbox(w io.Writer, c SandboxCard, paint Paint) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n\n", paint.Bold("WhatsApp sandbox on"), paint.Bold(c.URL))
	fmt.Fprintf(&b, "In the shell that runs waybill:\n\n")
	for _, line := range [][2]string{
		{"WHATSAPP_TOKEN", c.Token}, {"WHATSAPP_PHONE_NUMBER_ID", c.PhoneNumberID}, {"WHATSAPP_WABA_ID", c.WABAID},
	} {
		fmt.Fprintf(&b, "  export %s=%s\n", line[0], line[1])
	}
	fmt.Fprintf(&b, "\nIn the job file:\n\n  connection:\n    baseUrl: %s\n\n", c.BaseURL)
	fmt.Fprintf(&b, "Its webhooks are signed with the app secret %s; its handshake shows %s.\n", c.AppSecret, c.VerifyToken)
	fmt.Fprintf(&b, "What it accepted: %s/__sandbox/messages\n", c.URL)
	if len(c.PhoneNumberIDs) > 1 {
		fmt.Fprintf(&b, "Its numbers: %s\n", strings.Join(c.PhoneNumberIDs, " "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
