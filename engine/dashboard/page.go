package dashboard

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"waybill/engine/wording"
)

//go:embed templates
var files embed.FS

//go:embed style.css
var style string

// frame is what every page has: the template "layout" reads it.
type frame struct {
	Title   string
	Section string // name of the page's template, which marks its place in the menu
	Main    any    // what the page's own template reads
	Version string
	Zone    string
	Now     time.Time
	Webhook time.Time // when the last one was recorded; zero: never
	Sandbox bool      // nothing here was sent to people
	People  bool      // there is a page of who left
	Search  string    // what is searched for
	Refresh int       // seconds until the browser asks again; 0: never

	StylePath string       // of the style sheet; empty: Style is inside the page
	Style     template.CSS // inside the page
	StyleHash string       // of Style, for the page's own Content-Security-Policy
}

// Standalone says whether the page is a file of its own, which links nowhere.
func (f *frame) Standalone() bool { return f.StylePath == "" }

// pages renders templates.
type pages struct {
	byName map[string]*template.Template
	log    *slog.Logger
	hash   [32]byte
}

func newPages(o Options) *pages {
	p := &pages{byName: map[string]*template.Template{}, log: o.Log, hash: sha256.Sum256([]byte(style))}
	shared := template.Must(template.New("").Funcs(functions(o)).ParseFS(files, "templates/layout.html", "templates/parts.html"))
	for _, name := range []string{
		"runs", "run", "deliveries", "delivery", "unsent", "order", "search", "inbox", "optouts", "schedules", "notices", "note", "token",
	} {
		p.byName[name] = template.Must(template.Must(shared.Clone()).ParseFS(files, "templates/"+name+".html"))
	}
	return p
}

// stylePath names the style sheet by its content, so that browsers may keep it for ever.
func (p *pages) stylePath() string { return "/style-" + hex.EncodeToString(p.hash[:6]) + ".css" }

func (p *pages) serveStyle(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader([]byte(style)))
}

// render returns a page as bytes.
func (p *pages) render(name string, f *frame) ([]byte, error) {
	var b bytes.Buffer
	if err := p.byName[name].ExecuteTemplate(&b, "layout", f); err != nil {
		return nil, fmt.Errorf("make the page %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// inlineStyle puts the style into the page, for a file that stands alone.
func (p *pages) inlineStyle(f *frame) {
	f.Style = template.CSS(style) //nolint:gosec // ours, embedded
	f.StyleHash = "sha256-" + base64.StdEncoding.EncodeToString(p.hash[:])
}

// write answers with a page.
func (p *pages) write(w http.ResponseWriter, r *http.Request, status int, name string, f *frame) {
	f.StylePath = p.stylePath()
	body, err := p.render(name, f)
	if err != nil {
		p.log.ErrorContext(r.Context(), "cannot make a page", slog.String("path", r.URL.Path), slog.Any("error", err))
		http.Error(w, "this page cannot be shown; the log of waybill serve says why", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		p.log.DebugContext(r.Context(), "a page did not arrive", slog.String("path", r.URL.Path), slog.Any("error", err))
	}
}

// writeNote answers with a sentence.
func (p *pages) writeNote(w http.ResponseWriter, r *http.Request, status int, f *frame, sentence string) {
	f.Main = sentence
	p.write(w, r, status, "note", f)
}

// functions are what templates may call besides their own fields.
func functions(o Options) template.FuncMap {
	return template.FuncMap{
		"number":   wording.Number,
		"plural":   wording.Plural,
		"clean":    clean,
		"brief":    brief,
		"long":     func(s string) bool { return brief(s) != clean(s) },
		"span":     wording.Spaced,
		"pretty":   pretty,
		"stamp":    func(t time.Time) string { return stamp(t, o.Zone) },
		"clock":    func(t time.Time) string { return t.In(o.Zone).Format("15:04:05") },
		"iso":      func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) },
		"ago":      func(now, t time.Time) string { return wording.Ago(now.Sub(t)) },
		"svg":      svgNumber,
		"command":  o.command,
		"name":     breakable,
		"cssClass": cssClass,
		"label":    label,
	}
}
