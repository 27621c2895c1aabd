package teamuptest

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// exchange is one request in flight, with its entry in the log.
type exchange struct {
	http.ResponseWriter
	server *Server
	r      *http.Request

	contentType string // of the page, known once the request is understood

	entry   *Request
	became  Request
	settled bool
}

// Unwrap returns the ResponseWriter for http.ResponseController.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// WriteHeader notes the status.
func (x *exchange) WriteHeader(status int) {
	if x.became.Status == 0 {
		x.became.Status = status
	}
	x.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes that are sent.
func (x *exchange) Write(p []byte) (int, error) {
	if x.became.Status == 0 {
		x.became.Status = http.StatusOK
	}
	n, err := x.ResponseWriter.Write(p)
	if !x.settled {
		x.became.Bytes += n
	}
	return n, err
}

// settle marks the request as done in the log. It must be called before the last byte is
// sent, so that a client that has read a response finds it in the log as done.
func (x *exchange) settle() {
	if !x.settled {
		x.settled = true
		x.server.log.leave(x.entry, x.became)
	}
}

// send sends a complete response, compressed if the request accepts that.
func (x *exchange) send(status int, contentType string, body []byte) {
	x.Header().Set("Content-Type", contentType)
	x.Header().Set("Vary", "Accept-Encoding")
	const worthIt = 512
	if len(body) >= worthIt && !x.server.config.plain && strings.Contains(x.r.Header.Get("Accept-Encoding"), "gzip") {
		buf := getBuffer()
		defer putBuffer(buf)
		compress(buf, body)
		body = buf.b
		x.Header().Set("Content-Encoding", "gzip")
	}
	x.sendRaw(status, body)
}

// sendRaw sends body as it is.
func (x *exchange) sendRaw(status int, body []byte) {
	x.Header().Set("Content-Length", strconv.Itoa(len(body)))
	x.became.Status, x.became.Bytes = status, len(body)
	x.settle()
	x.WriteHeader(status)
	_, _ = x.Write(body) // an error means that the client has closed the connection, and needs no handling
}

// buffer is bytes that are used again and again.
type buffer struct{ b []byte }

func (b *buffer) Write(p []byte) (int, error) {
	b.b = append(b.b, p...)
	return len(p), nil
}

var (
	buffers     = sync.Pool{New: func() any { return &buffer{} }}
	compressors = sync.Pool{New: func() any {
		z, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level exists
		return z
	}}
)

func getBuffer() *buffer {
	b := buffers.Get().(*buffer)
	b.b = b.b[:0]
	return b
}

func putBuffer(b *buffer) { buffers.Put(b) }

func compress(dst *buffer, body []byte) {
	z := compressors.Get().(*gzip.Writer)
	defer compressors.Put(z)
	z.Reset(dst)
	_, _ = z.Write(body) // into memory
	_ = z.Close()
}
