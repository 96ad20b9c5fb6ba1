package dashboard_test

import (
	"bytes"
	"context"
	"image/png"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waybill/engine/dashboard"
)

// browser runs Chromium without a window, and returns what it prints.
func browser(t *testing.T, args ...string) string {
	t.Helper()
	const path = "/usr/bin/chromium"
	if _, err := os.Stat(path); err != nil {
		t.Skip("there is no " + path + " to look at the pages with")
	}
	if testing.Short() {
		t.Skip("a browser takes seconds")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, path, append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage", "--no-first-run",
		"--hide-scrollbars", "--enable-logging=stderr", "--v=0", "--user-data-dir=" + t.TempDir(),
	}, args...)...)
	var out, log bytes.Buffer
	c.Stdout, c.Stderr = &out, &log
	if err := c.Run(); err != nil {
		t.Fatalf("chromium: %v\n%s", err, log.String())
	}
	// What the policy refuses, and what a script says, goes to the console.
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, "CONSOLE") {
			t.Errorf("the browser says: %s", line)
		}
	}
	return out.String()
}

// hostileTree adds to a page's texts what would show in the browser's tree if it were not text.
const hostileTree = `<script>document.title="owned"</script><img src=x onerror='document.title="owned"'>`

func TestBrowserShowsTextAsText(t *testing.T) {
	f := demo()
	f.runs[1].Job = hostileTree
	for i := range f.deliveries {
		if f.deliveries[i].Run == f.runs[1].ID {
			f.deliveries[i].Key.Job = hostileTree
			f.deliveries[i].Key.Item += hostileTree + hostileTurn
		}
	}
	for i := range f.inbound {
		f.inbound[i].ProfileName, f.inbound[i].Text = hostileTree, hostileTree+hostileTurn+longText()
	}
	s := httptest.NewServer(dashboard.New(demoOptions(f)))
	defer s.Close()
	for _, path := range []string{"/runs/20260325-090000-k3v9", "/inbox"} {
		t.Run(path, func(t *testing.T) {
			tree := browser(t, "--dump-dom", s.URL+path)
			contains(t, tree, "&lt;script&gt;document.title=", "– Waybill</title>")
			lacks(t, tree, "<script", "<img", "<title>owned")
		})
	}
}

func TestBrowserOpensReport(t *testing.T) {
	var b bytes.Buffer
	if err := dashboard.WriteReport(t.Context(), &b, demoOptions(demo()), "20260325-090000-k3v9"); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	shown(t, "file://"+file)
}

func TestBrowserPaintsPages(t *testing.T) {
	s := httptest.NewServer(dashboard.New(demoOptions(demo())))
	defer s.Close()
	shown(t, s.URL+"/runs/20260325-090000-k3v9")
}

// shown takes a picture and sees that the style sheet was let in and the charts have their colours.
func shown(t *testing.T, url string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.png")
	browser(t, "--screenshot="+file, "--window-size=1280,1000", url)
	picture, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	image, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[[3]uint32]int{}
	for y := range image.Bounds().Dy() {
		for x := range image.Bounds().Dx() {
			r, g, b, _ := image.At(x, y).RGBA()
			seen[[3]uint32{r >> 8, g >> 8, b >> 8}]++
		}
	}
	for name, colour := range map[string][3]uint32{
		"sent": {0x3f, 0x7c, 0xc4}, "delivered": {0x21, 0x91, 0x8c}, "read": {0x23, 0x83, 0x4f}, "bad": {0xc0, 0x39, 0x2b},
		"the page": {0xf5, 0xf6, 0xf8},
	} {
		if seen[colour] < 40 {
			t.Errorf("%s: the colour of %q is on %d dots", url, name, seen[colour])
		}
	}
}
