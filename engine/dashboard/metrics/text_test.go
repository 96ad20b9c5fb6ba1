package metrics_test

import (
	"fmt"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"waybill/engine"
	"waybill/engine/dashboard/metrics"
)

// family is what a page says of one name.
type family struct {
	kind, help string
	series     map[string]float64 // by name and labels, as written
	order      []string
}

var (
	headLine   = regexp.MustCompile(`^# (HELP|TYPE) ([a-z][a-z0-9_]*) (.+)$`)
	seriesLine = regexp.MustCompile(`^([a-z][a-z0-9_]*)(?:\{(.*)\})? (\S+)$`)
	labelPair  = regexp.MustCompile(`^([a-z][a-z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)`)
)

// parse reads a page as strictly as the format is written, and more: one HELP and one TYPE before the series of each name,
// no other comments, no empty lines, no time stamps, nothing twice.
func parse(page string) (map[string]*family, error) {
	if !utf8.ValidString(page) {
		return nil, fmt.Errorf("the page is no UTF-8")
	}
	if !strings.HasSuffix(page, "\n") {
		return nil, fmt.Errorf("the last line has no end")
	}
	families := map[string]*family{}
	var name string
	for n, line := range strings.Split(strings.TrimSuffix(page, "\n"), "\n") {
		var err error
		if name, err = parseLine(families, name, line); err != nil {
			return nil, fmt.Errorf("line %d %q: %w", n+1, line, err)
		}
	}
	for name, f := range families {
		if err := f.check(name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return families, nil
}

// parseLine gives the name whose series may follow.
func parseLine(families map[string]*family, name, line string) (string, error) {
	if head := headLine.FindStringSubmatch(line); head != nil {
		f, known := families[head[2]]
		switch {
		case head[1] == "HELP" && !known:
			families[head[2]] = &family{help: head[3], series: map[string]float64{}}
		case head[1] == "TYPE" && known && head[2] == name && f.kind == "":
			f.kind = head[3]
		default:
			return "", fmt.Errorf("a head in the wrong place")
		}
		return head[2], nil
	}
	parts := seriesLine.FindStringSubmatch(line)
	f := families[name]
	if parts == nil || f == nil || f.kind == "" {
		return "", fmt.Errorf("neither a head nor a series after its head")
	}
	if !slices.Contains(f.names(name), parts[1]) {
		return "", fmt.Errorf("a series of %s among those of %s", parts[1], name)
	}
	for rest := parts[2]; rest != ""; {
		pair := labelPair.FindStringSubmatch(rest)
		if pair == nil || (pair[3] == "," && len(pair[0]) == len(rest)) {
			return "", fmt.Errorf("broken labels at %q", rest)
		}
		rest = rest[len(pair[0]):]
	}
	value, err := strconv.ParseFloat(parts[3], 64)
	if err != nil {
		return "", err
	}
	series := strings.TrimSuffix(line, " "+parts[3])
	if _, twice := f.series[series]; twice {
		return "", fmt.Errorf("twice")
	}
	f.series[series] = value
	f.order = append(f.order, series)
	return name, nil
}

// names are those that series of a family may bear.
func (f *family) names(name string) []string {
	switch f.kind {
	case "histogram":
		return []string{name + "_bucket", name + "_sum", name + "_count"}
	case "summary":
		return []string{name, name + "_sum", name + "_count"}
	}
	return []string{name}
}

func (f *family) check(name string) error {
	if len(f.series) == 0 {
		return fmt.Errorf("a head without series")
	}
	switch f.kind {
	case "gauge", "summary":
	case "counter":
		if !strings.HasSuffix(name, "_total") {
			return fmt.Errorf("a counter without _total")
		}
		for series, v := range f.series {
			if v < 0 || math.IsNaN(v) {
				return fmt.Errorf("%s counts %v", series, v)
			}
		}
	case "histogram":
		last, end := 0.0, ""
		for _, series := range f.order {
			if strings.HasPrefix(series, name+"_bucket{") {
				if f.series[series] < last {
					return fmt.Errorf("%s is less than the one before it", series)
				}
				last, end = f.series[series], series
			}
		}
		if end != name+`_bucket{le="+Inf"}` || f.series[name+"_count"] != last {
			return fmt.Errorf("the buckets end with %s at %v, and the count is %v", end, last, f.series[name+"_count"])
		}
	default:
		return fmt.Errorf("no such type: %s", f.kind)
	}
	return nil
}

func TestParserIsStrict(t *testing.T) {
	const head = "# HELP a_total Help.\n# TYPE a_total counter\n"
	if _, err := parse(head + "a_total{b=\"\\\"x\\\\\\n\",c=\"\"} 1e+06\n"); err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{
		"", "a_total 1\n", head, head + "a_total 1", head + "a_total 1\n\n", head + "a_total one\n", head + "a_total 1 1700000000\n",
		head + "b_total 1\n", head + "a_total 1\na_total 1\n", head + "a_total{b=\"x\"y\"} 1\n", head + "a_total{b=\"\\x\"} 1\n",
		head + "a_total{b=\"x\",} 1\n", head + "a_total{b=x} 1\n", head + "a_total{b=\"x\nb\"} 1\n", head + "a_total -1\n",
		head + "a_total 1\n" + head + "a_total{b=\"c\"} 1\n", "# HELP a_total Help.\na_total 1\n", head + "# a remark\na_total 1\n",
		strings.ReplaceAll(head, "counter", "number") + "a_total 1\n", head + "a_total{b=\"\xff\"} 1\n",
		"# HELP h H.\n# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n",
		"# HELP h H.\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n",
	} {
		if _, err := parse(page); err == nil {
			t.Errorf("not refused: %q", page)
		}
	}
}

// TestNamesAndTypes holds what dashboards and alarms out there are made of.
func TestNamesAndTypes(t *testing.T) {
	want := map[string]string{}
	for kind, names := range map[string]string{
		"counter": `waybill_webhooks_received_total waybill_webhooks_refused_total waybill_webhooks_failed_total waybill_statuses_total
			waybill_inbound_total waybill_attempts_total waybill_schedule_occurrences_total waybill_double_accepts_total
			waybill_foreign_callbacks_total go_memstats_alloc_bytes_total go_memstats_mallocs_total go_memstats_frees_total`,
		"gauge": `waybill_build_info waybill_schedule_lateness_seconds waybill_runs waybill_deliveries waybill_inbox_messages
			waybill_webhook_age_seconds waybill_unclaimed_statuses waybill_ledger_read_seconds
			go_info go_goroutines go_threads go_gc_gogc_percent go_gc_gomemlimit_bytes go_sched_gomaxprocs_threads
			go_memstats_alloc_bytes go_memstats_sys_bytes go_memstats_heap_alloc_bytes go_memstats_heap_sys_bytes
			go_memstats_heap_idle_bytes go_memstats_heap_inuse_bytes go_memstats_heap_released_bytes go_memstats_heap_objects
			go_memstats_stack_inuse_bytes go_memstats_stack_sys_bytes go_memstats_mspan_inuse_bytes go_memstats_mspan_sys_bytes
			go_memstats_mcache_inuse_bytes go_memstats_mcache_sys_bytes go_memstats_buck_hash_sys_bytes go_memstats_gc_sys_bytes
			go_memstats_other_sys_bytes go_memstats_next_gc_bytes go_memstats_last_gc_time_seconds`,
		"histogram": `waybill_attempt_seconds`, "summary": `go_gc_duration_seconds`,
	} {
		for name := range strings.FieldsSeq(names) {
			want[name] = kind
		}
	}
	if _, err := os.Stat("/proc/self/net/netstat"); err == nil {
		want["process_cpu_seconds_total"] = "counter"
		want["process_network_receive_bytes_total"], want["process_network_transmit_bytes_total"] = "counter", "counter"
		for _, name := range []string{"resident_memory_bytes", "virtual_memory_bytes", "virtual_memory_max_bytes", "start_time_seconds", "open_fds", "max_fds"} {
			want["process_"+name] = "gauge"
		}
	}
	m := newMetrics(t, metrics.Options{Ledger: &stock{webhook: noon()}, Alarms: noAlarms})
	m.Began("reminders", time.Second)
	got := map[string]string{}
	for name, f := range figures(t, m) {
		got[name] = f.kind
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			t.Errorf("%s is %q, want %q", name, got[name], want[name])
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("nobody asked for %v", got)
	}
}

// TestProcess looks for values that only a mistake in what is read could miss.
func TestProcess(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("this system has no /proc, and the process' figures are left out")
	}
	fs := figures(t, newMetrics(t, metrics.Options{Ledger: &stock{}}))
	value := func(name string) float64 { return fs[name].series[name] }
	now := float64(time.Now().Unix())
	for name, within := range map[string][2]float64{
		"process_start_time_seconds": {now - 3600, now + 5}, "process_resident_memory_bytes": {1 << 20, 8 << 30},
		"process_open_fds": {3, value("process_max_fds")}, "go_goroutines": {1, 1000}, "go_memstats_heap_inuse_bytes": {1 << 16, 8 << 30},
	} {
		if v := value(name); v < within[0] || v > within[1] {
			t.Errorf("%s is %v, want %v", name, v, within)
		}
	}
}

func TestLabelsHoldAnything(t *testing.T) {
	m := newMetrics(t, metrics.Options{Ledger: &stock{}, Version: "1 \"beta\"\\"})
	m.Began("a \"b\" \\ \n{},=\xff# é", 0)
	fs := figures(t, m)
	for name, series := range map[string]string{
		"waybill_schedule_lateness_seconds": `waybill_schedule_lateness_seconds{job="a \"b\" \\ \n{},=` + "\uFFFD" + `# é"}`,
		"waybill_build_info":                `waybill_build_info{version="1 \"beta\"\\"}`,
	} {
		if _, there := fs[name].series[series]; !there {
			t.Errorf("no %s in %v", series, fs[name].series)
		}
	}
}

func TestSizes(t *testing.T) {
	m := newMetrics(t, metrics.Options{Ledger: &stock{}})
	for _, took := range []time.Duration{25 * time.Millisecond, 26 * time.Millisecond, 3 * time.Second, 2 * time.Minute} {
		m.Attempt(engine.Attempt{At: noon(), Ended: noon().Add(took), Result: engine.ResultAccepted})
	}
	got := figures(t, m)["waybill_attempt_seconds"].series
	for series, want := range map[string]float64{
		`_bucket{le="0.025"}`: 1, `_bucket{le="0.05"}`: 2, `_bucket{le="2.5"}`: 2, `_bucket{le="5"}`: 3, `_bucket{le="60"}`: 3,
		`_bucket{le="+Inf"}`: 4, `_count`: 4, `_sum`: 123.051,
	} {
		if v := got["waybill_attempt_seconds"+series]; math.Abs(v-want) > 1e-9 {
			t.Errorf("%s is %v, want %v", series, v, want)
		}
	}
}
