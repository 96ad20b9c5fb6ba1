package cli_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/rogpeppe/go-internal/testscript"

	"waybill/engine/audience"
	"waybill/engine/cli"
	"waybill/engine/ledger"
	"waybill/steps"
	"waybill/whatsapp/sandbox"
	"waybill/whatsapp/webhook"
)

var update = flag.Bool("update", false, "rewrite the expected outputs in testdata/script")

func TestMain(m *testing.M) {
	// Most tests wait for other processes most of the time; -parallel N says otherwise.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	testscript.Main(outsideCI{m}, map[string]func(){"waybill": func() {
		ctx, atOnce := cli.Interrupts(cli.Signals())
		os.Exit(cli.Main(ctx, os.Args[1:], cli.Env{
			Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, LookupEnv: os.LookupEnv, Now: wrongClock(os.Getenv(clockFile)), AtOnce: atOnce,
		}))
	}})
}

// outsideCI runs the tests, not the program as one of them runs it: tests say themselves whether they are in CI.
type outsideCI struct{ tests *testing.M }

func (o outsideCI) Run() int {
	if err := os.Unsetenv("CI"); err != nil {
		panic(err)
	}
	code := o.tests.Run()
	if err := stopServer(); err != nil {
		fmt.Fprintln(os.Stderr, "stop the server:", err)
		return 1
	}
	return code
}

// goRace has a child with the race detector end at the first race, and soon: unless told otherwise each of them sleeps
// for a second on its way out.
const goRace = "halt_on_error=1 atexit_sleep_ms=20"

// TestScript runs testdata/script: the program as its users know it. Beside testscript's own commands there are
//
//	sandbox [NUMBERS]          serves an emulator, of a business with one number or more; jobs reach it by $<WHATSAPP_BASE_URL>, and it is at SANDBOX
//	receiver LEDGER            records the emulator's webhooks in LEDGER, as `waybill serve` will
//	faults JSON                makes the emulator fail
//	inbound FROM TEXT          somebody writes to it
//	accepted N [RECIPIENT]     it took N messages (to RECIPIENT)
//	awaits N                   waits until it took N messages
//	exits STATUS COMMAND…      the command ends with that status
//	signed URL FILE            posts the webhook of FILE, signed; NOW, NOW-60 and NOW+60 in it are moments, in seconds
//	lever NAME JSON            POST /__sandbox/NAME, which has to be taken
//	scrub stdout|stderr FILE   writes the last output to FILE, with ids and times made the same every day
//	capture NAME REGEXP        sets NAME to what the group of REGEXP matches in the last output
//	until STATUS COMMAND…      repeats the command until it ends so, for some seconds
//	interrupt                  sends Ctrl-C to the commands in the background
//	freeport                   sets ADDR to an address that is free, and what points a job at a sandbox there
//	freewebhook                sets SERVE to an address that is free, and has the emulator report there
//	postgres                   sets DATABASE to the address of an empty one in PostgreSQL; [postgres] says whether it is installed
//	moved ADDRESS              the ledger in that database was written in another
//	database FILE SQL          does the statements of the file SQL in the SQLite database FILE
//	fileserver DIR             serves the files of DIR, and sets FILES to its host and port; one below undated/ without Last-Modified
//	workbook FILE SHEET…       makes a workbook of sheets that are written as text, see makeWorkbook
//	noon FILE                  puts a time zone in which it is about noon in the place of NOON in FILE: no script is near midnight by it
//	crlf NAME                  puts a carriage return behind the variable NAME
//	fetch URL                  prints what a GET of it answers, as soon as somebody does
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join(root(t), "testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("GORACE", goRace)
			e.Setenv("JOBS", filepath.Join(root(t), "jobs"))
			e.Values["bench"] = &bench{}
			return nil
		},
		Condition: func(name string) (bool, error) { return name == "postgres" && hasPostgres(), nil },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sandbox": startSandbox, "receiver": startReceiver, "faults": addFault, "inbound": receive, "lever": pullLever, "signed": postSigned,
			"accepted": checkAccepted, "awaits": awaitAccepted, "exits": checkExit, "scrub": scrub, "until": until, "interrupt": interrupt,
			"freeport": freePort, "freewebhook": freeWebhook, "fetch": fetch, "capture": capture, "workbook": makeWorkbook, "database": makeDatabase, "fileserver": serveFiles, "crlf": carriageReturn,
			"noon": atNoon, "zone": makeZone,
			"postgres": newPostgres, "moved": moveDatabase, "setting": setDatabase, "rows": findRows, "bytes": findBytes, "alter": alter,
		},
	})
}

