package teamuptest

import (
	"net"
	"net/http"
	"strconv"
	"time"
)

func connectionFaults() []Fault {
	return []Fault{
		named("reset", "the connection is reset before a response", Fault{send: reset}),
		named("close", "the connection is closed before a response", Fault{send: func(x *exchange, _ []byte) {
			panic(http.ErrAbortHandler)
		}}),
		named("hang_up", "the connection is closed in the middle of the body", Fault{send: func(x *exchange, body []byte) {
			x.half(body)
			panic(http.ErrAbortHandler)
		}}),
		named("hang_up_headers", "the connection is closed after the headers", Fault{send: func(x *exchange, body []byte) {
			x.half(body[:1])
			panic(http.ErrAbortHandler)
		}}),
		named("stall", "no response until the client cancels", Fault{send: func(x *exchange, _ []byte) {
			x.stall()
		}}),
		named("stall_body", "the body stops in the middle until the client gives up", Fault{send: func(x *exchange, body []byte) {
			x.half(body)
			x.stall()
		}}),
		named("delayed", "the response is late by 100 ms", Delay(100*time.Millisecond)),
	}
}

// reset sends a TCP reset if there is a TCP connection.
func reset(x *exchange, _ []byte) {
	x.settle()
	conn, _, err := http.NewResponseController(x.ResponseWriter).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // drop unsent data and send a reset
	}
	_ = conn.Close()
}

// half announces the complete body and sends half of it.
func (x *exchange) half(body []byte) {
	x.Header().Set("Content-Type", x.contentType)
	x.Header().Set("Content-Length", strconv.Itoa(len(body)))
	x.WriteHeader(http.StatusOK)
	_, _ = x.Write(body[:len(body)/2])
	_ = http.NewResponseController(x.ResponseWriter).Flush() // an error means that the client has closed the connection
}

// stall waits for the end of the request or of the server, and breaks the connection.
func (x *exchange) stall() {
	select {
	case <-x.r.Context().Done():
	case <-x.server.done:
	}
	panic(http.ErrAbortHandler)
}
