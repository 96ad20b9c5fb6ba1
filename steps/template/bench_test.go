package template_test

import (
	"fmt"
	"testing"
	"time"

	"waybill/engine/diag"
	"waybill/steps/template"
	"waybill/whatsapp"
)

// BenchmarkThousand reads a lock of a thousand templates and looks up one, as validate and plan do.
func BenchmarkThousand(b *testing.B) {
	var list []whatsapp.Template
	for i := range 1000 {
		list = append(list, whatsapp.Template{
			ID: fmt.Sprint(1_000_000 + i), Name: fmt.Sprintf("template_%04d", i), Language: "es", Status: "APPROVED", Category: "UTILITY", ParameterFormat: "NAMED",
			Components: []whatsapp.TemplateComponent{
				{Type: "HEADER", Format: "IMAGE"},
				{Type: "BODY", Text: "Hola {{name}}, su cita con {{doctor}} es el {{day}}.\n\nTraiga por favor su tarjeta y llegue diez minutos antes de la hora."},
				{Type: "FOOTER", Text: "Clínica Norte"},
				{Type: "BUTTONS", Buttons: []whatsapp.TemplateButton{{Type: "QUICK_REPLY", Text: "Cancelar"}, {Type: "URL", Text: "Ver", URL: "https://example.com/{{1}}"}}},
			},
		})
	}
	text, err := (*template.Lock)(nil).With(template.NewAccount("1", time.Time{}, list))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		lock, found := template.ReadLock(&diag.Source{Name: template.LockName, Text: text})
		if len(found) > 0 {
			b.Fatal(found)
		}
		if _, err := lock.LookUp("1", "template_0777", "es"); err != nil {
			b.Fatal(err)
		}
	}
}
