package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	mediaLife    = 30 * 24 * time.Hour // an uploaded file and its id
	addressLife  = 5 * time.Minute     // the address in the answer to GET /{media-id}
	stickerStill = 100 << 10           // an animated one may have 500 KB; told apart by the ANIM chunk
	stickerMoves = 500 << 10
)

type file struct {
	id      string
	mime    string
	content []byte
	sum     [sha256.Size]byte
	at      time.Time
	number  *number // that it was uploaded to, and that alone may send it
}

// files keeps uploads up to a number of bytes. The caller holds the server's lock.
type files struct {
	byID  map[string]*file
	order []string
	size  int64
	keep  int64
}

func newFiles(keep int64) files { return files{byID: map[string]*file{}, keep: keep} }

func (f *files) get(id string, now time.Time) *file {
	found := f.byID[id]
	if found == nil || now.Sub(found.at) >= mediaLife {
		return nil
	}
	return found
}

func (f *files) put(added *file) {
	f.byID[added.id] = added
	f.order = append(f.order, added.id)
	f.size += int64(len(added.content))
	for f.size > f.keep && len(f.order) > 1 {
		f.remove(f.order[0])
	}
}

func (f *files) remove(id string) {
	if old := f.byID[id]; old != nil {
		f.size -= int64(len(old.content))
		delete(f.byID, id)
	}
	for i, kept := range f.order {
		if kept == id {
			f.order = append(f.order[:i], f.order[i+1:]...)
			return
		}
	}
}

// mediaLimit is the largest file of a MIME type and the kind of message it is for; 0: the type is not taken. Source: Meta,
// business-phone-numbers/media.
func mediaLimit(kind string) (int, string) {
	switch kind {
	case "audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg":
		return 16 << 20, "Audio"
	case "image/jpeg", "image/png":
		return 5 << 20, "Image"
	case "image/webp":
		return stickerMoves, "Sticker"
	case "video/mp4", "video/3gpp":
		return 16 << 20, "Video"
	case "text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"application/vnd.openxmlformats-officedocument.presentationml.presentation":
		return 100 << 20, "Document"
	default:
		return 0, ""
	}
}

// upload is POST /{phone-number-id}/media.
func (s *Server) upload(c *call) (answer, *graphError) {
	form, refusal := readForm(c)
	if refusal != nil {
		return answer{}, refusal
	}
	setText(&form.product, c.query.Get("messaging_product"))
	setText(&form.fieldType, c.query.Get("type"))
	if form.product != "whatsapp" {
		return answer{}, refuse(100, "The parameter messaging_product is required.")
	}
	if !form.hasFile {
		return answer{}, refuse(100, "The parameter file is required.")
	}
	kind := mimeOf(form.partType)
	if _, known := mediaLimit(kind); known == "" {
		if declared := mimeOf(form.fieldType); declared != "" {
			kind = declared
		}
	}
	limit, name := mediaLimit(kind)
	if limit == 0 {
		return answer{}, refuse(100, "Param file must be a file with one of the following types: audio/aac, audio/mp4, "+
			"audio/mpeg, audio/amr, "+
			"audio/ogg, application/vnd.ms-powerpoint, application/msword, "+
			"application/vnd.openxmlformats-officedocument.wordprocessingml.document, "+
			"application/vnd.openxmlformats-officedocument.presentationml.presentation, "+
			"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, "+
			"application/pdf, text/plain, application/vnd.ms-excel, image/jpeg, image/png, image/webp, video/mp4, "+
			"video/3gpp. Received file of type '%s'.", kind)
	}
	if kind == "image/webp" && !bytes.Contains(form.content[:min(len(form.content), 64)], []byte("ANIM")) {
		limit = stickerStill
	}
	if len(form.content) > limit || len(form.content) == 0 {
		return answer{}, refuse(131053, "%s file has size %d bytes but must be atmost %d bytes and non-empty", name,
			len(form.content), limit)
	}
	added := &file{id: s.newID(), mime: kind, content: form.content, sum: sha256.Sum256(form.content), at: s.clock.now(), number: c.number}
	s.mu.Lock()
	s.files.put(added)
	s.mu.Unlock()
	return jsonAnswer(http.StatusOK, map[string]string{"id": added.id}), nil
}

