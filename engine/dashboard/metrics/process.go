package metrics

import (
	"errors"
	"log/slog"
	"runtime"
	"runtime/debug"
	runtimemetrics "runtime/metrics"
	"time"

	"github.com/prometheus/procfs"
)

// The names below are the ones that Prometheus' own Go client gives, so that the usual dashboards and alarms for Go
// programs find them.

// writeGo writes what Go's runtime knows of itself.
func writeGo(p *page) {
	p.head(gauge, "go_info", "Always 1; the label is the version of Go that built the program.")
	p.series("go_info", labels([]string{"version"}, []string{runtime.Version()}), 1)
	p.single(gauge, "go_goroutines", "Goroutines that exist.", float64(runtime.NumGoroutine()))
	threads, _ := runtime.ThreadCreateProfile(nil) // asked for their number alone
	p.single(gauge, "go_threads", "Threads of the operating system that were made.", float64(threads))
	writeSettings(p)
	writePauses(p)
	writeMemory(p)
}

// writeSettings writes what the environment or the program set.
func writeSettings(p *page) {
	settings := []struct{ from, name, help string }{
		{"/gc/gogc:percent", "go_gc_gogc_percent", "How far the heap may grow between collections, in percent; GOGC sets it."},
		{"/gc/gomemlimit:bytes", "go_gc_gomemlimit_bytes", "The soft limit of memory; GOMEMLIMIT sets it, and the largest number means none."},
		{"/sched/gomaxprocs:threads", "go_sched_gomaxprocs_threads", "Threads that may run Go code at the same time; GOMAXPROCS sets it."},
	}
	for _, s := range settings {
		sample := []runtimemetrics.Sample{{Name: s.from}}
		runtimemetrics.Read(sample)
		if sample[0].Value.Kind() == runtimemetrics.KindUint64 { // anything else: this version of Go does not tell
			p.single(gauge, s.name, s.help, float64(sample[0].Value.Uint64()))
		}
	}
}

// writePauses writes how long collections of garbage stopped the program.
func writePauses(p *page) {
	const name = "go_gc_duration_seconds"
	quantiles := []string{"0", "0.25", "0.5", "0.75", "1"}
	stats := debug.GCStats{PauseQuantiles: make([]time.Duration, len(quantiles))}
	debug.ReadGCStats(&stats)
	p.head(summary, name, "How long collections of garbage stopped the program.")
	for i, q := range quantiles {
		p.series(name, labels([]string{"quantile"}, []string{q}), stats.PauseQuantiles[i].Seconds())
	}
	p.series(name+"_sum", "", stats.PauseTotal.Seconds())
	p.series(name+"_count", "", float64(stats.NumGC))
}

