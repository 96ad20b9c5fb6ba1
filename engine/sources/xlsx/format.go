package xlsx

import (
	"math"
	"strconv"
	"strings"

	"github.com/xuri/nfp"
)

// format is how a style shows a number. The zero value: with the digits that it has.
type format struct {
	kind  kind
	least int // digits behind the decimal point that it always shows
	most  int // that it shows where they are no zeros; 0 of a plain number: as many as there are
}

type kind uint8

const (
	plain   kind = iota
	percent      // 0.15 is 15%
	date         // 2026-03-25
	month        // 2026-03-01, or a moment; see momentText
	clock        // 10:00
	moment       // 2026-03-25 10:00
	elapsed      // 36:00, hours beyond a day
)

// counts says whether a number is one of days.
func (k kind) counts() bool { return k >= date }

// formatsOf finds the format of each style.
func formatsOf(s styles) []format {
	codes := map[int]string{}
	for _, own := range s.Formats {
		codes[own.ID] = own.Code
	}
	formats := make([]format, len(s.Cells))
	for i, cell := range s.Cells {
		if code, own := codes[cell.Format]; own {
			formats[i] = formatOf(code)
		} else {
			formats[i] = builtIn(cell.Format)
		}
	}
	return formats
}

// builtIn is a number format that has a number and no text (ECMA-376, part 1, 18.8.30).
func builtIn(id int) format {
	switch {
	case id == 2, id == 4, id == 7, id == 8, id == 39, id == 40, id == 43, id == 44:
		return format{plain, 2, 2}
	case id == 9:
		return format{kind: percent}
	case id == 10:
		return format{percent, 2, 2}
	case id == 17: // mmm-yy
		return format{kind: month}
	case id >= 14 && id <= 16, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 58:
		return format{kind: date}
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47:
		return format{kind: clock}
	case id == 22:
		return format{kind: moment}
	case id == 46:
		return format{kind: elapsed}
	}
	return format{}
}

// formatOf reads a number format such as dd/mm/yyyy, or 0.00%.
func formatOf(code string) format {
	parser := nfp.NumberFormatParser()
	sections := parser.Parse(code)
	if len(sections) == 0 {
		return format{}
	}
	items := sections[0].Items // the others are for negative numbers, zero and text
	switch kind := kindOfDays(items); {
	case kind != plain:
		return format{kind: kind}
	default:
		return decimalsOf(items)
	}
}

// kindOfDays is which kind of days and hours a format shows; plain: none.
func kindOfDays(items []nfp.Token) kind {
	var days, months, times bool
	for _, token := range items {
		letters := strings.ToUpper(token.TValue)
		switch {
		case token.TType == nfp.TokenTypeElapsedDateTimes:
			return elapsed
		case token.TType != nfp.TokenTypeDateTimes || letters == "":
		case strings.HasPrefix(letters, "AM"), strings.HasPrefix(letters, "A/P"), letters[0] == 'H', letters[0] == 'S':
			times = true
		case letters[0] == 'M':
			months = true // or minutes
		default:
			days = true
		}
	}
	switch {
	case days && times:
		return moment
	case times:
		return clock
	case days || months:
		return date
	}
	return plain
}

// decimalsOf reads whether a format is one of percents, and how many digits it shows behind the decimal point.
func decimalsOf(items []nfp.Token) format {
	f, behind := format{}, false
	for _, token := range items {
		switch token.TType {
		case nfp.TokenTypeExponential, nfp.TokenTypeFraction, nfp.TokenTypeDenominator:
			return format{}
		case nfp.TokenTypePercent:
			f.kind = percent
		case nfp.TokenTypeDecimalPoint:
			behind = true
		case nfp.TokenTypeZeroPlaceHolder, nfp.TokenTypeHashPlaceHolder, nfp.TokenTypeDigitalPlaceHolder:
			if !behind {
				continue
			}
			f.most += len(token.TValue)
			if token.TType == nfp.TokenTypeZeroPlaceHolder {
				f.least = f.most
			}
		}
	}
	return f
}

// decimal writes a number with the digits behind its decimal point that the format shows, the last one rounded as spreadsheets do: a five
// goes up.
func (f format) decimal(value float64) string {
	exact, err := strconv.ParseFloat(strconv.FormatFloat(value, 'g', precise, 64), 64) // 0.145*100 is 14.5 to them
	if err != nil {
		exact = value
	}
	scale := math.Pow10(f.most)
	if rounded := math.Round(exact*scale) / scale; !math.IsInf(rounded, 0) && !math.IsNaN(rounded) {
		exact = rounded
	}
	text := strconv.FormatFloat(exact, 'f', f.most, 64)
	for n := f.most; n > f.least && strings.HasSuffix(text, "0"); n-- {
		text = text[:len(text)-1]
	}
	return strings.TrimSuffix(text, ".")
}
