package whatsapp

import (
	"errors"
	"regexp"
	"strings"
)

// CheckID says why a text cannot be the id of a number or an account, in words that follow its name: "is a phone number, …". They
// do not repeat the text, which may be a secret in the wrong place. White space at its ends counts.
func CheckID(text string) error {
	switch {
	case text == "":
		return errors.New("is empty")
	case strings.Trim(text, "0123456789") == "":
		return nil
	case quoted(text):
		return errors.New("is in quotes, which are part of it here: take them away")
	case strings.HasPrefix(text, "EAA"):
		return errors.New("is an access token, and no id")
	case exponentPattern.MatchString(text):
		return errors.New("has an exponent, which a spreadsheet or a program made of its digits: write all of them")
	case strings.Trim(text, "+0123456789 -().\u00a0") == "" && strings.Trim(text, " ") == text:
		return errors.New("is a phone number, and not the id that Meta gave it, which is digits alone: it stands beside the number in WhatsApp Manager, " +
			"API setup")
	case strings.ContainsAny(text, "\r\n"):
		return errors.New("holds a line break; an id is digits alone")
	}
	return errors.New("holds something else than digits; an id is digits alone")
}

// CheckToken says why a text cannot be an access token, in words that follow its name. They do not repeat it.
func CheckToken(text string) error {
	switch {
	case text == "":
		return errors.New("is empty")
	case quoted(text):
		return errors.New("is in quotes, which are part of it here: take them away")
	case strings.HasPrefix(strings.ToLower(text), "bearer "):
		return errors.New("begins with Bearer: give the token alone")
	}
	for _, r := range text {
		switch {
		case r == '\r' || r == '\n':
			return errors.New("holds a line break")
		case r <= ' ':
			return errors.New("holds a blank")
		case r >= 0x7f:
			return errors.New("holds a character that no token has")
		}
	}
	return nil
}

func quoted(text string) bool {
	const marks = "\"'`“”‘’"
	return text != "" && strings.Trim(text, marks) != text
}

var exponentPattern = regexp.MustCompile(`^\d+([.,]\d+)?[eE]\+?\d+$`)
