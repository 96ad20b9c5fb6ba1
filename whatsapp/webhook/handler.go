package webhook

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"log/slog"
	"net/http"
)

// DefaultMaxBytes is the largest callback that a Handler reads where MaxBytes is zero: 4 MiB, above the 3 MB
// that Meta says it sends (webhooks/create-webhook-endpoint).
const DefaultMaxBytes = 4 << 20

const maxChallenge = 4096

// Handler is the address that WhatsApp calls back. GET is the handshake, POST a callback. It answers 200
// only after Receive returned nil, for WhatsApp repeats a callback that was not answered 200, for up to 7 days.
type Handler struct {
	// Secrets are the app secrets that may have signed a callback; none means that every callback is refused.
	Secrets []string
	// VerifyToken is what the handshake must show; empty refuses every handshake.
	VerifyToken string
	// MaxBytes is the largest body read, in bytes; zero means DefaultMaxBytes. A larger one is answered 413.
	MaxBytes int64
	// Receive makes a callback durable. raw are exactly the signed bytes. A body that is signed but cannot be parsed
	// comes with an Event that has nothing but Unread, with the reason. An error is answered 503, so that WhatsApp sends
	// the callback again. Calls come concurrently and repeat. A nil Receive answers 503 to every callback.
	Receive func(ctx context.Context, raw []byte, event Event) error
	// Log hears about refused and failed callbacks; nil is silent.
	Log *slog.Logger
}

// ServeHTTP answers the handshake (200 with the challenge, else 403) and callbacks (200, 401 for a missing or
// wrong signature, 413, 503).
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet:
		h.handshake(w, r)
	case http.MethodPost:
		h.callback(w, r)
	default:
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "only GET and POST", http.StatusMethodNotAllowed)
	}
}

func (h *Handler) handshake(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	challenge := query.Get("hub.challenge")
	if query.Get("hub.mode") != "subscribe" || !h.tokenMatches(query.Get("hub.verify_token")) || len(challenge) > maxChallenge {
		h.log().Info("webhook handshake refused", slog.String("remote", r.RemoteAddr))
		http.Error(w, "the verify token is not the one this receiver was given", http.StatusForbidden)
		return
	}
	// The challenge goes back as it came; plain text that may not be sniffed keeps it from being markup.
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusOK)
	if _, err := io.WriteString(w, challenge); err != nil { //nolint:gosec // plain text, not sniffed, and only after the verify token
		h.log().Info("webhook handshake not answered", slog.Any("error", err))
	}
}

func (h *Handler) tokenMatches(given string) bool {
	if h.VerifyToken == "" {
		return false
	}
	// Digests have equal lengths, so that the comparison does not tell the token's.
	want, got := sha256.Sum256([]byte(h.VerifyToken)), sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

func (h *Handler) callback(w http.ResponseWriter, r *http.Request) {
	limit := h.MaxBytes
	if limit <= 0 {
		limit = DefaultMaxBytes
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		status := http.StatusBadRequest
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			status = http.StatusRequestEntityTooLarge
		}
		h.log().Info("webhook callback not read", slog.Int("status", status), slog.Any("error", err))
		http.Error(w, http.StatusText(status), status)
		return
	}
	if !Verify(h.Secrets, r.Header.Get(SignatureHeader), raw) {
		h.log().Info("webhook callback refused: the signature is missing or wrong", slog.String("remote", r.RemoteAddr),
			slog.Int("bytes", len(raw)))
		http.Error(w, "the signature is missing or wrong", http.StatusUnauthorized)
		return
	}
	h.receive(w, r, raw)
}

func (h *Handler) receive(w http.ResponseWriter, r *http.Request, raw []byte) {
	event, err := Parse(raw)
	if err != nil {
		// It is signed, so it is WhatsApp's: the bytes are kept, and asking for them again would not help.
		h.log().Warn("webhook callback is signed but cannot be read; its bytes are kept", slog.Int("bytes", len(raw)),
			slog.Any("error", err))
		event = Event{Unread: []Unread{{Path: "$", Raw: raw, Err: err}}}
	}
	if h.Receive == nil {
		http.Error(w, "nobody receives", http.StatusServiceUnavailable)
		return
	}
	if err := h.Receive(r.Context(), raw, event); err != nil {
		h.log().Error("webhook callback not stored; WhatsApp will repeat it", slog.Any("error", err))
		http.Error(w, "not stored, send it again", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

func (h *Handler) log() *slog.Logger {
	if h.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return h.Log
}
