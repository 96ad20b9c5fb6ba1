package cli

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"waybill/engine/diag"
)

// badFlagValue is how the flag library refuses a value; the reason behind it is Go's.
var badFlagValue = regexp.MustCompile(`^invalid argument "((?s:.*))" for "(?:-\w, )?(--[\w-]+)" flag: `)

// flagError says what is wrong with a flag, and names the nearest one for one that is not known.
func flagError(c *cobra.Command, err error) error {
	text := err.Error()
	hint := fmt.Sprintf("%s --help lists its flags", c.CommandPath())
	if m := badFlagValue.FindStringSubmatch(text); m != nil {
		return usageError(fmt.Sprintf("%s takes %s, not %q", m[2], kindOf(c, m[2]), m[1]), hint)
	}
	if name, found := strings.CutPrefix(text, "flag needs an argument: "); found {
		if letter, _, short := strings.Cut(name, " in "); short {
			name = "-" + strings.Trim(letter, "'")
		}
		return usageError(name+" needs a value", hint)
	}
	if letter, found := strings.CutPrefix(text, "unknown shorthand flag: "); found {
		letter, _, _ = strings.Cut(letter, " in ")
		return usageError("unknown flag -"+strings.Trim(letter, "'"), hint)
	}
	name, found := strings.CutPrefix(text, "unknown flag: --")
	if !found {
		return usageError(text, hint)
	}
	var known []string
	c.Flags().VisitAll(func(f *flag) { known = append(known, f.Name) })
	c.InheritedFlags().VisitAll(func(f *flag) { known = append(known, f.Name) })
	if near := diag.Suggest(name, known); near != "" {
		hint = fmt.Sprintf("did you mean --%s?", near)
	}
	return usageError(fmt.Sprintf("unknown flag --%s", name), hint)
}

// kindOf says what a flag takes.
func kindOf(c *cobra.Command, name string) string {
	if f := c.Flags().Lookup(strings.TrimLeft(name, "-")); f != nil {
		switch f.Value.Type() {
		case "int", "int64", "uint":
			return "a whole number"
		case "bool":
			return "true or false"
		case "duration":
			return "a time such as 30s or 10m"
		case "float64":
			return "a number"
		}
	}
	return "something else"
}
