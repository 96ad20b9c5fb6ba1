package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"waybill/engine/report"
)

// build is what the program knows of itself.
type build struct {
	Version  string `json:"version"` // of the module, "devel" when it was built from a working copy
	Revision string `json:"revision"`
	Date     string `json:"date"`     // of that revision: 2026-11-27; empty where it is not known
	Modified bool   `json:"modified"` // the working copy had changes
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func version() build {
	b := build{Version: "devel", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	known, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := known.Main.Version; v != "" && v != "(devel)" {
		b.Version = v
	}
	for _, setting := range known.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.Revision = setting.Value
		case "vcs.time":
			b.Date, _, _ = strings.Cut(setting.Value, "T")
		case "vcs.modified":
			b.Modified = setting.Value == "true"
		}
	}
	return b
}

func (a *app) versionCommand() *cobra.Command {
	format := ""
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the program's version",
		Args:  exactly(),
	}
	bindFormat(c, &format, "text", "json")
	c.RunE = func(*cobra.Command, []string) error { return a.printVersion(format) }
	return c
}

func (a *app) printVersion(format string) error {
	b := version()
	if format == "json" {
		return report.WriteJSON(a.out, b)
	}
	_, err := fmt.Fprintf(a.out, "waybill %s (%s, %s)\n", b.Version, b.Go, b.Platform)
	return err
}
