package jobfile_test

import (
	"strings"
	"testing"

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