func writeMemory(p *page) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	amounts := []struct {
		kind       kind
		name, help string
		value      uint64
	}{
		{gauge, "alloc_bytes", "Bytes of objects on the heap.", m.Alloc},
		{counter, "alloc_bytes_total", "Bytes of objects that were ever put on the heap.", m.TotalAlloc},
		{counter, "mallocs_total", "Objects that were ever put on the heap.", m.Mallocs},
		{counter, "frees_total", "Objects that were ever taken off the heap.", m.Frees},
		{gauge, "sys_bytes", "Bytes that the system gave.", m.Sys},
		{gauge, "heap_alloc_bytes", "Bytes of objects on the heap; the same as go_memstats_alloc_bytes.", m.HeapAlloc},
		{gauge, "heap_sys_bytes", "Bytes that the system gave for the heap.", m.HeapSys},
		{gauge, "heap_idle_bytes", "Bytes of the heap that wait to be used.", m.HeapIdle},
		{gauge, "heap_inuse_bytes", "Bytes of the heap that are in use.", m.HeapInuse},
		{gauge, "heap_released_bytes", "Bytes of the heap that went back to the system.", m.HeapReleased},
		{gauge, "heap_objects", "Objects on the heap.", m.HeapObjects},
		{gauge, "stack_inuse_bytes", "Bytes of stacks that are in use.", m.StackInuse},
		{gauge, "stack_sys_bytes", "Bytes that the system gave for stacks.", m.StackSys},
		{gauge, "mspan_inuse_bytes", "Bytes of the allocator's spans that are in use.", m.MSpanInuse},
		{gauge, "mspan_sys_bytes", "Bytes that the system gave for the allocator's spans.", m.MSpanSys},
		{gauge, "mcache_inuse_bytes", "Bytes of the allocator's caches that are in use.", m.MCacheInuse},
		{gauge, "mcache_sys_bytes", "Bytes that the system gave for the allocator's caches.", m.MCacheSys},
		{gauge, "buck_hash_sys_bytes", "Bytes of the tables that profiles are gathered in.", m.BuckHashSys},
		{gauge, "gc_sys_bytes", "Bytes that the collector of garbage keeps for itself.", m.GCSys},
		{gauge, "other_sys_bytes", "Bytes that the system gave for anything else.", m.OtherSys},
		{gauge, "next_gc_bytes", "Bytes of the heap at which the next collection of garbage begins.", m.NextGC},
	}
	for _, a := range amounts {
		p.single(a.kind, "go_memstats_"+a.name, a.help, float64(a.value))
	}
	p.single(gauge, "go_memstats_last_gc_time_seconds", "When garbage was last collected, in seconds since 1970; 0: never.", float64(m.LastGC)/1e9)
}

// writeProcess writes what the system knows of the process. What it does not tell is left out: systems other than Linux
// have no /proc, and that is no news for a log.
func writeProcess(p *page, log *slog.Logger) {
	process, err := procfs.Self()
	if err != nil {
		log.Debug("cannot find the process in /proc", slog.Any("error", err))
		return
	}
	if err := errors.Join(writeUse(p, process), writeLimits(p, process), writeTraffic(p, process)); err != nil {
		log.Debug("cannot read figures of the process", slog.Any("error", err))
	}
}

func writeUse(p *page, process procfs.Proc) error {
	stat, err := process.Stat()
	if err != nil {
		return err
	}
	p.single(counter, "process_cpu_seconds_total", "Time of processors that was used, by the program and by the system for it.", stat.CPUTime())
	p.single(gauge, "process_resident_memory_bytes", "Bytes of memory that the process holds.", float64(stat.ResidentMemory()))
	p.single(gauge, "process_virtual_memory_bytes", "Bytes of addresses that the process holds.", float64(stat.VirtualMemory()))
	began, err := stat.StartTime()
	if err != nil {
		return err
	}
	p.single(gauge, "process_start_time_seconds", "When the process began, in seconds since 1970.", began)
	return nil
}

func writeLimits(p *page, process procfs.Proc) error {
	open, err := process.FileDescriptorsLen()
	if err != nil {
		return err
	}
	p.single(gauge, "process_open_fds", "Files and connections that are open.", float64(open))
	limits, err := process.Limits()
	if err != nil {
		return err
	}
	p.single(gauge, "process_max_fds", "Files and connections that may be open.", float64(limits.OpenFiles))
	p.single(gauge, "process_virtual_memory_max_bytes", "Bytes of addresses that the process may hold; the largest number means no limit.", float64(limits.AddressSpace))
	return nil
}

// writeTraffic writes what passed through the network namespace: of a container all its own, elsewhere the machine's.
func writeTraffic(p *page, process procfs.Proc) error {
	stat, err := process.Netstat()
	if err != nil {
		return err
	}
	if in := stat.InOctets; in != nil {
		p.single(counter, "process_network_receive_bytes_total", "Bytes that came over the network of the process; it may share it with others.", *in)
	}
	if out := stat.OutOctets; out != nil {
		p.single(counter, "process_network_transmit_bytes_total", "Bytes that left over the network of the process; it may share it with others.", *out)
	}
	return nil
}
