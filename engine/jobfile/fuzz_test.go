package jobfile_test

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"waybill/engine/diag"
)

// FuzzLoad looks for a file that ends the program, takes for ever or fills the memory, or whose findings point
// beside it.
func FuzzLoad(f *testing.F) {
	path, l := folder(f), fakeLoader()
	f.Add([]byte(example), false)
	for _, name := range badFiles(f) {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, strings.HasSuffix(name, ".json"))
	}
	f.Fuzz(func(t *testing.T, text []byte, json bool) {
		if len(text) > 64<<10 {
			return
		}
		name := "job.yaml"
		if json {
			name = "job.json"
		}
		src := &diag.Source{Name: name, Text: text}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		begin := time.Now()
		jobs, found := l.Load(src, path)
		took := time.Since(begin)
		runtime.ReadMemStats(&after)
		if took > 5*time.Second {
			t.Errorf("it took %v", took)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 512<<20 {
			t.Errorf("it took %d MiB", grown>>20)
		}
		sound(t, src, jobs, found)
		for _, d := range found {
			d.Range.Excerpt()
		}
	})
}
