package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

// server is the report server's process. One serves all measures: the path says
// which report is meant, see address.
type server struct {
	root   string
	cmd    *exec.Cmd
	parent io.Closer // the process ends when this does
}

// startServer starts this program again as a server.
func startServer() (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, modeServe)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd, parent: in}
	if _, err := fmt.Fscanln(out, &s.root); err != nil {
		s.stop()
		return nil, fmt.Errorf("the server did not start: %w", err)
	}
	return s, nil
}

func (s *server) stop() {
	_ = s.parent.Close()
	_ = s.cmd.Wait()
}

// Packings of answers.
const (
	plain  = "plain"
	zipped = "gzip"
)

// address is the base URL of the report of so many customers that answers after so
// long.
func (s *server) address(customers int, latency time.Duration, packing string) string {
	return fmt.Sprintf("%s/%d/%d/%s/api/v2", s.root, customers, latency.Milliseconds(), packing)
}

// serve answers on a free port until in ends.
func serve(in io.Reader, out io.Writer) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	h := &http.Server{Handler: &reports{}, ReadHeaderTimeout: time.Minute}
	go func() {
		_, _ = io.Copy(io.Discard, in)
		_ = h.Close()
	}()
	fmt.Fprintln(out, "http://"+l.Addr().String())
	if err := h.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// reports are the report servers of all sizes. So that the server's work is not
// what is measured, it keeps answers as they went out and repeats them, within
// bounds; those of large reports it makes anew each time.
type reports struct {
	servers sync.Map     // of *teamuptest.Server by customers and packing
	kept    sync.Map     // of *httptest.ResponseRecorder by address
	size    atomic.Int64 // of kept
}

// The bounds: 505 full pages of 50,000 customers take 82 MB.
const (
	keepCustomers = 100_000
	keepBytes     = 512 << 20
)

func (p *reports) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.SplitN(strings.TrimPrefix(r.URL.Path, "/"), "/", 4)
	if len(parts) < 4 {
		http.NotFound(w, r)
		return
	}
	customers, _ := strconv.Atoi(parts[0])
	latency, _ := strconv.Atoi(parts[1])
	due := time.Now().Add(time.Duration(latency) * time.Millisecond)
	key := parts[0] + parts[2] + r.URL.RawQuery
	r.URL.Path = "/" + parts[3]
	if customers > keepCustomers {
		p.server(customers, parts[2]).ServeHTTP(w, r)
		return
	}
	known, ok := p.kept.Load(key)
	if !ok {
		known = p.render(key, p.server(customers, parts[2]), r)
	}
	answer := known.(*httptest.ResponseRecorder)
	time.Sleep(time.Until(due))
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(answer.Body.Len()))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// render makes an answer and keeps it while there is room.
func (p *reports) render(key string, s *teamuptest.Server, r *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	s.ServeHTTP(answer, r)
	answer.Body = bytes.NewBuffer(bytes.Clone(answer.Body.Bytes()))
	if p.size.Add(int64(answer.Body.Len())) <= keepBytes {
		p.kept.Store(key, answer)
	}
	return answer
}

func (p *reports) server(customers int, packing string) *teamuptest.Server {
	key := fmt.Sprint(customers, packing)
	if s, ok := p.servers.Load(key); ok {
		return s.(*teamuptest.Server)
	}
	options := []teamuptest.Option{teamuptest.WithCustomers(customers), teamuptest.WithClock(today)}
	if packing == plain {
		options = append(options, teamuptest.WithoutGzip())
	}
	s, _ := p.servers.LoadOrStore(key, teamuptest.New(options...))
	return s.(*teamuptest.Server)
}