func atNoon(ts *testscript.TestScript, _ bool, args []string) {
	zone := fmt.Sprintf("Etc/GMT%+d", time.Now().UTC().Hour()-12) // the sign of these names is that of the hours to UTC
	text := strings.ReplaceAll(ts.ReadFile(args[0]), "NOON", zone)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// bench is what a script works on.
type bench struct{ box *sandbox.Server }

// makeZone writes a time zone that is so many hours east of UTC all year, to be found in the folder that ZONEINFO names.
func makeZone(ts *testscript.TestScript, _ bool, args []string) {
	hours, err := strconv.Atoi(args[2])
	ts.Check(err)
	text := make([]byte, 44) // RFC 9636, 3.1: no transitions, one type, and four letters
	copy(text, "TZif")
	text[39], text[43] = 1, 4
	text = binary.BigEndian.AppendUint32(text, uint32(int32(hours*60*60)))
	text = append(text, 0, 0, 'A', 'B', 'C', 0)
	path := filepath.Join(ts.MkAbs(args[0]), args[1])
	ts.Check(errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, text, 0o600)))
}

func benchOf(ts *testscript.TestScript) *bench { return ts.Value("bench").(*bench) }

func startSandbox(ts *testscript.TestScript, _ bool, args []string) {
	numbers := 1
	if len(args) > 0 {
		var err error
		numbers, err = strconv.Atoi(args[0])
		ts.Check(err)
	}
	box := sandbox.New(sandbox.Options{Now: time.Now, Speed: 20, OpenWindow: true, SampleAnalytics: true, NoPairLimit: true, Numbers: numbers})
	server := httptest.NewServer(box)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = box.Run(ctx) }()
	ts.Defer(func() { stop(); <-done; server.Close() })
	benchOf(ts).box = box
	pointAt(ts, server.URL)
}

// pointAt sets the variables that the scripts' jobs are written with.
func pointAt(ts *testscript.TestScript, url string) {
	ts.Setenv("WHATSAPP_BASE_URL", url+"/"+sandbox.DefaultVersion)
	ts.Setenv("SANDBOX", url)
	ts.Setenv("WHATSAPP_TOKEN", sandbox.DefaultToken)
	ts.Setenv("WHATSAPP_PHONE_NUMBER_ID", sandbox.DefaultPhoneNumberID)
	ts.Setenv("WHATSAPP_WABA_ID", sandbox.DefaultWABAID)
}

func startReceiver(ts *testscript.TestScript, _ bool, args []string) {
	l, err := ledger.Open(ts.MkAbs(args[0]), ledger.Options{Now: time.Now})
	ts.Check(err)
	server := httptest.NewServer(&webhook.Handler{
		Secrets: []string{sandbox.DefaultAppSecret}, VerifyToken: sandbox.DefaultVerifyToken,
		Receive: func(ctx context.Context, raw []byte, ev webhook.Event) error {
			return l.Record(ctx, steps.Receive(ev, raw, time.Now(), audience.NewWords()))
		},
	})
	ts.Defer(func() { server.Close(); _ = l.Close() })
	benchOf(ts).box.SetWebhook(server.URL)
}

func addFault(ts *testscript.TestScript, _ bool, args []string) {
	var f sandbox.Fault
	ts.Check(json.Unmarshal([]byte(strings.Join(args, " ")), &f))
	_, err := benchOf(ts).box.AddFault(f)
	ts.Check(err)
}

func pullLever(ts *testscript.TestScript, _ bool, args []string) {
	request := httptest.NewRequest(http.MethodPost, "/__sandbox/"+args[0], strings.NewReader(strings.Join(args[1:], " ")))
	answer := httptest.NewRecorder()
	benchOf(ts).box.ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		ts.Fatalf("lever %s: %s", args[0], answer.Body)
	}
}

func postSigned(ts *testscript.TestScript, _ bool, args []string) {
	moments := regexp.MustCompile(`NOW([+-][0-9]+)?`)
	body := moments.ReplaceAllStringFunc(ts.ReadFile(args[1]), func(moment string) string {
		after, _ := strconv.Atoi(strings.TrimPrefix(moment, "NOW")) // 0 where it says none
		return strconv.FormatInt(time.Now().Unix()+int64(after), 10)
	})
	var answer *http.Response
	var err error
	answered := met(func() bool {
		request := httptest.NewRequest(http.MethodPost, args[0], strings.NewReader(body))
		request.RequestURI = ""
		request.Header.Set(webhook.SignatureHeader, webhook.Sign(sandbox.DefaultAppSecret, []byte(body)))
		answer, err = http.DefaultClient.Do(request)
		return err == nil
	})
	if !answered {
		ts.Fatalf("%v", err)
	}
	ts.Check(answer.Body.Close())
	if answer.StatusCode != http.StatusOK {
		ts.Fatalf("the webhook was answered with %s", answer.Status)
	}
}

