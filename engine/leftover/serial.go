package leftover

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"waybill/engine/pattern"
)

// serial is a number as spreadsheets keep days and times: 46356 is a day of 2026, 0.375 nine in the morning.
var serial = pattern.Lazy(`^(?:[3-6]\d{4}|0)(?:[.,]\d{1,17})?$`) //nolint:gochecknoglobals // constant

// cutTime is 9:30 as a number, 9.30, whose last zero is gone.
var cutTime = pattern.Lazy(`^([01]?\d|2[0-3])[.,]([0-5])$`) //nolint:gochecknoglobals // constant

// CutTime says which time of day a number means in a column of hours that has lost its last zero: 9.3 is 9:30. Empty: it is no such number.
func CutTime(column, value string) string {
	if value == "" || value[0] < '0' || value[0] > '9' || len(value) > len("23.5") || !tells(column, isHour) {
		return ""
	}
	parts := cutTime().FindStringSubmatch(value)
	if parts == nil {
		return ""
	}
	return parts[1] + ":" + parts[2] + "0"
}

func isHour(word string) bool {
	switch word {
	case "hour", "hora", "horário", "horario", "uhrzeit", "heure", "ora":
		return true
	}
	return false
}

// Serial says which day or time a spreadsheet means by a number, where the name of its column tells of one: "2026-11-30", "09:00",
// "2026-11-30 09:00". Empty: it is no such number.
func Serial(column, value string) string {
	if value == "" || value[0] < '0' || value[0] > '6' || !serial().MatchString(value) || !tells(column, isTime) {
		return ""
	}
	number, err := strconv.ParseFloat(strings.Replace(value, ",", ".", 1), 64)
	if err != nil {
		return ""
	}
	days, part := math.Modf(number)
	moment := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(days)).Add(time.Duration(math.Round(part*24*60*60)) * time.Second)
	switch {
	case days == 0 && part == 0:
		return ""
	case days == 0:
		return moment.Format("15:04")
	case part == 0:
		return moment.Format(time.DateOnly)
	}
	return moment.Format("2006-01-02 15:04")
}

// tells says whether a word of the name of a column is of a kind.
func tells(column string, kind func(word string) bool) bool {
	words := strings.FieldsFunc(splitHumps(column), func(r rune) bool { return strings.ContainsRune(" _-./()", r) })
	return slices.ContainsFunc(words, kind)
}

// isTime tells the words for a day or a time in the languages that many files come from.
func isTime(word string) bool {
	switch word {
	case "date", "day", "time", "datetime", "hour", "when", "start", "starts", "end", "ends", "due", "expiry", "appointment", "birthday", "deadline", "at",
		"fecha", "día", "dia", "hora", "cita", "inicio", "fin", "vencimiento", "caducidad", "nacimiento",
		"data", "horário", "horario", "consulta", "datum", "uhrzeit", "zeit", "tag", "termin", "beginn", "ende",
		"jour", "heure", "début", "rendez", "rdv", "échéance", "giorno", "ora", "appuntamento", "scadenza", "inizio", "fine":
		return true
	}
	return false
}

// splitHumps writes startDate as start date.
func splitHumps(name string) string {
	var b strings.Builder
	small := false
	for _, r := range name {
		if small && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
		}
		small = r >= 'a' && r <= 'z'
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}
