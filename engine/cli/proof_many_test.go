//go:build unix

package cli_test

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine/ledger/postgres/pgtest"
	"waybill/engine/report"
)

// many is a proof whose ledger is in PostgreSQL, so that several processes send from it.
type many struct {
	*proof
	server *pgtest.Server
}

const (
	// shortLease is how long a process may be silent where one is killed or frozen. Those that live may be taken for dead, too, on a machine
	// that is busy.
	shortLease = 2 * time.Second
	// longLease is the product's: where nobody dies, nobody is to be taken for dead.
	longLease = 15 * time.Second
)

func newMany(t *testing.T, s *pgtest.Server, w terms, lease time.Duration) *many {
	t.Helper()
	if w.state == "" {
		w.state = newWorld(t, s)
	}
	m := &many{proof: newProof(t, w), server: s}
	m.env = append(m.env, "WAYBILL_LEASE="+lease.String())
	return m
}

// newWorld is the address of an empty database.
func newWorld(t *testing.T, s *pgtest.Server) string {
	t.Helper()
	name, err := newDatabase(s)
	if err != nil {
		t.Fatal(err)
	}
	return s.URL(name)
}

// counts are those of the last run by the ledger's word.
func (m *many) counts() report.RunLine {
	m.Helper()
	return m.runLine("last")
}

// databaseName is the name of the world's database.
func (m *many) databaseName() string {
	m.Helper()
	u, err := url.Parse(m.state)
	if err != nil {
		m.Fatal(err)
	}
	return strings.TrimPrefix(u.Path, "/")
}

// runLine is a run by the ledger's word.
func (m *many) runLine(id string) report.RunLine {
	m.Helper()
	var run report.RunLine
	if err := json.Unmarshal([]byte(m.look(0, "show", id, "-o", "json")), &run); err != nil {
		m.Fatal(err)
	}
	return run
}

// judged is what the accept log says: nobody twice, and whoever got nothing is in doubt. It returns how many are.
func (m *many) judged() (inDoubt int) {
	m.Helper()
	m.nobodyTwice()
	known := m.deliveries("")
	for n := range m.people {
		d, got := known[phone(n)], len(m.log.of(phone(n)))
		switch {
		case d.State == "inDoubt":
			inDoubt++
		case got == 0:
			m.Errorf("%s got nothing, and the ledger says %q of it", phone(n), d.State)
		case d.MessageID == "":
			m.Errorf("%s got a message, and the ledger has no id of it: %q", phone(n), d.State)
		}
	}
	return inDoubt
}

// runs is how many the ledger has.
func (m *many) runs() int {
	m.Helper()
	var list []report.RunLine
	if err := json.Unmarshal([]byte(m.look(0, "runs", "-o", "json")), &list); err != nil {
		m.Fatal(err)
	}
	return len(list)
}

// TestManyTogether has processes join a run that is under way: it is one run, everybody gets one message, and all end well.
func TestManyTogether(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 600, throughput: 120}, longLease)
	first := m.start(m.apply())
	m.awaitMessages(first, 60)
	others := []*child{m.start(m.apply()), m.start(m.apply())}
	for _, c := range append(others, first) {
		c.want(0)
	}
	if got := m.judged(); got != 0 {
		t.Errorf("%d are in doubt", got)
	}
	run := m.counts()
	if n := m.runs(); n != 1 || run.Status != "succeeded" || run.Counts.Succeeded != m.people || run.Counts.Total != m.people {
		t.Errorf("%d runs; the last %+v", n, run)
	}
	for _, c := range others {
		if c.errs.String() == "" || !strings.Contains(c.out.String()+c.errs.String(), run.Run) {
			t.Errorf("it does not name run %s:\n%s%s", run.Run, &c.out, &c.errs)
		}
	}
	if shown := m.look(0, "show", "last"); strings.Count(shown, "pid") < 3 {
		t.Errorf("show does not tell the processes apart:\n%s", shown)
	}
	m.start(m.apply()).want(0)
	if got, _ := m.log.seen(); got != m.people {
		t.Errorf("%d messages, want %d", got, m.people)
	}
}

