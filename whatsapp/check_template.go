package whatsapp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

func (f *findings) template(t TemplateMessage) {
	switch {
	case t.Name == "":
		f.add("template.name", "the template has no name", "")
	case len(t.Name) > MaxTemplateName || !onlyBytes(t.Name, inTemplateName):
		f.add("template.name", fmt.Sprintf("%q is no template name", shorten(t.Name)),
			"a name has a to z, 0 to 9 and _, at most 512 of them")
	}
	switch {
	case t.Language.Code == "":
		f.add("template.language.code", "the template's language is missing", "give its exact code, such as es or en_US")
	case !IsLanguage(t.Language.Code):
		f.add("template.language.code", fmt.Sprintf("%q does not look like a language code", shorten(t.Language.Code)),
			hintLanguage(t.Language.Code))
	}
	f.components("template.components", t.Components, false)
	f.names("template.components", t.Components)
}

// hintLanguage says how the code of a language is written that looks like this one.
func hintLanguage(code string) string {
	name, region, regional := strings.Cut(strings.ReplaceAll(code, "-", "_"), "_")
	name = strings.ToLower(name)
	meant := name
	if regional {
		meant += "_" + strings.ToUpper(region)
	}
	switch {
	case !IsLanguage(meant):
		return "write it as in the template's list, such as es or en_US"
	case regional:
		return fmt.Sprintf("did you mean %s, or %s? The template's list says which", meant, name)
	}
	return fmt.Sprintf("did you mean %s?", meant)
}

