package jobfile_test

import (
	"strings"
	"testing"

	"waybill/engine"
	"waybill/engine/diag"
)

// withCountry is a job whose rows have the columns of appointments.csv.
func withCountry(country string) string {
	return "version: 1\nname: a\nrecipients: { country: " + country + " }\n" + `steps:
  - forEach: { csv: appointments.csv, key: "${{ item.id }}" }
    steps:
      - sendText: { to: "${{ item.phone }}", body: x }
      - sendText: { to: "${{ item.phone }}", body: y }
  - sendText: { to: "+34612345678", body: x }
`
}

func TestCountryOfRecipients(t *testing.T) {
	for _, country := range []string{"ES", "international", `"${{ item.name }}"`, `"${{ item.name ?? 'ES' }}"`} {
		job := mustLoad(t, fakeLoader(), "job.yaml", folder(t), withCountry(country))[0]
		if job.Recipients.Country == nil || job.Recipients.Range.IsZero() {
			t.Errorf("%s: got %+v", country, job.Recipients)
		}
	}
	if job := mustLoad(t, fakeLoader(), "job.yaml", "job.yaml", one("- sendText: { to: '+34612345678', body: x }"))[0]; job.Recipients.Country != nil {
		t.Errorf("a job that says nothing has %+v", job.Recipients)
	}
}

// A column that is not there is found once, though two steps read it.
func TestCountryNamesAColumn(t *testing.T) {
	src := &diag.Source{Name: "job.yaml", Text: []byte(withCountry(`"${{ item.nmae }}"`))}
	_, found := fakeLoader().Load(src, folder(t))
	if len(found) != 1 || found[0].Code != "unknown-name" || !strings.Contains(found[0].Hint, "name") || found[0].Range.Start.Line != 3 {
		t.Errorf("got\n%s", rendered(found))
	}
}

// What is made of a row of a file is read as rows are, however it gets into an expression; a list in the job is the job's own text.
func TestWhichParametersAreOfRows(t *testing.T) {
	job := mustLoad(t, fakeLoader(), "job.yaml", folder(t), `version: 1
name: a
vars: { boss: "+34612345678" }
steps:
  - forEach: { csv: appointments.csv, key: "${{ item.id }}" }
    steps:
      - sendText: { to: "${{ item.phone }}", body: x }
      - sendText: { to: "${{ vars.boss }}", body: "${{ item.name }}" }
      - forEach: { items: "${{ split(item.phone, ';') }}", as: one, key: "${{ one }}" }
        sendText: { to: "${{ one }}", body: x }
      - forEach: { items: ["+34612345678"], key: "${{ item }}" }
        sendText: { to: "${{ item }}", body: x }
  - forEach: { items: ["+34612345678"], key: "${{ item }}" }
    sendText: { to: "${{ item }}", body: x }
  - sendText: { to: "${{ vars.boss }}", body: x }
`)[0]
	inner := job.Steps[0].Steps
	for i, s := range []*engine.Step{inner[0], inner[1], inner[2], inner[3], job.Steps[1], job.Steps[2]} {
		want := []string{"to", "body", "to", "", "", ""}[i]
		if got := strings.Join(s.FromRows, " "); got != want {
			t.Errorf("%s: of rows are %q, want %q", s.Path, got, want)
		}
	}
}
