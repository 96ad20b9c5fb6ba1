package steps

import (
	"errors"
	"fmt"
	"slices"

	"waybill/whatsapp"
)

// header adds the header: its variable, its medium, or its place on the map.
func (b *templateBuilder) header() {
	given := ""
	for _, name := range []string{"headerMedia", "headerLocation", "headerParameters"} {
		switch {
		case b.args[name] == nil:
		case given != "":
			b.fail(name, fmt.Errorf("it stands beside %s: a header holds one of text, a medium and a place", given))
		default:
			given = name
		}
	}
	switch given {
	case "headerMedia":
		b.headerMedia()
	case "headerLocation":
		b.headerLocation()
	case "headerParameters":
		b.component(whatsapp.Component{Type: whatsapp.HeaderComponent}, given)
	}
}

func (b *templateBuilder) headerMedia() {
	media, ok := b.args["headerMedia"].(map[string]any)
	if !ok {
		b.fail("headerMedia", errors.New("{type, link} is wanted; or id or file in place of link"))
		return
	}
	inner := builder{args: media}
	kind := inner.required("type")
	file := &whatsapp.File{Filename: inner.text("filename")}
	p := whatsapp.Parameter{Type: kind}
	switch kind {
	case whatsapp.ImageParameter:
		p.Image = file
	case whatsapp.VideoParameter:
		p.Video = file
	case whatsapp.DocumentParameter:
		p.Document = file
	default:
		if kind != "" {
			inner.fail("type", fmt.Errorf("%q is neither image, video nor document", kind))
		}
		p.Type, p.Document = whatsapp.DocumentParameter, file // so that the rest is checked
	}
	b.headerSource(&inner, kind, file)
	b.failIn("headerMedia", inner.problems)
	b.add(whatsapp.Component{Type: whatsapp.HeaderComponent, Parameters: []whatsapp.Parameter{p}}, componentOrigin{
		parameter: func(int) string { return b.at("headerMedia") },
		part: func(_ int, name string) string {
			if name == "link" || name == "filename" && media["filename"] != nil {
				return b.at("headerMedia." + name)
			}
			return ""
		},
	})
}

func (b *templateBuilder) headerSource(inner *builder, kind string, file *whatsapp.File) {
	switch inner.oneOf("link", "id", "file") {
	case "link":
		file.Link = inner.text("link")
	case "id":
		file.ID = inner.text("id")
	case "file":
		upload := &attachment{kind: whatsapp.MediaType(kind), param: b.at("headerMedia.file"), path: inner.text("file"), put: b.part.putHeader}
		file.ID = upload.pendingID()
		if file.Filename == "" && kind == whatsapp.DocumentParameter {
			file.Filename = upload.name()
		}
		b.draft.files = append(b.draft.files, upload)
	default:
		inner.fail("", errors.New("nothing says where the file is: give link, id or file"))
	}
}

// putHeader sets the media id of this part's header in a copy of the message's template.
func (p templatePart) putHeader(m *whatsapp.Message, id string) {
	t := *m.Template
	list := p.whole(&t)
	*list = slices.Clone(*list)
	header := &(*list)[0]
	value := header.Parameters[0]
	for _, media := range []**whatsapp.File{&value.Image, &value.Video, &value.Document} {
		if *media != nil {
			file := **media
			file.ID = id
			*media = &file
		}
	}
	header.Parameters = []whatsapp.Parameter{value}
	m.Template = &t
}

// headerLocation adds a place on the map.
func (b *templateBuilder) headerLocation() {
	place, ok := b.args["headerLocation"].(map[string]any)
	if !ok {
		b.fail("headerLocation", errors.New("{latitude, longitude, name, address} is wanted"))
		return
	}
	inner := builder{args: place}
	l := &whatsapp.Location{
		Latitude: inner.degrees("latitude"), Longitude: inner.degrees("longitude"), Name: inner.text("name"), Address: inner.text("address"),
	}
	b.failIn("headerLocation", inner.problems)
	p := whatsapp.Parameter{Type: whatsapp.LocationParameter, Location: l}
	b.add(whatsapp.Component{Type: whatsapp.HeaderComponent, Parameters: []whatsapp.Parameter{p}}, componentOrigin{
		parameter: func(int) string { return b.at("headerLocation") },
		part: func(_ int, name string) string {
			if name == "latitude" || name == "longitude" {
				return b.at("headerLocation." + name)
			}
			return ""
		},
	})
}
