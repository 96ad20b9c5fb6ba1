package xlsx

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// number returns the text of a number as it stands in the file.
func (b *Book) number(raw string, style int) (string, error) {
	f := format{}
	if style >= 0 && style < len(b.formats) {
		f = b.formats[style]
	}
	value, err := strconv.ParseFloat(raw, 64)
	switch {
	case err != nil, f.kind == plain && f.most == 0, f.kind.counts() && (value < 0 || value > 2958466): // beyond the year 9999
		return digits(raw)
	case f.kind == percent:
		return f.decimal(value*100) + "%", nil
	case f.kind == plain && value == math.Trunc(value): // a phone, of which a format adds nothing
		return digits(raw)
	case f.kind == plain:
		return f.decimal(value), nil
	case f.kind == elapsed:
		seconds := int64(math.Round(value * 24 * 60 * 60))
		return clockText(seconds/3600, seconds/60%60, seconds%60), nil
	}
	return momentText(b.moment(value), f.kind), nil
}

// moment is when a number of days is, to the second.
func (b *Book) moment(value float64) time.Time {
	days, part := math.Modf(value)
	epoch := time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case b.from1904:
		epoch = time.Date(1904, time.January, 1, 0, 0, 0, 0, time.UTC)
	case days >= 1 && days < 60: // before the day 60, which spreadsheets take for a 29 February 1900
		days++
	}
	return epoch.AddDate(0, 0, int(days)).Add(time.Duration(math.Round(part*24*60*60)) * time.Second)
}

// momentText writes what a format of days and hours shows. Who types Mar-26 means a month, and no hour comes of it. An hour of the first, shown
// so, is a moment of which its writer shows the month: excelize gives this format to every moment of the first day of a month.
func momentText(t time.Time, k kind) string {
	if k == month && t.Day() == 1 && t.Hour()+t.Minute()+t.Second() > 0 {
		k = moment
	}
	hours := clockText(int64(t.Hour()), int64(t.Minute()), int64(t.Second()))
	switch k {
	case clock:
		return hours
	case moment:
		return t.Format(time.DateOnly) + " " + hours
	case plain, percent, date, month, elapsed:
	}
	return t.Format(time.DateOnly)
}

// clockText writes seconds only where there are any.
func clockText(hours, minutes, seconds int64) string {
	text := fmt.Sprintf("%02d:%02d", hours, minutes)
	if seconds != 0 {
		text += fmt.Sprintf(":%02d", seconds)
	}
	return text
}

// isoText is the text of a cell that holds a date or a time as ISO 8601 writes it.
func isoText(raw string) string {
	if t, err := time.Parse("15:04:05.999999999", raw); err == nil {
		return momentText(t.Round(time.Second), clock)
	}
	for _, layout := range []string{"2006-01-02T15:04:05.999999999", time.RFC3339Nano} {
		if t, err := time.Parse(layout, raw); err == nil {
			if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
				return t.Format(time.DateOnly)
			}
			return momentText(t.Round(time.Second), moment)
		}
	}
	return raw
}

// precise is how many digits of a number a spreadsheet keeps.
const precise = 15

// digits writes a number out. Its error says that a spreadsheet lost some of its digits before.
func digits(raw string) (string, error) {
	whole := strings.TrimPrefix(raw, "-")
	if whole != "" && strings.Trim(whole, "0123456789") == "" {
		if len(whole) > precise && strings.Trim(whole[precise:], "0") == "" {
			return "", lost(raw)
		}
		return raw, nil // another program wrote it, digit by digit
	}
	value, notANumber := strconv.ParseFloat(raw, 64)
	if notANumber != nil || math.IsInf(value, 0) || math.IsNaN(value) {
		return raw, nil //nolint:nilerr // text stays what it is
	}
	if math.Abs(value) >= 1e15 {
		return "", lost(strconv.FormatFloat(value, 'f', 0, 64))
	}
	// 0.1+0.2 is 0.3 in a spreadsheet.
	if shown, other := strconv.ParseFloat(strconv.FormatFloat(value, 'g', precise, 64), 64); other == nil {
		return strconv.FormatFloat(shown, 'f', -1, 64), nil
	}
	return raw, nil
}

func lost(text string) error {
	return fmt.Errorf("%s has %d digits, and a spreadsheet keeps %d: format the column as text, and enter it again",
		text, len(strings.TrimPrefix(text, "-")), precise)
}
