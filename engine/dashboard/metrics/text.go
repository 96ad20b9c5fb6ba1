package metrics

import (
	"bytes"
	"strconv"
	"strings"
)

// contentType names the format of a page: Prometheus' text format, which every version of it reads.
// https://prometheus.io/docs/instrumenting/exposition_formats/
const contentType = "text/plain; version=0.0.4; charset=utf-8"

// kind is Prometheus' word for how a figure behaves.
type kind string

const (
	counter   kind = "counter"   // only grows, from 0 with each process
	gauge     kind = "gauge"     // goes up and down
	histogram kind = "histogram" // counts by size
	summary   kind = "summary"   // quantiles that were made here
)

// page is an answer to Prometheus, as it grows. All series of a name follow its head at once.
type page struct{ text bytes.Buffer }

// head begins the series of a name.
func (p *page) head(k kind, name, help string) {
	p.text.WriteString("# HELP " + name + " " + strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(help) + "\n")
	p.text.WriteString("# TYPE " + name + " " + string(k) + "\n")
}

// series writes one figure. Labels are what labels made, or "".
func (p *page) series(name, labels string, value float64) {
	p.text.WriteString(name + labels + " " + number(value) + "\n")
}

// single writes a name that has one series without labels.
func (p *page) single(k kind, name, help string, value float64) {
	p.head(k, name, help)
	p.series(name, "", value)
}

// labels writes names and their words as Prometheus reads them, {name="word",…}; none is "". Words may hold anything:
// what is no UTF-8 would spoil the page, and becomes U+FFFD.
func labels(names, words []string) string {
	if len(names) == 0 {
		return ""
	}
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	pairs := make([]string, len(names))
	for i, name := range names {
		pairs[i] = name + `="` + escape.Replace(strings.ToValidUTF8(words[i], "\uFFFD")) + `"`
	}
	return "{" + strings.Join(pairs, ",") + "}"
}

// number is the shortest text that gives the same value again: 3, 0.25, 1e+06, +Inf, NaN.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
