package jobfile_test

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/secret"
)

func TestKeysThatDecideHowARunGoesOn(t *testing.T) {
	text := `version: 1
name: a
settle: 45s
offlineFor: 90000
keepText: 30d
schedule: { cron: "0 9 * * *", sends: everyone }
notify:
  - { on: [stopped, failed, stopped], to: "https://hooks.example/T000/secret-part" }
  - { on: [silent], to: "slack://${{ job.name }}@ops" }
steps:
  - id: people
    forEach:
      csv: appointments.csv
      key: ${{ item.id }}
      maxAge: 20h
      rollout: { waves: [25, 12.5%, 100%], observe: 5m, stopIf: { failed: 5%, held: 1, codes: [131048, 132015] } }
    sendText: { to: "${{ item.phone }}", body: x, expires: "${{ item.date }}" }
  - sendText: { to: "1234567", body: x, expires: 2026-03-25T18:00:00+01:00 }
  - forEach: { items: ["1234567"], rollout: { waves: [100%] } }
    sendText: { to: "${{ item }}", body: x, expires: 90m }
`
	loader, redactor := fakeLoader(), secret.NewRedactor()
	loader.Redactor = redactor
	job := mustLoad(t, loader, "job.yaml", folder(t), text)[0]
	if job.Settle == nil || *job.Settle != 45*time.Second || job.OfflineFor != 90*time.Second || job.KeepText != 30*24*time.Hour || job.Schedule.Sends != engine.SendsEveryone {
		t.Errorf("got %v, %v, %q", job.Settle, job.OfflineFor, job.Schedule.Sends)
	}
	e := job.Steps[0].ForEach
	want := engine.Rollout{
		Waves: []engine.Wave{{Count: 25}, {Share: 0.125}, {Share: 1}}, Observe: 5 * time.Minute, Range: e.Rollout.Range,
		StopIf: engine.StopIf{Failed: engine.Threshold{Share: 0.05}, Held: engine.Threshold{Count: 1}, Codes: []int{131048, 132015}},
	}
	if e.MaxAge != 20*time.Hour || !reflect.DeepEqual(*e.Rollout, want) {
		t.Errorf("got %v, %+v", e.MaxAge, *e.Rollout)
	}
	if other := job.Steps[2].ForEach.Rollout; other.Observe != engine.DefaultObserve {
		t.Errorf("observe is %v where the file says nothing", other.Observe)
	}
	for i, literal := range []any{nil, "2026-03-25T18:00:00+01:00", "90m"} {
		s := job.Steps[i]
		if value, _ := s.Expires.Constant(); value != literal || s.Params.Field("expires") != nil || s.Params.Field("to") == nil {
			t.Errorf("%s expires %v; its parameters are %v", s.Path, value, s.Params.Fields())
		}
	}
	if got := job.Notify; len(got) != 2 || strings.Join(got[0].On, " ") != "failed stopped" || got[1].To == nil {
		t.Errorf("got %+v", got)
	}
	if shown := redactor.Redact("x https://hooks.example/T000/secret-part x"); strings.Contains(shown, "secret-part") {
		t.Errorf("an address is shown: %s", shown)
	}
}

func TestWhatAJobHasWhereItSaysNothing(t *testing.T) {
	job := mustLoad(t, fakeLoader(), "job.yaml", "job.yaml", one("- sendText: { to: '1234567', body: x }"))[0]
	if job.Settle != nil || job.OfflineFor != engine.DefaultOfflineFor || job.KeepText != engine.DefaultKeepText || job.Notify != nil || job.Steps[0].Expires != nil {
		t.Errorf("got %v, %v, %v, %v", job.Settle, job.OfflineFor, job.Notify, job.Steps[0].Expires)
	}
	zero := strings.Replace(one("- sendText: { to: '1234567', body: x }"), "steps:", "settle: 0s\nsteps:", 1)
	if job := mustLoad(t, fakeLoader(), "job.yaml", "job.yaml", zero)[0]; job.Settle == nil || *job.Settle != 0 {
		t.Errorf("settle: 0s is %v", job.Settle)
	}
}

// A schedule of each operation: those that send need to say to whom.
func TestOnlySendsNeedToSayToWhomAScheduleSends(t *testing.T) {
	for _, operation := range []string{
		`sendText: { to: "1234567", body: x }`, `sendTemplate: { to: "1234567", templateName: a, languageCode: es }`,
		`sendMedia: { to: "1234567", mediaId: "1", mediaType: image }`,
		`getMessages: {}`, `getStatus: { messageId: x }`, `listConversations: { startDate: "2026-03-01", endDate: "2026-03-31" }`,
	} {
		text := strings.Replace(one("- "+operation), "steps:", "schedule: { cron: \"0 9 * * *\" }\nsteps:", 1)
		loader := fakeLoader()
		src := &diag.Source{Name: "job.yaml", Text: []byte(text)}
		jobs, found := loader.Load(src, filepath.Join(t.TempDir(), "job.yaml"))
		sound(t, src, jobs, found)
		refused := len(found) == 1 && found[0].Code == "schedule-sends"
		if sends := strings.HasPrefix(operation, "send"); refused != sends || !sends && len(found) > 0 {
			t.Errorf("%s: got\n%s", operation, rendered(found))
		}
	}
}
