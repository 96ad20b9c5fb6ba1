package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"syscall"
	"time"

	"waybill/engine/pattern"
)

// failure is why one try told nothing, in words that hold nothing of the address.
type failure struct {
	reason string
	again  bool          // whether another try may help
	after  time.Duration // that the server asked to wait before it
}

func (f *failure) Error() string { return f.reason }

// answered judges the status of an HTTP answer; nil: it was told.
func answered(status int, after time.Duration) error {
	switch {
	case status >= 200 && status < 300:
		return nil
	case status >= 300 && status < 400:
		return &failure{reason: fmt.Sprintf("answered HTTP %d, a redirect, which is not followed", status)}
	}
	again := status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
	return &failure{reason: fmt.Sprintf("answered HTTP %d", status), again: again, after: after}
}

// failureOf says why nothing was told, in words of its own: an error's text may hold the address, or what stands in for a password.
func failureOf(err error) *failure {
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return &failure{reason: "its host was not found", again: true}
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &failure{reason: "its certificate is not trusted"}
	}
	if smtp, ok := errors.AsType[*textproto.Error](err); ok {
		return &failure{reason: fmt.Sprintf("answered SMTP %d", smtp.Code), again: smtp.Code < 500}
	}
	if status := statusIn(err.Error()); status != 0 {
		if f, ok := errors.AsType[*failure](answered(status, 0)); ok {
			return f
		}
	}
	timeout, isNet := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || isNet && timeout.Timeout():
		return &failure{reason: "did not answer in time", again: true}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &failure{reason: "the connection was refused", again: true}
	case isNet:
		return &failure{reason: "the connection failed", again: true}
	}
	return &failure{reason: "did not take it", again: true}
}

var httpStatus = pattern.Lazy(`\b([345]\d\d) ([A-Z][A-Za-z -]+)`) //nolint:gochecknoglobals // constant

// statusIn finds the status that a service answered in the text of shoutrrr's error: "404 Not Found". It is in no type of its own.
func statusIn(text string) int {
	for _, found := range httpStatus().FindAllStringSubmatch(text, -1) {
		if status, err := strconv.Atoi(found[1]); err == nil {
			if known := http.StatusText(status); known != "" && strings.HasPrefix(found[2], known) {
				return status
			}
		}
	}
	return 0
}
