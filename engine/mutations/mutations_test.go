package main

import "testing"

// TestMutationsFit: each change has its place in today's tree. That it is red, the command finds out.
func TestMutationsFit(t *testing.T) {
	t.Chdir("../..")
	names := map[string]bool{}
	for _, m := range all() {
		if names[m.name] {
			t.Errorf("there are two of the name %s", m.name)
		}
		names[m.name] = true
		if _, err := m.mutated(); err != nil {
			t.Errorf("%s no longer fits: %v", m.name, err)
		}
	}
}
