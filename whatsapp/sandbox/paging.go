package sandbox

import (
	"encoding/base64"
	"net/url"
	"strconv"
)

type paging struct {
	Cursors  *cursors `json:"cursors,omitempty"`
	Next     string   `json:"next,omitempty"`
	Previous string   `json:"previous,omitempty"`
}

type cursors struct {
	Before string `json:"before"`
	After  string `json:"after"`
}

// listing is a collection that can be paged through by keys that stay when it grows.
type listing struct {
	size  int
	key   func(int) string
	place func(string) (int, bool) // of a key; false: it is gone
}

// page cuts the asked page out of a listing: entries from lo to hi. Source: Graph API, results.
func (l listing) page(c *call, usual, most int) (lo, hi int, p *paging, refusal *graphError) {
	limit := usual
	if text := c.query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > most {
			return 0, 0, nil, refuse(100, "Param limit must be a number from 1 to %d.", most)
		}
		limit = n
	}
	lo, hi = 0, min(limit, l.size)
	if after := c.query.Get("after"); after != "" {
		at, ok := l.find(after)
		if !ok {
			return 0, 0, nil, refuse(100, "Param after is not a cursor of this list, or no longer.")
		}
		lo, hi = at+1, min(at+1+limit, l.size)
	} else if before := c.query.Get("before"); before != "" {
		at, ok := l.find(before)
		if !ok {
			return 0, 0, nil, refuse(100, "Param before is not a cursor of this list, or no longer.")
		}
		lo, hi = max(0, at-limit), at
	}
	if lo >= hi {
		return lo, lo, nil, nil
	}
	p = &paging{Cursors: &cursors{Before: cursor(l.key(lo)), After: cursor(l.key(hi - 1))}}
	if hi < l.size {
		p.Next = c.pageAddress("after", p.Cursors.After, limit)
	}
	if lo > 0 {
		p.Previous = c.pageAddress("before", p.Cursors.Before, limit)
	}
	return lo, hi, p, nil
}

func (l listing) find(text string) (int, bool) {
	key, err := base64.URLEncoding.DecodeString(text)
	if err != nil {
		return 0, false
	}
	return l.place(string(key))
}

func cursor(key string) string { return base64.URLEncoding.EncodeToString([]byte(key)) }

// pageAddress is the address of another page, without the token that the real one carries.
func (c *call) pageAddress(direction, at string, limit int) string {
	query := map[string][]string{}
	for key, values := range c.query {
		if key != "access_token" && key != "after" && key != "before" {
			query[key] = values
		}
	}
	query["limit"] = []string{strconv.Itoa(limit)}
	query[direction] = []string{at}
	return c.base + c.path + "?" + url.Values(query).Encode()
}
