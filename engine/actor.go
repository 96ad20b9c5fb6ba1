package engine

import "strings"

// Actor is who did something, as far as the environment tells.
type Actor struct {
	User   string `json:"user,omitempty"`   // of the operating system
	Host   string `json:"host,omitempty"`   // the machine's name
	CI     string `json:"ci,omitempty"`     // link to the job that ran it
	Commit string `json:"commit,omitempty"` // of the Git work tree that the job file is in
}

// String is a person, or a job of CI, in one line: "eva@clinic-1, commit 4f2a".
func (a Actor) String() string {
	var parts []string
	if a.User+a.Host != "" {
		parts = append(parts, strings.Trim(a.User+"@"+a.Host, "@"))
	}
	if a.CI != "" {
		parts = append(parts, a.CI)
	}
	if a.Commit != "" {
		parts = append(parts, "commit "+a.Commit)
	}
	return strings.Join(parts, ", ")
}

// Name names a person in a sentence: "eva on clinic-1".
func (a Actor) Name() string {
	switch {
	case a.User == "" && a.Host == "":
		return "a person's order"
	case a.Host == "":
		return a.User
	}
	return a.User + " on " + a.Host
}
