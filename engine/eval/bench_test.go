package eval_test

import (
	"context"
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
