package whatsapp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
)

// FileUpload is a file to be stored.
type FileUpload struct {
	Name     string    // as it is shown where the message does not name the file
	MIMEType string    // see MediaFile.MIMEType; empty: it is refused
	Content  io.Reader // read once
	Size     int64     // in bytes; below 0: not known
}

// Upload stores a file for the number and returns its id, which is valid for 30 days and for this number only.
// The file is streamed. The read timeout bounds each pause of the upload, not its whole length. An upload reaches no
// recipient, so it may be repeated.
//
// POST /{phone-number-id}/media. Source: Meta, business-phone-numbers/media.
func (c *Client) Upload(ctx context.Context, phoneNumberID string, f FileUpload) (string, error) {
	op := "upload " + f.Name
	if err := needID("phone number id", phoneNumberID); err != nil {
		return "", &Error{Op: op, Err: err}
	}
	head, tail, contentType, err := form(f.Name, f.MIMEType)
	if err != nil {
		return "", &Error{Op: op, Err: fmt.Errorf("%w: %w", ErrUnsendable, err)}
	}
	ctx, w := c.withTimeouts(ctx, nil)
	defer w.stop()
	source := &progress{from: f.Content, timer: w}
	body := io.MultiReader(bytes.NewReader(head), source, bytes.NewReader(tail))
	request := c.request(ctx, http.MethodPost, c.address(nil, phoneNumberID, "media"))
	request.Body, request.ContentLength = io.NopCloser(body), -1
	if f.Size >= 0 {
		request.ContentLength = int64(len(head)) + f.Size + int64(len(tail))
	}
	request.Header = request.Header.Clone()
	request.Header.Set("Content-Type", contentType)
	got, err := c.do(ctx, request, maxSent)
	var wire struct {
		ID flexString `json:"id"`
	}
	if err := c.decode(op, got, err, &wire); err != nil {
		return "", err
	}
	if wire.ID == "" {
		return "", c.newError(op, got, errors.New("the answer holds no media id"), true)
	}
	return string(wire.ID), nil
}

// form returns what comes before and after the file in a multipart body. The MIME type is in it twice, as a field and on
// the part: Meta's page asks for the one and shows the other.
func form(filename, mime string) (head, tail []byte, contentType string, err error) {
	if mime == "" {
		return nil, nil, "", errors.New("the file has no MIME type")
	}
	var buffer bytes.Buffer
	writer := multipart.NewWriter(&buffer)
	header := textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition("file", filename)},
		"Content-Type":        {mime},
	}
	errs := errors.Join(writer.WriteField("messaging_product", "whatsapp"), writer.WriteField("type", mime))
	_, partErr := writer.CreatePart(header)
	split := buffer.Len()
	if errs = errors.Join(errs, partErr, writer.Close()); errs != nil {
		return nil, nil, "", errs
	}
	return buffer.Bytes()[:split], buffer.Bytes()[split:], writer.FormDataContentType(), nil
}

// progress is a file that a transport reads; each read starts the read timeout again.
type progress struct {
	from  io.Reader
	timer *stageTimer
}

func (p *progress) Read(into []byte) (int, error) {
	p.timer.connected()
	n, err := p.from.Read(into)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("read the file: %w", err)
	}
	return n, err
}
