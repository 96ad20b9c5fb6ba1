package leftover

import (
	"math"
	"strconv"
	"strings"
	"time"

	"waybill/engine/pattern"
)

// serial is a number as spreadsheets keep days and times: 46356 is a day of 2026, 0.375 nine in the morning.
var serial = pattern.Lazy(`^(?:[3-6]\d{4}|0)(?:[.,]\d{1,17})?$`) //nolint:gochecknoglobals // constant

// Serial says which day or time a spreadsheet means by a number, where the name of its column tells of one: "2026-11-30", "09:00",
// "2026-11-30 09:00". Empty: it is no such number.
func Serial(column, value string) string {
	if value == "" || value[0] < '0' || value[0] > '6' || !serial().MatchString(value) || !tellsTime(column) {
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

// tellsTime says whether the name of a column tells of a day or a time, in the languages that many files come from.
func tellsTime(column string) bool {
	for _, word := range strings.FieldsFunc(splitHumps(column), func(r rune) bool { return strings.ContainsRune(" _-./()", r) }) {
		switch word {
		case "date", "day", "time", "datetime", "hour", "when", "start", "starts", "end", "ends", "due", "expiry", "appointment", "birthday", "deadline", "at",
			"fecha", "día", "dia", "hora", "cita", "inicio", "fin", "vencimiento", "caducidad", "nacimiento",
			"data", "horário", "horario", "consulta", "datum", "uhrzeit", "zeit", "tag", "termin", "beginn", "ende",
			"jour", "heure", "début", "rendez", "rdv", "échéance", "giorno", "ora", "appuntamento", "scadenza", "inizio", "fine":
			return true
		}
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
