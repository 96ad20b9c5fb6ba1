package secret_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"waybill/engine/secret"
)

func BenchmarkRedact(b *testing.B) {
	line := strings.Repeat("time=2026-03-25 level=INFO msg=accepted step=patients/remind delivery=d-123 ", 3) + "\n"
	for _, count := range []int{0, 1, 10} {
		r := secret.NewRedactor()
		for i := range count {
			r.Add(fmt.Sprintf("EAAG%dsecret-token-%d-with-a-realistic-length-of-some-200-characters%s", i, i, strings.Repeat("x", 120)))
		}
		b.Run(fmt.Sprint(count, " secrets"), func(b *testing.B) {
			w := r.Writer(io.Discard)
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := io.WriteString(w, line); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLearn is what a secret of many odd characters costs, once, beside others that are known.
func BenchmarkLearn(b *testing.B) {
	for _, known := range []int{0, 200} {
		b.Run(fmt.Sprint(known, " known"), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				r := secret.NewRedactor()
				for i := range known {
					r.Add(fmt.Sprint("p@ss w/ö?rd%20\"q\"\\n=end ", i))
				}
				b.StartTimer()
				r.Add("p@ss w/ö?rd%20\"q\"\\n=end & <more>, 'quoted'")
			}
		})
	}
}

// BenchmarkRedactAwkward goes through a text in which many secrets seem to begin.
func BenchmarkRedactAwkward(b *testing.B) {
	r := secret.NewRedactor()
	for i := range 20 {
		r.Add(fmt.Sprint("p@ss w/ö?rd%20\"q\"\\n=end ", i))
	}
	text := strings.Repeat(`{"body": "p@ss w/ö?rd%20\"q\" and other words, p@ss w/ö"}`, 20)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		_ = r.Redact(text)
	}
}
