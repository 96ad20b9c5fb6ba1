// Package deploy holds what runs a playbook elsewhere: on a CI runner, on a server, in a cluster. `waybill init --with` writes it, and the
// packages of a release bring the units of systemd.
//
// It must not know anything but files. Start reading at Platforms; the files themselves say what they do and why.
package deploy

import (
	"bytes"
	"embed"
	"fmt"
	"path"
	"strings"
	"text/template"
)

//go:embed github gitlab systemd kubernetes compose prometheus
var sources embed.FS

// Platform is a place where playbooks run, or something that watches them.
type Platform struct {
	Name  string // as --with has it
	About string // a few words, for people
	Begin string // what begins the ledger there, once: one command line; empty where there is none to begin
	files []entry
}

// entry is a file of a platform: where its text is here, and where it goes.
type entry struct{ source, target string }

// Use says for what the files are written. All fields are required.
type Use struct {
	Playbook   string // file name of the playbook, which lies in the folder that is written into
	Repository string // OWNER/NAME on GitHub, whose releases and image are taken
	Version    string // of the release: v1.2.3
}

// File is a file to write.
type File struct {
	Name string // with slashes, below the folder
	Text []byte
}

// Platforms lists all, in the order in which people are told of them.
func Platforms() []Platform {
	return []Platform{
		{
			Name: "github", About: "a workflow of GitHub Actions", Begin: "WAYBILL_STATE=postgres://… waybill ledger new",
			files: []entry{{"github/waybill.yml", ".github/workflows/waybill.yml"}},
		},
		{
			Name: "gitlab", About: "a pipeline of GitLab", Begin: "WAYBILL_STATE=postgres://… waybill ledger new",
			files: []entry{{"gitlab/gitlab-ci.yml", ".gitlab-ci.yml"}},
		},
		{
			Name: "systemd", About: "units for a server", Begin: "sudo systemctl start waybill-ledger-new",
			files: below("systemd", "waybill.sysusers", "waybill.env", "waybill-ledger-new.service", "waybill-serve.service", "waybill-apply@.service", "waybill-apply@.timer"),
		},
		{
			Name: "kubernetes", About: "manifests for a cluster", Begin: "kubectl apply -f deploy/kubernetes/ledger-new.yaml",
			files: below("kubernetes", "secret.yaml", "storage.yaml", "ledger-new.yaml", "apply.yaml", "cronjob.yaml", "serve.yaml", "worker.yaml"),
		},
		{
			Name: "compose", About: "containers on one machine, with PostgreSQL", Begin: "docker compose --profile once run --rm ledger-new",
			files: []entry{{"compose/compose.yaml", "compose.yaml"}, {"compose/env.example", "compose.env.example"}},
		},
		{
			Name: "prometheus", About: "alert rules, and a dashboard for Grafana",
			files: below("prometheus", "scrape.yaml", "waybill.rules.yaml", "grafana.json"),
		},
	}
}

// below are files of a platform that go into a folder of its name.
func below(platform string, names ...string) []entry {
	var files []entry
	for _, name := range names {
		files = append(files, entry{path.Join(platform, name), path.Join("deploy", platform, name)})
	}
	return files
}

// Names are the platforms' names.
func Names() []string {
	var names []string
	for _, p := range Platforms() {
		names = append(names, p.Name)
	}
	return names
}

// Files are those of the platform, for a use.
func (p Platform) Files(u Use) ([]File, error) {
	values := struct{ Playbook, Job, Repository, Image, Version string }{
		Playbook: u.Playbook, Job: strings.TrimSuffix(u.Playbook, path.Ext(u.Playbook)), Repository: u.Repository,
		Image: "ghcr.io/" + strings.ToLower(u.Repository) + ":" + u.Version, Version: u.Version,
	}
	var files []File
	for _, f := range p.files {
		text, err := sources.ReadFile(f.source)
		if err != nil {
			return nil, fmt.Errorf("files of %s: %w", p.Name, err)
		}
		// The delimiters of text/template stand in these files themselves: of workflows, alerts and dashboards.
		parsed, err := template.New(f.source).Delims("[[", "]]").Option("missingkey=error").Parse(string(text))
		if err != nil {
			return nil, fmt.Errorf("files of %s: %w", p.Name, err)
		}
		var b bytes.Buffer
		if err := parsed.Execute(&b, values); err != nil {
			return nil, fmt.Errorf("files of %s: %w", p.Name, err)
		}
		files = append(files, File{Name: f.target, Text: b.Bytes()})
	}
	return files, nil
}
