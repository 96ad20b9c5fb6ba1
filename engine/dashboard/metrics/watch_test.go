package metrics_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/dashboard/metrics"
	"waybill/engine/delivery"
	"waybill/engine/deploy"
)

// TestWatchersKnowTheMetrics holds the alerts and the dashboard that `init --with prometheus` writes to what /metrics answers: each name
// and each value of a label that they ask for is there.
func TestWatchersKnowTheMetrics(t *testing.T) {
	m := newMetrics(t, metrics.Options{
		Ledger: &ledgerCollector{webhook: noon(), runs: []engine.Run{{Status: engine.RunSucceeded, Job: "reminders"}}},
		Alarms: func(context.Context) (metrics.Alarms, error) { return metrics.Alarms{}, nil },
	})
	m.Began("reminders", time.Second)
	m.Attempt(delivery.Attempt{At: noon(), Ended: noon().Add(time.Second), Result: delivery.ResultAccepted})
	served := scrape(t, m)

	asked := map[string]bool{}
	name := regexp.MustCompile(`waybill_[a-z_]+(\{[^}]*\})?`)
	label := regexp.MustCompile(`(\w+)(=~?|!=)"([^"]*)"`)
	prometheus := slices.IndexFunc(deploy.Platforms(), func(p deploy.Platform) bool { return p.Name == "prometheus" })
	files, err := deploy.Platforms()[prometheus].Files(deploy.Use{})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, use := range name.FindAllString(strings.ReplaceAll(string(file.Text), `\"`, `"`), -1) {
			metric, labels, _ := strings.Cut(use, "{")
			asked[metric] = true
			if !regexp.MustCompile(`(?m)^` + metric + `[{ ]`).MatchString(served) {
				t.Errorf("%s asks for %s, which is not served", file.Name, metric)
			}
			for _, l := range label.FindAllStringSubmatch(labels, -1) {
				if l[1] == "instance" || l[2] == "!=" {
					continue
				}
				for value := range strings.SplitSeq(l[3], "|") {
					if !regexp.MustCompile(`(?m)^` + metric + `\{[^}]*` + l[1] + `="` + value + `"`).MatchString(served) {
						t.Errorf("%s asks for %s with %s=%q, which is not served", file.Name, metric, l[1], value)
					}
				}
			}
		}
	}
	for _, line := range regexp.MustCompile(`(?m)^# HELP (waybill_\w+)`).FindAllStringSubmatch(served, -1) {
		if metric := line[1]; !asked[metric] && !asked[metric+"_bucket"] && metric != "waybill_ledger_read_seconds" {
			t.Errorf("%s is on no dashboard and in no alert", metric)
		}
	}
}