type uploadForm struct {
	product, fieldType, partType string
	content                      []byte
	hasFile                      bool
}

func readForm(c *call) (uploadForm, *graphError) {
	var form uploadForm
	kind, parameters, err := mime.ParseMediaType(c.header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || parameters["boundary"] == "" {
		return form, refuse(100, "An upload is multipart/form-data.")
	}
	reader := multipart.NewReader(bytes.NewReader(c.body), parameters["boundary"])
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return form, nil
		}
		if err != nil {
			return form, refuse(100, "The form cannot be read: %s", err.Error())
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return form, refuse(100, "The form cannot be read: %s", err.Error())
		}
		switch part.FormName() {
		case "messaging_product":
			form.product = string(content)
		case "type":
			form.fieldType = string(content)
		case "file":
			form.hasFile, form.content, form.partType = true, content, part.Header.Get("Content-Type")
		}
	}
}

// mimeOf is a MIME type without its parameters; Meta's examples shorten two of them.
func mimeOf(text string) string {
	switch text {
	case "ogg":
		return "audio/ogg"
	case "webp":
		return "image/webp"
	}
	kind, _, err := mime.ParseMediaType(text)
	if err != nil {
		return strings.ToLower(strings.TrimSpace(text))
	}
	return kind
}

type mediaAnswer struct {
	Product string `json:"messaging_product"`
	URL     string `json:"url"`
	Mime    string `json:"mime_type"`
	Sum     string `json:"sha256"`
	Size    string `json:"file_size"`
	ID      string `json:"id"`
}

// owned finds the file a path names; phone_number_id, if given, has to be the number it was uploaded to.
func (s *Server) owned(c *call) (*file, *graphError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.files.get(c.parts[0], s.clock.now())
	if number := c.query.Get("phone_number_id"); found == nil || number != "" && number != found.number.id {
		return nil, unsupported(c.method, c.parts[0])
	}
	return found, nil
}

// getMedia is GET /{media-id}; its address works for 5 minutes, and only with the token.
func (s *Server) getMedia(c *call) (answer, *graphError) {
	found, refusal := s.owned(c)
	if refusal != nil {
		return answer{}, refusal
	}
	expires := s.clock.now().Add(addressLife).Unix()
	query := url.Values{"mid": {found.id}, "ext": {strconv.FormatInt(expires, 10)}, "hash": {s.ticket(found.id, expires)}}
	return jsonAnswer(http.StatusOK, mediaAnswer{
		Product: "whatsapp", URL: c.media + "/whatsapp_business/attachments/?" + query.Encode(), Mime: found.mime,
		Sum: hex.EncodeToString(found.sum[:]), Size: strconv.Itoa(len(found.content)), ID: found.id,
	}), nil
}

// ticket makes the address of a download hard to change.
func (s *Server) ticket(id string, expires int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/%s/%d", s.ids.seed, id, expires))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// download serves the address of getMedia; once it is too old, 404: the id has to be asked again.
func (s *Server) download(c *call) (answer, *graphError) {
	expires, err := strconv.ParseInt(c.query.Get("ext"), 10, 64)
	id := c.query.Get("mid")
	s.mu.Lock()
	found := s.files.get(id, s.clock.now())
	s.mu.Unlock()
	if err != nil || found == nil || s.clock.now().Unix() >= expires || c.query.Get("hash") != s.ticket(id, expires) {
		return answer{status: http.StatusNotFound, contentType: "text/plain; charset=utf-8", body: []byte("Not found")}, nil
	}
	return answer{status: http.StatusOK, contentType: found.mime, body: found.content}, nil
}

// deleteMedia is DELETE /{media-id}.
func (s *Server) deleteMedia(c *call) (answer, *graphError) {
	found, refusal := s.owned(c)
	if refusal != nil {
		return answer{}, refusal
	}
	s.mu.Lock()
	s.files.remove(found.id)
	s.mu.Unlock()
	return success(), nil
}
