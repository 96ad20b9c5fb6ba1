package whatsapp

import (
	"context"
	"errors"
	"net/url"
)

// maxPages bounds a list that does not end.
const maxPages = 1000

// page is one answer of a list. Source: Graph API, results: a list ends where next is absent, not where a page is short.
type page[T any] struct {
	Data   []T    `json:"data"`
	Paging paging `json:"paging"`
}

type paging struct {
	Cursors struct {
		After string `json:"after"`
	} `json:"cursors"`
	Next string `json:"next"`
}

// after returns the cursor of the next page, "" at the end. The address in next holds the token, so that only the
// cursor in it is used.
func (p paging) after() string {
	if p.Next == "" {
		return ""
	}
	if p.Cursors.After != "" {
		return p.Cursors.After
	}
	next, err := url.Parse(p.Next)
	if err != nil {
		return ""
	}
	return next.Query().Get("after")
}

// each asks for one page after the other and hands them to take, until the end or until take has enough.
func each[T any](ctx context.Context, c *Client, op string, query url.Values, take func([]T) (more bool), path ...string) error {
	for range maxPages {
		var got page[T]
		if err := c.get(ctx, op, &got, c.address(query, path...)); err != nil {
			return err
		}
		after := got.Paging.after()
		if !take(got.Data) || after == "" {
			return nil
		}
		if after == query.Get("after") {
			return misread(op, errors.New("the list leads back to the same page"))
		}
		query.Set("after", after)
	}
	return misread(op, errors.New("the list does not end"))
}