// TestWorker has a worker help with a run that another process began, and wait for the next.
func TestWorker(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 400, throughput: 100}, longLease)
	helper := m.start([]string{"worker", m.job})
	half := m.start(append(m.apply(), "--shard", "1/2"))
	if half.want(0); m.counts().Status == "running" && !strings.Contains(half.out.String(), "others work at the run") {
		t.Errorf("it does not say that its rows alone are done:\n%s", &half.out)
	}
	eventually(t, "both shares", func() bool { n, _ := m.log.seen(); return n == m.people }, &helper.errs)
	eventually(t, "the end of the run", func() bool { return m.counts().Status == "succeeded" })
	m.judged()
	if run := m.counts(); len(run.Processes) != 2 {
		t.Errorf("its processes are %+v", run.Processes)
	}
	m.signal(helper, syscall.SIGINT)
	helper.want(0)
}

// TestWorkerHelpsServe has a worker help with an occurrence of a schedule.
func TestWorkerHelpsServe(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 400, throughput: 50}, longLease)
	text, err := os.ReadFile(m.job)
	if err != nil {
		t.Fatal(err)
	}
	m.file(m.job, string(text)+"\nschedule: { cron: \"30 2 * * *\", timezone: Europe/Madrid, sends: new }\nsettle: 1s\n")
	env := secrets()
	for _, line := range m.env {
		name, value, _ := strings.Cut(line, "=")
		env[name] = value
	}
	helper := m.start([]string{"worker", m.job})
	s := startServeAt(t, env, "2026-03-29T01:29:55Z", "--state", m.state, m.job)
	eventually(t, "the end of the occurrence", func() bool { return strings.Contains(s.logs.String(), "run ended") }, &helper.errs)
	eventually(t, "the end of the run", func() bool { return m.counts().Status == "succeeded" }, &helper.errs)
	m.judged()
	run := m.counts()
	if len(run.Processes) != 2 || run.Mode != "serve" {
		t.Errorf("a run of %s with the processes %+v", run.Mode, run.Processes)
	}
	m.signal(helper, syscall.SIGINT)
	helper.want(0)
}

// TestManyWithOthers refuses who comes with other rows, another job or a run that cannot be shared, and says why.
func TestManyWithOthers(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 400, throughput: 50}, longLease)
	first := m.start(m.apply())
	m.awaitMessages(first, 10)
	refused := func(status int, want string, args ...string) {
		t.Helper()
		c := m.start(append(m.apply(), args...))
		if c.want(status); !strings.Contains(c.errs.String(), want) {
			t.Errorf("%s: it does not say %q:\n%s", args, want, &c.errs)
		}
	}
	refused(3, "other flags", "--retry-failed")
	refused(3, "other flags", "--limit", "5")
	people := filepath.Join(filepath.Dir(m.job), "people.csv")
	list, err := os.ReadFile(people)
	if err != nil {
		t.Fatal(err)
	}
	m.file(people, string(list)+"one-more,+34699999999\n")
	refused(3, "made of other rows")
	m.file(people, string(list))
	m.signal(first, syscall.SIGINT)
	first.want(130)
	if run := m.counts(); run.Status != "interrupted" {
		t.Errorf("it is %s", run.Status)
	}
}