func inTemplateName(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' }

// components checks those of a template, or of a card of its carousel.
func (f *findings) components(path string, list []Component, card bool) {
	for i, c := range list {
		at := path + "[" + strconv.Itoa(i) + "]"
		same := func(other Component) bool { return other.Type == c.Type && other.Index == c.Index }
		if slices.ContainsFunc(list[:i], same) {
			f.add(at, fmt.Sprintf("a second component for the same %s", c.Type), "put all its parameters into one component")
		}
		switch c.Type {
		case HeaderComponent:
			f.header(at, c)
		case BodyComponent:
			f.parameters(at, c, MaxTemplateBody, TextParameter, CurrencyParameter, DateTimeParameter)
		case ButtonComponent:
			f.button(at, c)
		case LimitedTimeComponent:
			f.parameters(at, c, 0, LimitedTimeParameter)
		case CarouselComponent:
			f.carousel(at, c, card)
		default:
			f.warn(at+".type", fmt.Sprintf("unknown component %q", shorten(c.Type)), "header, body, button, carousel or limited_time_offer")
		}
	}
}

func (f *findings) carousel(at string, c Component, card bool) {
	if card {
		f.add(at, "a carousel inside a carousel", "")
		return
	}
	if n := len(c.Cards); n < MinCards || n > MaxCards {
		f.add(at+".cards", fmt.Sprintf("a carousel has %d to %d cards, this one has %d", MinCards, MaxCards, n), "")
	}
	for i, one := range c.Cards {
		f.components(fmt.Sprintf("%s.cards[%d].components", at, i), one.Components, true)
	}
}

func (f *findings) header(at string, c Component) {
	if len(c.Parameters) > 1 {
		f.add(at+".parameters", fmt.Sprintf("a header takes one parameter, this one has %d", len(c.Parameters)), "")
	}
	f.parameters(at, c, MaxTemplateHeader, TextParameter, ImageParameter, VideoParameter, DocumentParameter, LocationParameter)
}

func (f *findings) button(at string, c Component) {
	if index, err := strconv.Atoi(c.Index); err != nil || index < 0 || index >= MaxButtons {
		f.add(at+".index", fmt.Sprintf("%q is not the place of a button", shorten(c.Index)),
			fmt.Sprintf("count from 0 to %d over all buttons of the template", MaxButtons-1))
	}
	switch strings.ToLower(c.SubType) {
	case "":
		f.add(at+".sub_type", "the button's kind is missing", "quick_reply, url or copy_code")
	case QuickReplyButton:
		f.parameters(at, c, MaxPayload, PayloadParameter, TextParameter) // Meta's own samples have either
	case URLButton:
		f.parameters(at, c, MaxTemplateURL, TextParameter)
		f.suffix(at, c)
	case CopyCodeButton:
		f.parameters(at, c, MaxCouponCode, CouponCodeParameter)
	case FlowButton, CatalogButton:
		f.parameters(at, c, 0, ActionParameter)
	}
	if len(c.Parameters) > 1 {
		f.add(at+".parameters", fmt.Sprintf("a button takes one parameter, this one has %d", len(c.Parameters)), "")
	}
}

// suffix warns of a whole address where the template has its beginning already.
func (f *findings) suffix(at string, c Component) {
	if len(c.Parameters) != 1 {
		return
	}
	text := strings.ToLower(c.Parameters[0].Text)
	for _, begin := range [...]string{"http://", "https://", "www."} {
		if strings.HasPrefix(text, begin) {
			f.warn(at+".parameters[0].text", "value is only the end of the address, and this is a whole one",
				"the template has the beginning: write what comes after it")
		}
	}
}

// parameters checks each parameter of a component for its type, its content and its length alone.
func (f *findings) parameters(at string, c Component, most int, allowed ...string) {
	for i, p := range c.Parameters {
		known := slices.Contains(allowed, p.Type)
		if known && p.Type == TextParameter && fault(p.Text, most) == none {
			continue // nearly all are fine, and need no path
		}
		path := fmt.Sprintf("%s.parameters[%d]", at, i)
		if !known {
			kind := strings.TrimSpace(c.SubType + " " + c.Type)
			summary := fmt.Sprintf("a %s takes no parameter of type %q", kind, shorten(p.Type))
			found := Problem{Path: path + ".type", Summary: summary, Hint: "it takes " + strings.Join(allowed, ", ")}
			found.Warning = p.Type != "" && !slices.Contains(parameterTypes(), p.Type) // it may be newer than this program
			f.list = append(f.list, found)
			continue
		}
		f.parameter(path, p, most)
	}
}

func (f *findings) parameter(path string, p Parameter, most int) {
	switch p.Type {
	case TextParameter:
		f.value(path+".text", p.Text, most)
	case PayloadParameter:
		f.value(path+".payload", p.Payload, most)
	case CouponCodeParameter:
		f.value(path+".coupon_code", p.CouponCode, most)
	case CurrencyParameter:
		f.currency(path+".currency", p.Currency)
	case DateTimeParameter:
		if p.DateTime == nil {
			f.add(path+".date_time", "the moment is missing", "")
			return
		}
		f.value(path+".date_time.fallback_value", p.DateTime.FallbackValue, most)
	case ImageParameter:
		f.headerFile(path+".image", p.Image)
	case VideoParameter:
		f.headerFile(path+".video", p.Video)
	case DocumentParameter:
		f.headerFile(path+".document", p.Document)
		if p.Document != nil {
			f.filename(path+".document", p.Document.Filename)
		}
	case ActionParameter:
		if p.Action == nil {
			f.add(path+".action", "the action is missing", "")
		}
	case LocationParameter:
		f.location(path+".location", p.Location)
	case LimitedTimeParameter:
		if p.LimitedTime == nil || p.LimitedTime.ExpirationTimeMS <= 0 {
			f.add(path+".limited_time_offer", "the end of the offer is missing", "give UNIX milliseconds")
		}
	}
}

// textFault is what is wrong with the text of a parameter.
type textFault int

const (
	none textFault = iota
	empty
	notUTF8
	blanks
	tooLong
)

// fault returns the first thing that is wrong with the text of a parameter.
func fault(text string, most int) textFault {
	switch {
	case strings.TrimSpace(text) == "":
		return empty
	case !utf8.ValidString(text):
		return notUTF8
	case breaksLine(text) || strings.Contains(text, manyBlanks):
		return blanks
	case len(text) > most && utf8.RuneCountInString(text) > most:
		return tooLong
	}
	return none
}

// breaksLine says whether a text holds what begins another line, by Unicode, or a tab: a parameter may hold none of them.
func breaksLine(text string) bool {
	return strings.ContainsAny(text, "\n\r\t\v\f") || // without the others, which would make the search for all of them slow
		strings.Contains(text, "\u0085") || strings.Contains(text, "\u2028") || strings.Contains(text, "\u2029")
}

const manyBlanks = "     " // one more than a parameter may hold in a row

// HintOneLine is the hint of the Problem of a parameter that goes over several lines.
const HintOneLine = "a template's parameter is one line"

// value checks the text of a parameter: WhatsApp refuses an empty one by 131008, and forbidden blanks by 132018.
func (f *findings) value(path, text string, most int) {
	switch fault(text, most) {
	case none:
	case empty:
		f.add(path, "the parameter is empty", "WhatsApp takes an empty parameter for a missing one")
	case notUTF8:
		f.add(path, "the parameter is not valid UTF-8", "save the file as UTF-8")
	case blanks:
		f.add(path, "the parameter holds a line break, a tab or more than 4 blanks in a row", HintOneLine)
	case tooLong:
		f.length(path, text, most, "the parameter")
	}
}

func (f *findings) currency(path string, c *Currency) {
	if c == nil {
		f.add(path, "the amount is missing", "")
		return
	}
	f.value(path+".fallback_value", c.FallbackValue, MaxTemplateBody)
	if len(c.Code) != 3 || strings.ToUpper(c.Code) != c.Code {
		f.add(path+".code", fmt.Sprintf("%q is not a currency code", shorten(c.Code)), "three capital letters, such as EUR")
	}
}

func (f *findings) headerFile(path string, file *File) {
	if file == nil {
		f.add(path, "the header's media is missing", "")
		return
	}
	f.file(path, *file)
}

func (f *findings) location(path string, l *Location) {
	if l == nil {
		f.add(path, "the location is missing", "")
		return
	}
	f.degrees(path+".latitude", string(l.Latitude), 90)
	f.degrees(path+".longitude", string(l.Longitude), 180)
}

func (f *findings) degrees(path, text string, most float64) {
	if value, err := strconv.ParseFloat(text, 64); err != nil || !(value >= -most && value <= most) {
		f.add(path, fmt.Sprintf("%q is not an angle between -%g and %g degrees", shorten(text), most, most), "")
	}
}

// names checks that either every text of a template has a name, or none has (132000 otherwise).
func (f *findings) names(path string, list []Component) {
	named, unnamed := 0, 0
	seen := map[[2]string]bool{}
	for i, c := range list {
		if c.Type != HeaderComponent && c.Type != BodyComponent {
			continue
		}
		for j, p := range c.Parameters {
			switch {
			case p.Type != TextParameter && p.Name == "":
				continue // media have no names
			case p.Name == "":
				unnamed++
				continue
			case seen[[2]string{c.Type, p.Name}]:
				f.add(fmt.Sprintf("%s[%d].parameters[%d].parameter_name", path, i, j),
					fmt.Sprintf("a second parameter named %q", shorten(p.Name)), "")
			}
			seen[[2]string{c.Type, p.Name}] = true
			named++
		}
	}
	if named > 0 && unnamed > 0 {
		f.add(path, "some parameters have names and some have none", "give all by name or all by position")
	}
}
