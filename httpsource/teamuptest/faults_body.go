package teamuptest

import (
	"bytes"
	"net/http"
	"strings"
)

const mebibyte = 1 << 20

func bodyFaults() []Fault {
	return []Fault{
		named("truncated_json", "the body ends early, and Content-Length agrees", Body(func(b []byte) []byte { return b[:len(b)*2/3] })),
		named("malformed_json", "the last row lacks its brace", Body(func(b []byte) []byte {
			return append(bytes.TrimSuffix(bytes.Clone(b), []byte("}]}")), "]}"...)
		})),
		named("trailing_json", "a second value follows the first", Body(func(b []byte) []byte { return append(bytes.Clone(b), `{"total":0,"rows":[]}`...) })),
		named("empty_body", "the body is empty", Body(func([]byte) []byte { return nil })),
		named("null_body", "the body is null", Body(func([]byte) []byte { return []byte("null") })),
		named("no_rows", "there is no rows key", Body(func(b []byte) []byte { return bytes.Replace(b, []byte(`"rows":`), []byte(`"lines":`), 1) })),
		named("rows_object", "rows is an object", Body(func([]byte) []byte { return []byte(`{"total":1,"column_headers":[],"rows":{"id":1}}`) })),
		named("null_row", "a row is null", Body(func(b []byte) []byte { return bytes.Replace(b, []byte(`"rows":[`), []byte(`"rows":[null,`), 1) })),
		named("html", "a log-in page comes with status 200", Fault{send: func(x *exchange, _ []byte) {
			x.send(http.StatusOK, "text/html; charset=utf-8", []byte("<!DOCTYPE html><html><title>Log in</title></html>\n"))
		}}),
		named("wrong_content_type", "the page comes as text/plain", Fault{send: func(x *exchange, body []byte) {
			x.send(http.StatusOK, "text/plain", body)
		}}),
		named("corrupt_gzip", "the compressed body is damaged in the middle", Fault{send: corruptGzip}),
		named("gzip_bomb", "a body of 1 MB unpacks to 1 GiB", Fault{send: gzipBomb}),
		named("oversized_body", "the body has 256 MiB", Fault{send: func(x *exchange, body []byte) {
			x.Header().Set("Content-Type", x.contentType)
			x.flood(bytes.Repeat([]byte(" "), mebibyte), 256, body)
		}}),
		cell("oversized_value", "a text of 16 MiB", "", func(string) string { return `"` + strings.Repeat("x", 16*mebibyte) + `"` }),
	}
}

func corruptGzip(x *exchange, body []byte) {
	buf := &buffer{}
	compress(buf, body)
	for i := range min(8, len(buf.b)/2) {
		buf.b[len(buf.b)/2+i] ^= 0xff
	}
	x.Header().Set("Content-Type", x.contentType)
	x.Header().Set("Content-Encoding", "gzip")
	x.sendRaw(http.StatusOK, buf.b)
}

// gzipBomb sends many small gzip members, which unpack as one stream of JSON blanks
// before the page.
func gzipBomb(x *exchange, body []byte) {
	blanks, page := &buffer{}, &buffer{}
	compress(blanks, bytes.Repeat([]byte(" "), mebibyte))
	compress(page, body)
	x.Header().Set("Content-Type", x.contentType)
	x.Header().Set("Content-Encoding", "gzip")
	x.flood(blanks.b, 1024, page.b)
}

// flood sends block again and again, then end, until the client has had enough.
func (x *exchange) flood(block []byte, times int, end []byte) {
	for range times {
		if _, err := x.Write(block); err != nil {
			return
		}
	}
	_, _ = x.Write(end)
}