// TestManyStopped has stopAfter count over all processes, and end all of them.
func TestManyStopped(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 400, throughput: 60}, longLease)
	job, err := os.ReadFile(m.job)
	if err != nil {
		t.Fatal(err)
	}
	// A quarter of the rows fails; 60 are reached by two together long before either has so many.
	text := strings.Replace(string(job), "csv: people.csv", "stopAfter: 60, csv: people.csv", 1)
	m.file(m.job, strings.Replace(text, `to: "${{ item.phone }}"`, `to: "${{ item.phone endsWith '3' || item.phone endsWith '7' ? 'nobody' : item.phone }}"`, 1))
	crew := []*child{m.start(m.apply()), m.start(m.apply())}
	for _, c := range crew {
		c.want(5)
	}
	run := m.counts()
	if run.Status != "stopped" || !strings.Contains(run.Reason, "stopAfter") || run.Counts.Failed > 90 { // what each knows of the others is a second old
		t.Errorf("it ended as %s (%s) with %d failed", run.Status, run.Reason, run.Counts.Failed)
	}
	// Of parts that changed hands just then, rows that were met before count as not sent.
	if run.Counts.Total != m.people || run.Counts.NotSent == 0 || run.Counts.Failed < 20 {
		t.Errorf("of %d rows it counts %+v", m.people, run.Counts)
	}
	if failed := regexp.MustCompile(`stopAfter: (\d+) of`).FindStringSubmatch(run.Reason); failed == nil || failed[1] < "60" {
		t.Errorf("it stopped for %q", run.Reason)
	}
}

// TestManyStoppedAndResumed has a run be stopped and taken up again while one of its processes stands still: it is not taken up before that one
// heard of the order, which would end it once more.
func TestManyStoppedAndResumed(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 300, throughput: 60}, longLease)
	m.edit("steps:", "settle: 0s\nsteps:")
	frozen, other := m.start(m.apply()), m.start(m.apply())
	m.awaitMessages(frozen, 40)
	m.signal(frozen, syscall.SIGSTOP)
	m.look(0, "stop", "last")
	eventually(t, "the end of the one", func() bool { return m.counts().Status == "stopped" }, &other.errs)
	early := m.start([]string{"resume", "last", "--yes"})
	if early.want(1); !strings.Contains(early.errs.String(), "they end run "+m.counts().Run) {
		t.Errorf("it does not say who ends it:\n%s%s", &early.out, &early.errs)
	}
	later := m.start([]string{"resume", "last", "--yes", "--wait-lock", "1m"})
	m.signal(frozen, syscall.SIGCONT)
	for _, c := range []*child{frozen, other} {
		c.want(5)
	}
	later.want(0)
	if run := m.counts(); m.judged() != 0 || m.runs() != 1 || run.Status != "succeeded" || run.Counts.Succeeded != m.people {
		t.Errorf("of %d runs, the last is %+v", m.runs(), run)
	}
}

// TestManyAllSent has two processes send together, and the ledger know from it that each row has its message: the next apply of the same
// rows begins without counting them.
func TestManyAllSent(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 200, throughput: 400}, longLease)
	for _, c := range []*child{m.start(m.apply()), m.start(m.apply())} {
		c.want(0)
	}
	m.judged()
	db, err := pgx.Connect(t.Context(), m.state)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(context.Background()) }() // nothing is left to do
	var found string
	if err := db.QueryRow(t.Context(), `SELECT digest FROM waybill.unchanged`).Scan(&found); err != nil || !strings.HasSuffix(found, " all") {
		t.Errorf("of its rows the ledger knows %q, %v", found, err)
	}
}

// TestManyByNumbers divides rows whose keys are digits: half of them are numbers of the row's person, which are the same row however they are
// written, and half end as that number does and are none.
func TestManyByNumbers(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 300, throughput: 400}, longLease)
	for _, prefix := range []string{"00", "+"} {
		var list strings.Builder
		list.WriteString("id,phone\n")
		for n := range m.people {
			id, digits := phone(n)[6:], phone(n)
			if n%2 == 0 {
				id = prefix + digits
			}
			list.WriteString(id + ",+" + digits + "\n")
		}
		m.file(filepath.Join(filepath.Dir(m.job), "people.csv"), list.String())
		for _, c := range []*child{m.start(m.apply()), m.start(m.apply())} {
			c.want(0)
		}
		m.judged()
		if run := m.counts(); run.Counts.Total != m.people || run.Counts.Succeeded != m.people {
			t.Errorf("with %s before the digits: %+v", prefix, run.Counts)
		}
	}
	if got, _ := m.log.seen(); got != m.people {
		t.Errorf("%d messages, want %d", got, m.people)
	}
}

