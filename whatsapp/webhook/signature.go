package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// SignatureHeader is the header that carries the signature of a callback.
const SignatureHeader = "X-Hub-Signature-256"

const signaturePrefix = "sha256="

// Sign returns the value of SignatureHeader for a body: "sha256=" and the HMAC-SHA256 of exactly these
// bytes under the app secret, in 64 lower-case hex digits. Source: Meta, webhooks/create-webhook-endpoint.
func Sign(secret string, body []byte) string {
	return signaturePrefix + hex.EncodeToString(digest(secret, body))
}

// Verify reports whether header is the signature of body under one of the secrets; several are there while
// an app secret is being replaced. An empty secret never matches, so no secrets means that nothing is
// believed. Comparison takes constant time, and every secret is tried whichever one fits.
func Verify(secrets []string, header string, body []byte) bool {
	text, ok := strings.CutPrefix(header, signaturePrefix)
	if !ok {
		return false
	}
	got, err := hex.DecodeString(text)
	if err != nil || len(got) != sha256.Size {
		return false
	}
	found := false
	for _, secret := range secrets {
		if secret != "" && hmac.Equal(got, digest(secret, body)) {
			found = true
		}
	}
	return found
}

func digest(secret string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return mac.Sum(nil)
}
