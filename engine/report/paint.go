package report

// Paint colours text, or leaves it alone: the zero value paints nothing.
type Paint struct {
	On bool
}

func (p Paint) with(code, s string) string {
	if !p.On || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// Bold is for what should be read first.
func (p Paint) Bold(s string) string { return p.with("1", s) }

// Dim is for what may be passed over.
func (p Paint) Dim(s string) string { return p.with("2", s) }

// Red is for errors and failures.
func (p Paint) Red(s string) string { return p.with("31", s) }

// Green is for what went well.
func (p Paint) Green(s string) string { return p.with("32", s) }

// Yellow is for warnings and doubt.
func (p Paint) Yellow(s string) string { return p.with("33", s) }

// Cyan is for what can be typed.
func (p Paint) Cyan(s string) string { return p.with("36", s) }