// TestTwoJobsOneNumber has two jobs write to the same new people at once, from numbers of which they share one. Whoever of the shared ones
// wrote to a person first goes on.
func TestTwoJobsOneNumber(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 300, throughput: 100, numbers: 3}, longLease)
	ids := m.box.PhoneNumberIDs()
	text, err := os.ReadFile(m.job)
	if err != nil {
		t.Fatal(err)
	}
	var jobs []string
	for name, numbers := range map[string]string{"one": ids[0] + ", " + ids[1], "two": ids[1] + ", " + ids[2]} {
		job := strings.Replace(string(text), "name: proof", "name: "+name, 1)
		file := filepath.Join(filepath.Dir(m.job), name+".yaml")
		m.file(file, strings.Replace(job, "connection: {", "connection: { phoneNumberId: [\""+strings.ReplaceAll(numbers, ", ", "\", \"")+"\"],", 1))
		jobs = append(jobs, file)
	}
	crew := []*child{m.start([]string{"apply", jobs[0], "--yes"}), m.start([]string{"apply", jobs[1], "--yes"})}
	for _, c := range crew {
		c.want(0)
	}
	var runs []report.RunLine
	if err := json.Unmarshal([]byte(m.look(0, "runs", "-o", "json")), &runs); err != nil || len(runs) != 2 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	by := map[string][]report.Delivery{}
	for _, run := range runs {
		var list []report.Delivery
		if err := json.Unmarshal([]byte(m.look(0, "deliveries", run.Run, "-o", "json")), &list); err != nil {
			t.Fatal(err)
		}
		for _, d := range list {
			by[d.Recipient] = append(by[d.Recipient], d)
		}
	}
	shared := 0
	for to, got := range by {
		numbers := []string{got[0].NumberID, got[len(got)-1].NumberID}
		if len(got) != 2 {
			t.Fatalf("%s has %d messages", to, len(got))
		}
		if numbers[0] == numbers[1] {
			shared++
			continue
		}
	}
	// In the order of the ledger: when an intent was made is before it was written, and another may be written in between.
	if m.is(m.database(), `EXISTS (SELECT 1 FROM waybill.delivery a JOIN waybill.delivery b USING (recipient) JOIN waybill.business_number n ON n.seq = a.business
		WHERE a.id < b.id AND a.business <> b.business AND n.id = '`+ids[1]+`')`) {
		t.Error("somebody was written to by the number that both have first, and then by another")
	}
	if shared < 90 { // a quarter by chance: both draw the one that they share
		t.Errorf("%d of %d people have one number", shared, m.people)
	}
}

// TestServeTwice has two copies of serve fire the same occurrence on one ledger: it has one run.
func TestServeTwice(t *testing.T) {
	t.Parallel()
	state := newWorld(t, sharedServer(t))
	job := writeFile(t, filepath.Join(t.TempDir(), "reminders.yaml"), scheduled)
	env := map[string]string{"WAYBILL_LEASE": "2s"}
	copies := []*serving{
		startServeAt(t, env, "2026-03-29T01:29:50Z", "--sandbox", "--state", state, job), // both are there when the hour comes
		startServeAt(t, env, "2026-03-29T01:29:50Z", "--sandbox", "--state", state, job),
	}
	eventually(t, "the end of the occurrence", func() bool {
		return strings.Contains(copies[0].logs.String()+copies[1].logs.String(), "run ended")
	})
	if runs := runsOf(t, state); len(runs) != 1 || runs[0].Status != "succeeded" {
		t.Errorf("the occurrence has the runs %+v", runs)
	}
}
