package notify

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/discord"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/mattermost"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/slack"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/teams"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/telegram"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/email/smtp"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/gotify"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/ntfy"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/pushover"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/specialized/generic"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// Schemes returns how addresses begin that Parse takes, https first.
func Schemes() []string {
	return []string{
		"https", "discord", "generic", "gotify", "mattermost", "ntfy", "pushover", "slack", "smtp", "teams", "teams+https", "telegram",
	}
}

// newService returns one that is not set up; nil: there is none of that scheme. They are named here, rather than by shoutrrr's router,
// to leave out services that log in while an address is read, or print.
func newService(scheme string) types.Service {
	switch scheme {
	case "discord":
		return &discord.Service{}
	case "generic":
		return &generic.Service{}
	case "gotify":
		return &gotify.Service{}
	case "mattermost":
		return &mattermost.Service{}
	case "ntfy":
		return &ntfy.Service{}
	case "pushover":
		return &pushover.Service{}
	case "slack":
		return &slack.Service{}
	case "smtp":
		return &smtp.Service{}
	case "teams":
		return &teams.Service{}
	case "telegram":
		return &telegram.Service{}
	}
	return nil
}

// toService tells an event's text by a service of shoutrrr. It is given no context, so a call that outlives it is left to its own
// end; each call has a service of its own, which the next one does not share.
func toService(to *url.URL) (func(context.Context, http.RoundTripper, Event) error, error) {
	if _, err := setUp(to); err != nil {
		return nil, err
	}
	return func(ctx context.Context, _ http.RoundTripper, e Event) error {
		service, err := setUp(to)
		if err != nil {
			return &failure{reason: err.Error()}
		}
		done := make(chan error, 1)
		go func() { done <- guard(func() error { return service.Send(e.Text(), titleFor(service, to, e)) }) }()
		select {
		case err = <-done:
		case <-ctx.Done():
			err = ctx.Err()
		}
		if err != nil {
			return failureOf(err)
		}
		return nil
	}, nil
}

// setUp makes a service of an address. Its errors are in words of their own: those of shoutrrr repeat the address.
func setUp(to *url.URL) (types.Service, error) {
	scheme, inner, custom := strings.Cut(to.Scheme, "+")
	service := newService(scheme)
	customs, takesCustom := service.(types.CustomURLService)
	switch {
	case service == nil:
		return nil, errors.New("no service of that scheme is known: there are " + strings.Join(Schemes(), ", "))
	case custom && (!takesCustom || !slices.Contains([]string{"http", "https"}, inner)):
		return nil, fmt.Errorf("write %s://", scheme)
	}
	err := guard(func() (err error) {
		address := *to // services may change it
		if custom {
			converted, err := customs.GetConfigURLFromCustom(&address)
			if err != nil {
				return err
			}
			address = *converted
		}
		return service.Initialize(&address, nil)
	})
	if err != nil {
		return nil, fmt.Errorf("something is missing in the address, or wrong: see https://shoutrrr.nickfedor.com for %s", scheme)
	}
	if host, clear := inClear(service); clear && !loopback(host) {
		return nil, errClear
	}
	return service, nil
}

// inClear says whether an address turned encryption off, and the host that it is for.
func inClear(service types.Service) (host string, clear bool) {
	switch s := service.(type) {
	case *generic.Service:
		to := s.Config.WebhookURL()
		return to.Hostname(), to.Scheme == "http"
	case *gotify.Service:
		return hostname(s.Config.Host), s.Config.DisableTLS
	case *mattermost.Service:
		return hostname(s.Config.Host), s.Config.DisableTLS
	case *ntfy.Service:
		return hostname(s.Config.Host), strings.EqualFold(s.Config.Scheme, "http")
	}
	return "", false
}

// hostname returns a host without its port.
func hostname(host string) string { return (&url.URL{Host: host}).Hostname() }

// titleFor gives services with a title of their own, such as a mail's subject, the event's; an address that says one keeps it.
func titleFor(service types.Service, to *url.URL, e Event) *types.Params {
	for key := range to.Query() {
		if strings.EqualFold(key, "title") || strings.EqualFold(key, "subject") {
			return nil
		}
	}
	title := oneLine(e.Title())
	switch service.(type) {
	case *smtp.Service:
		title = mime.QEncoding.Encode("utf-8", title)
	case *gotify.Service, *ntfy.Service, *pushover.Service:
	default:
		return nil
	}
	return &types.Params{types.TitleKey: title}
}

// guard makes an error of a panic in foreign code: telling fails no run.
func guard(call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("panic") // what it says may hold the address
		}
	}()
	return call()
}
