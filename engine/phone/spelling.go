package phone

import "strings"

// OtherSpelling returns the second form of a number "+55…" in the countries whose mobile numbers have two, of which WhatsApp knows a
// person by either: Brazil's without or with the ninth digit, Mexico's with or without the 1, Argentina's with or without the 9. Empty:
// the number has one form. Of a landline it may be a number that nobody has: it is for keeping messages back, never for writing to.
func OtherSpelling(number string) string {
	country, national := "", ""
	for _, code := range [...]string{"+52", "+54", "+55"} {
		if rest, ok := strings.CutPrefix(number, code); ok {
			country, national = code, rest
		}
	}
	rest := ""
	switch {
	case country == "+52" && len(national) == 10:
		rest = "1" + national
	case country == "+52" && len(national) == 11 && national[0] == '1':
		rest = national[1:]
	case country == "+54" && len(national) == 10:
		rest = "9" + national
	case country == "+54" && len(national) == 11 && national[0] == '9':
		rest = national[1:]
	case country == "+55" && len(national) == 10 && national[2] >= '6':
		rest = national[:2] + "9" + national[2:]
	case country == "+55" && len(national) == 11 && national[2] == '9' && national[3] >= '6':
		rest = national[:2] + national[3:]
	default:
		return ""
	}
	return country + rest
}

// OneSpelling is the same text for both spellings of a number, as OtherSpelling has them; of any other it is the text itself.
func OneSpelling(number string) string {
	if other := OtherSpelling(number); other != "" {
		return min(number, other)
	}
	return number
}
