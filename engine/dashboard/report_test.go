package dashboard_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html"
	"regexp"
	"strings"
	"testing"

	"waybill/engine"
	"waybill/engine/dashboard"
	"waybill/engine/delivery"
)

func TestReport(t *testing.T) {
	var b bytes.Buffer
	if err := dashboard.WriteReport(t.Context(), &b, demoOptions(demo()), "20260325-090000-k3v9"); err != nil {
		t.Fatal(err)
	}
	page := strings.ReplaceAll(b.String(), "xmlns='http://www.w3.org/2000/svg'", "")
	contains(t, page, "appointment-reminders", "Errors by code", "131026", "@media print", "as of ", "In doubt or failed")
	lacks(t, page, "<script", "<img", " style=", "http://", "https://", "<form", "src=\"", "refresh", "<nav", "ZgotmplZ", "url(", "@import")
	for _, m := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(m[1], "data:image/svg&#43;xml,") && !strings.HasPrefix(m[1], "data:image/svg+xml,") {
			t.Errorf("the file links to %q", m[1])
		}
	}
	_, rest, _ := strings.Cut(page, "<style>")
	css, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(css))
	contains(t, html.UnescapeString(page), "style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
}

// TestReportPrintsInputs: paper does not unfold, and not every browser unfolds for it.
func TestReportPrintsInputs(t *testing.T) {
	f := small(map[delivery.State]int{delivery.Accepted: 1}, aRun(engine.RunSucceeded))
	f.runs[0].Inputs = []byte(`{"day":"monday"}`)
	var b bytes.Buffer
	if err := dashboard.WriteReport(t.Context(), &b, demoOptions(f), "r1"); err != nil {
		t.Fatal(err)
	}
	contains(t, b.String(), `<details class="fold" open><summary><bdi>show</bdi></summary><pre>`, "monday",
		"details::details-content { content-visibility: visible;", ".fold > summary bdi { display: none; }")
	contains(t, get(t, dashboard.New(demoOptions(f)), "/runs/r1").Body.String(), `<details class="fold"><summary><bdi>show</bdi></summary><pre>`)
}

func TestReportNamesMoreThanThePage(t *testing.T) {
	f := small(map[delivery.State]int{delivery.Rejected: 150, delivery.InDoubt: 100}, aRun(engine.RunFailed))
	var b bytes.Buffer
	if err := dashboard.WriteReport(t.Context(), &b, demoOptions(f), "r1"); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "item-"); n != 200 {
		t.Errorf("%d items are named", n)
	}
	contains(t, b.String(), "… and 50 more: <code>waybill deliveries r1 --failed --in-doubt</code>")
}

func TestReportErrors(t *testing.T) {
	if err := dashboard.WriteReport(t.Context(), &bytes.Buffer{}, demoOptions(demo()), "none"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	full := errors.New("disk full")
	if err := dashboard.WriteReport(t.Context(), failing{full}, demoOptions(demo()), "last"); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
