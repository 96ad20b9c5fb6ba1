package runner_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/whatsapp/sandbox"
)

// TestNearValues: a condition that most cells pass by their spelling alone is told, by plan and by the run.
func TestNearValues(t *testing.T) {
	const head = "version: 1\nname: near\nsteps:\n  - id: people\n"
	for name, test := range map[string]struct {
		job  string
		want string // what the warning says; empty: none
	}{
		"where": {
			"    forEach: { csv: list.csv, key: \"${{ item.id }}\", where: '${{ item.left != \"si\" }}' }\n    sendText: { to: \"${{ item.phone }}\", body: Hi }\n",
			`2 rows have Sí, SI in item.left (rows 3, 4), which is not the same as "si"`,
		},
		"if": {
			"    forEach: { csv: list.csv, key: \"${{ item.id }}\" }\n    steps:\n      - if: ${{ item.left not in [\"no\", \"si\"] }}\n        sendText: { to: \"${{ item.phone }}\", body: Hi }\n",
			`2 rows have Sí, SI in item.left (rows 3, 4), which is not the same as "si"`,
		},
		"in one spelling": {
			"    forEach: { csv: list.csv, key: \"${{ item.id }}\", where: '${{ lower(item.left) != \"si\" }}' }\n    sendText: { to: \"${{ item.phone }}\", body: Hi }\n", "",
		},
		"all named": {
			"    forEach: { csv: list.csv, key: \"${{ item.id }}\", where: '${{ not (item.left in [\"si\", \"Sí\", \"SI\"]) }}' }\n    sendText: { to: \"${{ item.phone }}\", body: Hi }\n", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := build(t, sandbox.Options{})
				h.file("list.csv", "id,phone,left\n1,+34600000001,si\n2,+34600000002,Sí\n3,+34600000003,SI\n4,+34600000004,no\n5,+34600000005,\n")
				plan, err := h.engine().Plan(t.Context(), h.request(h.load(head+test.job), engine.ModeApply))
				if err != nil {
					t.Fatal(err)
				}
				ran := h.do(head+test.job, engine.ModeApply)
				for _, warnings := range []string{joined(plan.Warnings), joined(ran.Warnings)} {
					if test.want == "" && strings.Contains(warnings, "near-value") || !strings.Contains(warnings, test.want) {
						t.Errorf("got %s\nwant %s", warnings, test.want)
					}
				}
			})
		})
	}
}

// joined are findings as text.
func joined(list diag.List) string {
	var lines []string
	for _, d := range list {
		lines = append(lines, d.String())
	}
	return strings.Join(lines, "\n")
}
