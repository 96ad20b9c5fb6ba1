package metrics

import (
	"maps"
	"slices"
	"sync"
)

// figure is all series of one name, told apart by the words of its labels. Many goroutines may move it.
type figure struct {
	kind       kind
	name, help string
	labels     []string

	mu     sync.Mutex
	values map[string]float64 // by the labels as they are written
}

// newFigure makes one of ours. Without labels it begins at 0; with them it has no series before the first add or set.
func newFigure(k kind, name, help string, names ...string) *figure {
	f := &figure{kind: k, name: namespace + "_" + name, help: help, labels: names, values: map[string]float64{}}
	if len(names) == 0 {
		f.values[""] = 0
	}
	return f
}

// add takes one word for each label.
func (f *figure) add(n float64, words ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.values[labels(f.labels, words)] += n
}

// set takes one word for each label.
func (f *figure) set(value float64, words ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.values[labels(f.labels, words)] = value
}

// write leaves the name out as long as it has no series.
func (f *figure) write(p *page) {
	f.mu.Lock()
	values := maps.Clone(f.values)
	f.mu.Unlock()
	if len(values) == 0 {
		return
	}
	p.head(f.kind, f.name, f.help)
	for _, words := range slices.Sorted(maps.Keys(values)) {
		p.series(f.name, words, values[words])
	}
}

// sizes counts values by how large they are.
type sizes struct {
	name, help string
	bounds     []float64 // upper ends of the buckets, growing; values beyond the last are counted too

	mu     sync.Mutex
	counts []int // by bucket, each value in one; the last is what lies beyond
	sum    float64
}

func newSizes(name, help string, bounds ...float64) *sizes {
	return &sizes{name: namespace + "_" + name, help: help, bounds: bounds, counts: make([]int, len(bounds)+1)}
}

func (s *sizes) observe(value float64) {
	bucket, _ := slices.BinarySearch(s.bounds, value) // the first whose end is not below the value
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[bucket]++
	s.sum += value
}

// write adds up: Prometheus wants for each end how many values are at most that.
func (s *sizes) write(p *page) {
	s.mu.Lock()
	counts, sum := slices.Clone(s.counts), s.sum
	s.mu.Unlock()
	p.head(histogram, s.name, s.help)
	total := 0
	for i, n := range counts {
		total += n
		end := "+Inf"
		if i < len(s.bounds) {
			end = number(s.bounds[i])
		}
		p.series(s.name+"_bucket", labels([]string{"le"}, []string{end}), float64(total))
	}
	p.series(s.name+"_sum", "", sum)
	p.series(s.name+"_count", "", float64(total))
}
