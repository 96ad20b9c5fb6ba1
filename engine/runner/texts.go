package runner

import (
	"encoding/json"
	"strings"
	"sync"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/eval"
	"waybill/engine/mould"
	"waybill/engine/secret"
)

// texts takes what is sent apart, so that the ledger keeps what messages of one step have in common once.
type texts struct {
	mu     sync.Mutex
	makers map[*engine.Step]*mould.Maker
}

// text is what the ledger keeps of a request: its body, without secrets.
func (d *dispatch) text(m engine.Message) delivery.Text {
	keep := d.x.req.Job.KeepText
	if keep <= 0 {
		return delivery.Text{}
	}
	body := d.x.redactBody(string(m.Leaving()))
	text := delivery.Text{Keep: keep}
	if d.key.Item == "" { // what its step says, it says to this person
		text.Mould, text.Values = mould.Whole(body)
		return text
	}
	text.Mould, text.Values = d.x.texts.of(d.step).Split(body)
	return text
}

// redactBody takes secrets out of a body.
func (x *execution) redactBody(body string) string {
	shown := x.redact(x.redactQuoted(body))
	if shown != body {
		shown = strings.ReplaceAll(shown, secret.Redacted, engine.SecretInText)
	}
	return shown
}

// redactQuoted takes secrets out of the texts of a body as they are without its quotes: one that stands in quotes within a text has the
// body's around those. Nearly all bodies hold none.
func (x *execution) redactQuoted(body string) string {
	if !strings.Contains(body, `\`) {
		return body
	}
	var out strings.Builder
	copied, at := 0, 0
	for dec := json.NewDecoder(strings.NewReader(body)); ; {
		token, err := dec.Token()
		if err != nil { // its end
			break
		}
		from := at
		at = int(dec.InputOffset())
		text, is := token.(string)
		if !is {
			continue
		}
		if shown := x.redact(text); shown != text {
			from += strings.IndexByte(body[from:at], '"')
			out.WriteString(body[copied:from] + `"` + inJSON(shown) + `"`)
			copied = at
		}
	}
	return out.String() + body[copied:]
}

func (t *texts) of(s *engine.Step) *mould.Maker {
	t.mu.Lock()
	defer t.mu.Unlock()
	maker, made := t.makers[s]
	if made {
		return maker
	}
	if t.makers == nil {
		t.makers = map[*engine.Step]*mould.Maker{}
	}
	var words []mould.Word
	if op, ok := s.Operation.(engine.Worded); ok {
		for name, values := range op.Words() {
			for _, v := range values {
				words = append(words, mould.Word{Name: name, Value: v})
			}
		}
	}
	values, pieces := saidToAll(s)
	maker = mould.New(words, values, pieces)
	t.makers[s] = maker
	return maker
}

// saidToAll is what the file says in a step that it says to everybody: whole values, and pieces of them between expressions. The recipient
// is somebody, whoever writes the number down.
func saidToAll(s *engine.Step) (values, pieces []string) {
	for _, f := range s.Params.Fields() {
		if f.Name == "to" {
			continue
		}
		f.Value.Walk(func(_ string, t *eval.Tree) bool {
			for _, below := range t.Fields() {
				values = append(values, inJSON(below.Name))
			}
			if value, constant := t.Constant(); constant {
				if text, is := value.(string); is {
					values = append(values, inJSON(text))
				}
			} else if template := t.Template(); template != nil {
				for _, piece := range template.Literals() {
					pieces = append(pieces, inJSON(piece))
				}
			}
			return true
		})
	}
	return values, pieces
}

// inJSON is a text as the body of a request has it between quotes.
func inJSON(text string) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return text // a text is always written
	}
	quoted := strings.TrimSuffix(out.String(), "\n")
	return quoted[1 : len(quoted)-1]
}
