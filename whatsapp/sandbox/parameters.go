package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"
)

// parameters are what a POST says, however it says it: a JSON object, a form, or the query, where Graph takes parameters
// too. The body wins. The error says that the body is neither object nor form.
func (c *call) parameters() (object, *graphError) {
	o, refusal := c.bodyParameters()
	if refusal != nil {
		return nil, refusal
	}
	for name, value := range o {
		// As whatsapp-api-js 6.3.0 sends contacts: Graph reads a parameter that is JSON in a string by what it is to be.
		if text, ok := value.(string); ok {
			o[name] = parameter(name, text)
		}
	}
	for name, values := range c.query {
		if _, there := o[name]; !there && name != "access_token" && len(values) > 0 {
			o[name] = parameter(name, values[0])
			c.elsewhere = true
		}
	}
	return o, nil
}

// payload is the request as JSON: the body as it came, or what a form and the query said.
func (c *call) payload(o object) []byte {
	if c.elsewhere {
		return mustEncode(o)
	}
	return c.body
}

func (c *call) bodyParameters() (object, *graphError) {
	text := bytes.TrimLeft(c.body, " \t\r\n")
	if len(text) == 0 && len(c.query) > 0 {
		return object{}, nil
	}
	if len(text) > 0 && text[0] == '{' { // also with the Content-Type of a form, which curl gives it
		return parseObject(c.body)
	}
	kind, details, err := mime.ParseMediaType(c.header.Get("Content-Type"))
	if err != nil {
		return parseObject(c.body)
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(c.body))
		if err != nil || !readsAsForm(form) {
			return parseObject(c.body)
		}
		c.elsewhere = true
		return formObject(form), nil
	case "multipart/form-data":
		c.elsewhere = true
		return multipartObject(c.body, details["boundary"])
	default:
		return parseObject(c.body)
	}
}

// readsAsForm tells a form from a body that only has its Content-Type.
func readsAsForm(form url.Values) bool {
	for name := range form {
		if name == "" || strings.ContainsAny(name, "{[\"") {
			return false
		}
	}
	return len(form) > 0
}

func formObject(form url.Values) object {
	o := object{}
	for name, values := range form {
		if name != "access_token" {
			o[name] = values[0]
		}
	}
	return o
}

// multipartObject reads the fields of a form that are no files.
func multipartObject(body []byte, boundary string) (object, *graphError) {
	if boundary == "" {
		return nil, refuse(100, "The form names no boundary.")
	}
	o := object{}
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return o, nil
		}
		if err != nil {
			return nil, refuse(100, "The form cannot be read: %s", err.Error())
		}
		if part.FileName() != "" || part.FormName() == "access_token" {
			continue
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, refuse(100, "The form cannot be read: %s", err.Error())
		}
		o[part.FormName()] = string(content)
	}
}

// parameter is the value of a parameter that came as text: an object or a list is written as JSON there, the rest is text, and so
// is what is opaque.
func parameter(name, text string) any {
	trimmed := strings.TrimSpace(text)
	if name != "biz_opaque_callback_data" && (strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[")) {
		var value any
		if json.Unmarshal([]byte(trimmed), &value) == nil {
			return value
		}
	}
	return text
}
