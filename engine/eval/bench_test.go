package eval_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"waybill/engine/eval"
)

// BenchmarkItem renders what one item of a typical job asks for: five templates.
func BenchmarkItem(b *testing.B) {
	c := compiler()
	var fields []eval.Field
	for name, text := range map[string]string{
		"to": "${{ item.phone }}", "templateName": "appointment_reminder", "languageCode": "es",
		"name": "${{ item.name }}", "greeting": "Hola ${{ item.name }}, n.º ${{ index }}", "first": "${{ upper(item.name[0:1]) }}",
	} {
		tmpl, found := c.Template(text, eval.Anchor{}, scope())
		if len(found) > 0 {
			b.Fatal(found)
		}
		fields = append(fields, eval.Field{Name: name, Value: eval.Leaf(tmpl)})
	}
	tree := eval.NewMap(fields, eval.Anchor{}.Range)
	n := names()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tree.Render(context.Background(), n); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	for name, text := range map[string]string{
		"literal": "appointment_reminder", "path": "${{ item.phone }}", "text": "Hola ${{ item.name }}!",
		"call": "${{ upper(item.name) }}", "condition": "${{ !steps.remind.success }}", "loop": "${{ filter(steps.remind.events, .status == 'read') | len() }}",
	} {
		b.Run(name, func(b *testing.B) {
			tmpl, found := compiler().Template(text, eval.Anchor{}, scope())
			if len(found) > 0 {
				b.Fatal(found)
			}
			n := names()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := tmpl.Render(context.Background(), n); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	c, s := compiler(), scope()
	b.ReportAllocs()
	for b.Loop() {
		if _, found := c.Template("${{ upper(item.name) + steps.remind.messageId }}", eval.Anchor{}, s); len(found) > 0 {
			b.Fatal(found)
		}
	}
}

func BenchmarkRedact(b *testing.B) {
	line := strings.Repeat("time=2026-03-25 level=INFO msg=accepted step=patients/remind delivery=d-123 ", 3) + "\n"
	for _, count := range []int{0, 1, 10} {
		r := eval.NewRedactor()
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
				r := eval.NewRedactor()
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
	r := eval.NewRedactor()
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
