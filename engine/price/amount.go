package price

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"waybill/engine/pattern"
)

// Amount is an exact decimal number of some currency's unit. It is not changed after it was made. The zero value is nothing.
type Amount struct {
	rat *big.Rat // nil: 0; its denominator is a power of ten, or divides one
}

func (a Amount) value() *big.Rat {
	if a.rat == nil {
		return new(big.Rat)
	}
	return a.rat
}

// Add returns the sum.
func (a Amount) Add(b Amount) Amount { return Amount{new(big.Rat).Add(a.value(), b.value())} }

// Times returns the amount n times.
func (a Amount) Times(n int) Amount {
	return Amount{new(big.Rat).Mul(a.value(), new(big.Rat).SetInt64(int64(n)))}
}

// Compare returns -1, 0 or 1: less than b, the same, more.
func (a Amount) Compare(b Amount) int { return a.value().Cmp(b.value()) }

// String writes all decimals that there are, and at least two: "12.50", "0.0618".
func (a Amount) String() string {
	const least, most = 2, 2 * mostDecimals
	text := a.value().FloatString(most)
	whole, decimals, _ := strings.Cut(text, ".")
	decimals = strings.TrimRight(decimals, "0")
	return whole + "." + decimals + strings.Repeat("0", max(0, least-len(decimals)))
}

const (
	mostDecimals = 12 // of a text that is read
	mostDigits   = 15 // before them
)

//nolint:gochecknoglobals // constant
var (
	plainAmount = pattern.Lazy(`^[0-9]+(?:\.[0-9]+)?$`)
	groupedDots = pattern.Lazy(`^[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?$`)
	groupedMany = pattern.Lazy(`^[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+$`)
	commaAmount = pattern.Lazy(`^[0-9]+,[0-9]+$`)
	commaGroups = pattern.Lazy(`^[1-9][0-9]{0,2}(?:,[0-9]{3})+$`)
)

// ParseAmount reads an amount that is not negative, with a point or a comma before its decimals. What could be read in two ways, as
// "1,234", is an error.
func ParseAmount(text string) (Amount, error) {
	text = strings.TrimSpace(text)
	plain := text
	switch {
	case plainAmount().MatchString(text):
	case commaGroups().MatchString(text):
		return Amount{}, fmt.Errorf("%q may be thousands or decimals: write it with a point before its decimals and nothing else", text)
	case commaAmount().MatchString(text):
		plain = strings.Replace(text, ",", ".", 1)
	case groupedMany().MatchString(text):
		plain = strings.ReplaceAll(text, ",", "")
	case groupedDots().MatchString(text) && strings.Contains(text, ","):
		plain = strings.Replace(strings.ReplaceAll(text, ".", ""), ",", ".", 1)
	default:
		return Amount{}, fmt.Errorf("%q is no amount such as 0.0618", text)
	}
	whole, decimals, _ := strings.Cut(plain, ".")
	if len(whole) > mostDigits || len(decimals) > mostDecimals {
		return Amount{}, fmt.Errorf("%q has too many digits", text)
	}
	rat, ok := new(big.Rat).SetString(plain)
	if !ok {
		return Amount{}, fmt.Errorf("%q is no amount such as 0.0618", text)
	}
	return Amount{rat}, nil
}

// Money is an amount in a currency.
type Money struct {
	Amount
	Currency string // three letters of ISO 4217
}

// String writes the amount, then the currency: "120.00 EUR".
func (m Money) String() string { return m.Amount.String() + " " + m.Currency }

// ParseMoney reads an amount and its currency in either order: "120 EUR", "EUR 120".
func ParseMoney(text string) (Money, error) {
	words := strings.Fields(text)
	if len(words) != 2 {
		return Money{}, errors.New(`it is no amount and its currency, such as "120 EUR"`)
	}
	for _, order := range [][2]string{{words[0], words[1]}, {words[1], words[0]}} {
		currency, ok := ParseCurrency(order[1])
		if !ok {
			continue
		}
		amount, err := ParseAmount(order[0])
		return Money{amount, currency}, err
	}
	return Money{}, errors.New(`it names no currency by its three letters, such as "120 EUR"`)
}

// signs are what rate cards write instead of the three letters.
var signs = map[string]string{ //nolint:gochecknoglobals // a table
	"$": "USD", "$US": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "₹": "INR", "RP": "IDR", "A$": "AUD", "AU$": "AUD", "$AU": "AUD",
	"R$": "BRL", "MX$": "MXN", "$MX": "MXN",
}

var threeLetters = pattern.Lazy(`^[A-Z]{3}$`) //nolint:gochecknoglobals // constant

// ParseCurrency reads three letters in any case, or a sign of which one currency is meant. ok is false for anything else.
func ParseCurrency(text string) (currency string, ok bool) {
	text = strings.ToUpper(strings.TrimSpace(text))
	if named, known := signs[text]; known {
		return named, true
	}
	return text, threeLetters().MatchString(text)
}