func receive(ts *testscript.TestScript, _ bool, args []string) {
	_, err := benchOf(ts).box.Receive(sandbox.Inbound{From: args[0], Text: args[1]})
	ts.Check(err)
}

func checkAccepted(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	to := ""
	if len(args) > 1 {
		to = args[1]
	}
	if got := len(benchOf(ts).box.Messages(to)); got != want {
		ts.Fatalf("the sandbox took %d messages, want %d", got, want)
	}
}

func awaitAccepted(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if !met(func() bool { return len(benchOf(ts).box.Messages("")) >= want }) {
		ts.Fatalf("the sandbox never took %d messages", want)
	}
}

func exitStatus(ts *testscript.TestScript, args []string) int {
	err := ts.Exec(args[0], args[1:]...)
	var ended *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &ended):
		return ended.ExitCode()
	}
	ts.Fatalf("%v", err)
	return -1
}

func checkExit(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := exitStatus(ts, args[1:]); got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func until(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if !met(func() bool { return exitStatus(ts, args[1:]) == want }) {
		ts.Fatalf("it never ended with status %d", want)
	}
}

func interrupt(ts *testscript.TestScript, _ bool, _ []string) {
	for _, c := range ts.BackgroundCmds() {
		ts.Check(c.Process.Signal(os.Interrupt))
	}
}

func freePort(ts *testscript.TestScript, _ bool, _ []string) {
	address := freeAddress(ts)
	ts.Setenv("ADDR", address)
	pointAt(ts, "http://"+address)
}

func freeWebhook(ts *testscript.TestScript, _ bool, _ []string) {
	address := freeAddress(ts)
	ts.Setenv("SERVE", address)
	benchOf(ts).box.SetWebhook("http://" + address + "/webhooks")
}

func freeAddress(ts *testscript.TestScript) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Check(l.Close())
	return l.Addr().String()
}

func fetch(ts *testscript.TestScript, _ bool, args []string) {
	var err error
	answered := met(func() bool {
		answer, failed := http.Get(args[0])
		if err = failed; err != nil {
			return false
		}
		_, err = io.Copy(ts.Stdout(), answer.Body)
		_ = answer.Body.Close()
		return true
	})
	if !answered || err != nil {
		ts.Fatalf("%v", err)
	}
}

// scrub makes of an output one that is the same every day.
func scrub(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	for _, r := range []struct{ pattern, with string }{
		{`\d{8}-\d{6}-[0-9a-f]{6}`, "RUN"},
		{`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`, "TIME"},
		{`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`, "TIME"},
		{`wamid\.[A-Za-z0-9+/=_-]+`, "WAMID"},
		{`trace [A-Za-z0-9_-]+|A[A-Za-z0-9_-]{22}\b`, "TRACE"},
		{`\b\d+\.\d+s\b`, "SPAN"},
		{`(?m)^( +\d+) read$`, "${1} delivered"}, // the sandbox's people read when they like
		{`("read": ?)\d+`, "${1}0"},
		{`("event":"delivery".*"state":)"(sent|delivered|read)"`, `${1}"accepted"`}, // they may be told of it before its sender is
		{`stopped by \S+ on \S+`, "stopped by WHO"},
		{`(?m)^by  .*$`, "by        WHO"},
		{regexp.QuoteMeta(ts.Getenv("WORK")), "WORK"},
		{regexp.QuoteMeta(ts.Getenv("JOBS")), "JOBS"},
	} {
		text = regexp.MustCompile(r.pattern).ReplaceAllString(text, r.with)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

func carriageReturn(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], ts.Getenv(args[0])+"\r")
}

// capture keeps a part of the last output for later commands.
func capture(ts *testscript.TestScript, _ bool, args []string) {
	found := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) != 2 {
		ts.Fatalf("%s matches nothing, or has no group", args[1])
	}
	ts.Setenv(args[0], found[1])
}

// root is the folder of the module.
func root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			tb.Fatal("there is no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

// call runs a command line inside the test.
func call(tb testing.TB, env map[string]string, args ...string) (status int, stdout, stderr string) {
	tb.Helper()
	var out, errs bytes.Buffer
	status = cli.Main(tb.Context(), args, cli.Env{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Now: time.Now,
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
	})
	return status, out.String(), errs.String()
}
