package report

// Paint says how text is shown: in colours or not, and without what. The zero value paints and hides nothing.
type Paint struct {
	On bool

	// Hide takes secrets out of text before it is cut, set in a column or broken into lines: what is left of a secret
	// then is none that a writer would know. Nil: there are no secrets.
	Hide func(string) string

	// Mask: many can see the text, such as the log of a CI job, so that it is shown without people's data. See mask.go.
	Mask bool
}

// clean is text for one line of a terminal: without secrets, and Clean.
func (p Paint) clean(s string) string { return Clean(p.hide(s)) }

// cut is clean text, shortened to a width.
func (p Paint) cut(s string, most int) string { return shorten(p.clean(s), most) }

func (p Paint) hide(s string) string {
	if p.Hide == nil {
		return s
	}
	return p.Hide(s)
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
