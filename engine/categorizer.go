package engine

import "context"

// The categories of messages. Source: Meta, pricing.
const (
	CategoryAuthentication = "authentication"
	CategoryMarketing      = "marketing"
	CategoryUtility        = "utility"
	CategoryService        = "service" // everything that is no template
)

// Categorizer is a Sender whose messages are of categories that others decide.
type Categorizer interface {
	// Wants names the connection keys with which the category can be asked for. A job may leave them out.
	Wants() []string
	// CategoryOf names what a call's category depends on: two calls of one name are of one category.
	CategoryOf(c *Call) string
	// KnownCategory returns the category where it is known without asking anybody, in small letters; empty: it is not.
	KnownCategory(c *Call) string
	// Category returns the category, in small letters. It may ask the network. Its error says why nobody knows.
	Category(ctx context.Context, c *Call) (string, error)
}
