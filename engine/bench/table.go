package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// The marks between which the table stands in a file.
const (
	tableBegins = "<!-- go run ./engine/bench -table: begin -->\n"
	tableEnds   = "<!-- end -->\n"
)

// scenario is a line of the table.
type scenario struct {
	name    string
	rows    int
	rate    int
	latency time.Duration
}

func scenarios() []scenario {
	const answer = 100 * time.Millisecond
	return []scenario{
		{"10,000 rows, as fast as it goes", 10_000, 0, 0},
		{"100,000 rows, as fast as it goes", 100_000, 0, 0},
		{"1,000 a second, answers after 100 ms", 20_000, 1000, answer},
		{"80 a second, answers after 100 ms", 2_400, 80, answer},
	}
}

// writeTable measures the scenarios and writes the table into a file, in the place of the one before.
func writeTable(ctx context.Context, o options, dir, program string) error {
	text, err := os.ReadFile(o.table)
	if err != nil {
		return err
	}
	if _, ok := replaceTable(string(text), ""); !ok {
		return fmt.Errorf("%s: the lines %q and %q are not there", o.table, strings.TrimSpace(tableBegins), strings.TrimSpace(tableEnds))
	}
	table, err := measureTable(ctx, o, dir, program)
	if err != nil {
		return err
	}
	whole, _ := replaceTable(string(text), table)
	return os.WriteFile(o.table, []byte(whole), 0o644)
}

// replaceTable puts a table into the place of the one that stands in a text; not ok: none does.
func replaceTable(text, table string) (whole string, ok bool) {
	before, rest, begins := strings.Cut(text, tableBegins)
	_, after, ends := strings.Cut(rest, tableEnds)
	return before + tableBegins + table + tableEnds + after, begins && ends
}

func measureTable(ctx context.Context, o options, dir, program string) (string, error) {
	var lines strings.Builder
	var fast comparison
	for _, s := range scenarios() {
		fmt.Fprintln(os.Stderr, s.name)
		o.rate, o.latency = s.rate, s.latency
		c, err := measureAll(ctx, o, dir, program, s.rows)
		if err != nil {
			return "", fmt.Errorf("%s: %w", s.name, err)
		}
		if s.rate == 0 {
			fast = c
		}
		refused := ""
		if s.rate > 0 {
			refused = fmt.Sprintf("%d, %d", c.ours.refused, c.ours.most)
		}
		fmt.Fprintf(&lines, "| %s | %.0f | %.2f | %.2f | %.2f | %.2f | %.1f MiB | %.0f | %s |\n", s.name, c.ours.perSecond(),
			c.ours.perSecond()/c.loop.perSecond(), c.ours.cpuPer10k(), c.ours.cpuPer10k()/c.loop.cpuPer10k(),
			float64(c.ours.peak)/float64(c.loop.peak), float64(c.ours.peak)/1024, float64(c.ours.disk)/float64(c.ours.rows), refused)
	}
	again, err := measureAgain(ctx, o, dir, program)
	if err != nil {
		return "", err
	}
	idle, err := measureStart(ctx, program)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("On %d cores with a load of %s, median of %d. As fast as it goes the loop took %.2f CPU seconds for 10,000 messages and reached "+
		"%.2f of the speed of one without a ledger. To apply the %d rows once more, when all are sent, took %.2f CPU seconds. To begin and "+
		"do nothing (`waybill version`) took %.1f MiB and %d ms of CPU.\n\n"+
		"| `apply` | messages a second | ÷ loop's | CPU s/10,000 | CPU ÷ loop's | peak memory ÷ loop's | peak memory | bytes a message | refused, most in a second |\n"+
		"| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n%s",
		runtime.NumCPU(), load(), o.repeat, fast.loop.cpuPer10k(), fast.loop.perSecond()/fast.bare.perSecond(), again.rows, again.cpu.Seconds(),
		float64(idle.peak)/1024, idle.cpu.Milliseconds(), lines.String()), nil
}

// load is the system's load average of the last fifteen minutes, which says how much else the machine did.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(text)); err == nil && len(fields) > 2 {
		return fields[2]
	}
	return "an unknown size"
}
