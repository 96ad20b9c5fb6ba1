package jobfile

import (
	"slices"
	"strings"

	"waybill/engine/source"
)

// checkLiteral refuses an expression where a value is read before any expression could be evaluated.
func (d *document) checkLiteral(n *source.Node, path []string) {
	if !n.Broken && n.Refers() && mustBeLiteral(path) {
		n.Broken = true
		d.Fault("not-constant", n.Range, lastName(path)+" is read before anything runs",
			"An expression or a variable cannot stand here.", "write the value itself")
	}
}

// mustBeLiteral says whether a place is read before any expression could be evaluated.
func mustBeLiteral(path []string) bool {
	if len(path) == 0 {
		return false
	}
	switch path[0] {
	case "version", "name", "env", "inputs", "defaults", "onUncertain", "schedule", "limits", "settle", "offlineFor", "keepText":
		return lastName(path) != "description"
	case "notify":
		return len(path) >= 3 && path[2] == "on"
	case "steps":
	default:
		return false
	}
	switch lastName(path) {
	case "id", "continueOnError":
		return len(path) >= 2 && isStep(path[:len(path)-1])
	case "concurrency", "stopAfter", "as", "encoding", "delimiter", "headerRow", "maxAge", "sheet", "hidden":
		return below(path, "forEach", 1) || below(path, "forEach", 2) // beside the source, or in it
	case "driver", "query", "timeout":
		return below(path, "forEach", 2)
	case "waves", "observe", "failed", "held", "codes":
		return slices.Contains(path, "rollout")
	case "attempts", "delay", "maxDelay":
		return len(path) >= 2 && path[len(path)-2] == "retry"
	}
	return false
}

// below says whether a path ends so many names below this one.
func below(path []string, name string, depth int) bool {
	return len(path) > depth && path[len(path)-1-depth] == name
}

// isStep says whether a path leads to a step: steps and an index, once or more.
func isStep(path []string) bool {
	if len(path) == 0 || len(path)%2 != 0 {
		return false
	}
	for i := 0; i < len(path); i += 2 {
		if path[i] != "steps" {
			return false
		}
	}
	return true
}

// lastName returns the last step of a path that is no index, for messages.
func lastName(path []string) string {
	for _, step := range slices.Backward(path) {
		if strings.Trim(step, "0123456789") != "" {
			return step
		}
	}
	return "the job"
}
