package cli

import (
	"cmp"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"

	"waybill/engine"
)

// actor is who uses the program, as far as the environment tells. dir is a folder of the job, for its Git commit; empty: none.
func (a *app) actor(dir string) engine.Actor {
	var by engine.Actor
	if u, err := user.Current(); err == nil {
		by.User = u.Username
	}
	by.User = cmp.Or(a.variable("WAYBILL_USER"), by.User)
	if host, err := os.Hostname(); err == nil {
		by.Host = host
	}
	by.CI = a.ciLink()
	by.Commit = cmp.Or(a.variable("GITHUB_SHA"), a.variable("CI_COMMIT_SHA"), headCommit(dir))
	return by
}

// ciLink is the address of the CI job that this process runs in: of GitHub Actions, GitLab CI, or what BUILD_URL says (Jenkins).
func (a *app) ciLink() string {
	if server, id := a.variable("GITHUB_SERVER_URL"), a.variable("GITHUB_RUN_ID"); server != "" && id != "" {
		return server + "/" + a.variable("GITHUB_REPOSITORY") + "/actions/runs/" + id
	}
	return cmp.Or(a.variable("CI_JOB_URL"), a.variable("BUILD_URL"))
}

// headCommit is the commit that a folder's work tree is at, read from its files; empty where there is none.
func headCommit(dir string) string {
	if dir == "" || engine.WorkTree(dir) == "" {
		return ""
	}
	git, err := exec.LookPath("git")
	if err != nil {
		return ""
	}
	out, err := exec.Command(git, "-C", filepath.Clean(dir), "rev-parse", "--verify", "-q", "HEAD").Output() //nolint:gosec,noctx // git, asked one question of the job's own folder
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// tracked says which files of a folder Git tracks; nil where there is no work tree.
func tracked(dir string) func(path string) bool {
	if engine.WorkTree(dir) == "" {
		return nil
	}
	return func(path string) bool {
		git, err := exec.LookPath("git")
		if err != nil {
			return false
		}
		return exec.Command(git, "-C", dir, "ls-files", "--error-unmatch", "--", path).Run() == nil //nolint:gosec,noctx // git, asked of one file
	}
}
