// Package audience decides who may be written to, and who is who: which ids are one person's, which words about an opt-out hold, what a
// stop word is, and when a person's quiet hours are over. It is pure: it knows no storage, no network and no clock.
//
// It must not know how a message is made or sent. Start reading at opt_outs.go for who left, and learn.go for who is who.
package audience
