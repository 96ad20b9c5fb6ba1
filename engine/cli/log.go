package cli

import (
	"io"
	"log/slog"
	"regexp"
	"strings"
)

// log is the logger of what works in the background: warnings, or everything under -v.
func (a *app) log(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: a.level(slog.LevelWarn)}))
}

// ledgerLog is log for a ledger: phone numbers are masked in it, also those that stand in an error. What is to be said of a
// run is in its report.
func (a *app) ledgerLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: a.level(slog.LevelWarn), ReplaceAttr: maskAttr}))
}

// serveLog is the log of serve: what changed in the world, everything under -v, and warnings alone under -q. Phone numbers
// are masked in it, also those that stand in an error.
func (a *app) serveLog(format string) *slog.Logger {
	usual := slog.LevelInfo
	if a.quiet {
		usual = slog.LevelWarn
	}
	options := &slog.HandlerOptions{Level: a.level(usual), ReplaceAttr: maskAttr}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(a.err, options))
	}
	return slog.New(slog.NewTextHandler(a.err, options))
}

// level is the least that is logged: everything under -v.
func (a *app) level(usual slog.Level) slog.Level {
	if a.verbose {
		return slog.LevelDebug
	}
	return usual
}

// maskAttr masks texts and errors. Names that the user chose, and addresses, stay readable.
func maskAttr(_ []string, attr slog.Attr) slog.Attr {
	switch attr.Key {
	case slog.TimeKey, slog.LevelKey, slog.MessageKey, "job", "run", "scope", "path", "file", "remote", "url", "ledger", "account_id":
		return attr
	}
	attr.Value = attr.Value.Resolve()
	switch attr.Value.Kind() {
	case slog.KindString:
		attr.Value = slog.StringValue(maskPhones(attr.Value.String()))
	case slog.KindAny:
		if err, ok := attr.Value.Any().(error); ok {
			attr.Value = slog.StringValue(maskPhones(err.Error()))
		}
	default:
	}
	return attr
}

// phoneLike finds what may be a phone number: 7 to 15 digits after a plus, 9 to 15 without one. A message id holds
// the number of its recipient in another form.
var phoneLike = regexp.MustCompile(`\+[0-9]{7,15}|wamid\.[A-Za-z0-9+/=_-]+|[A-Za-z0-9]+`)

// maskPhones leaves of each number what tells two apart: "+34…78".
func maskPhones(text string) string {
	return phoneLike.ReplaceAllStringFunc(text, func(found string) string {
		const kept = 2
		switch {
		case strings.HasPrefix(found, "wamid."):
			return "wamid.…"
		case found[0] == '+':
			return found[:1+kept] + "…" + found[len(found)-kept:]
		case len(found) >= 9 && len(found) <= 15 && strings.Trim(found, "0123456789") == "":
			return found[:kept] + "…" + found[len(found)-kept:]
		}
		return found
	})
}
