package sources

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/sources/fetch"
)

// urlName is an address without what may be secret in it.
func urlName(text string) string {
	u, err := url.Parse(text)
	if err != nil || text == "" {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// checkAddress checks { url: … }, as far as it is literal.
func (w World) checkAddress(f *engine.ForEach) diag.List {
	given := f.From.Field("url")
	value, known := given.Constant()
	text, _ := value.(string)
	if given == nil || !known {
		return nil
	}
	u, err := fetch.Parse(text)
	if err != nil {
		return fault("bad-url", given.Range(), "url "+err.Error(), "", "")
	}
	if password, _ := u.User.Password(); password != "" && len(given.Template().Variables()) == 0 {
		w.hide(password)
		return fault("literal-password", given.Range(), "the url holds a password", "Whoever reads the job file could read it.",
			"put the address into a variable of the environment, and write url: $<URL>")
	}
	return nil
}

// fetched gets an address, once a command.
func (w World) fetched(ctx context.Context, c *engine.SourceCall, given map[string]any) (*content, error) {
	address, _ := given["url"].(string)
	name, at := urlName(address), c.ForEach.From.Field("url").Range()
	get := func(ctx context.Context, to *engine.Copy) (err error) {
		to.Modified, err = fetch.Get(ctx, address, fetch.Options{
			Allow: w.AllowURLs, UserAgent: w.UserAgent, Proxy: w.Proxy, Lines: c.ForEach.Source.Key() != "xlsx",
		}, to)
		if refused, ok := errors.AsType[*fetch.NotAllowedError](err); ok {
			return fault("url-not-allowed", at, fmt.Sprintf("%s: %v", name, refused),
				"A job fetches rows from no host that the command line does not name.", "--allow-url "+refused.Host+" allows it").Err()
		}
		if err != nil && ctx.Err() == nil {
			return fault("fetch-failed", at, fmt.Sprintf("%s cannot be fetched: %v", name, err), "", "").Err()
		}
		return err
	}
	if c.Inner {
		own, err := engine.NewCopy(ctx, get)
		if err != nil {
			return nil, err
		}
		in := copied(own, name)
		in.ownCopy = true
		return in, nil
	}
	if c.Given != nil {
		return copied(c.Given, name), nil
	}
	kept, err := c.Spool.Keep(ctx, "url\x00"+address, get)
	if err != nil {
		return nil, err
	}
	took(c, kept)
	return copied(kept, name), nil
}
