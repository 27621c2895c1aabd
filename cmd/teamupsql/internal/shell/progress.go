package shell

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

const (
	progressAfter = 500 * time.Millisecond // a shorter statement shows none
	progressEvery = 100 * time.Millisecond
)

// progress draws one line on the error output while a statement reads the report, and
// removes it before anything else is printed.
type progress struct {
	s       *Shell
	mu      sync.Mutex
	drawn   bool
	ended   bool
	ends    chan struct{}
	stopped chan struct{}
}

// startProgress starts the progress of a statement. It draws nothing if the error output is
// not a terminal.
func (s *Shell) startProgress() *progress {
	p := &progress{s: s}
	if !s.cfg.Terminal.Err {
		return p
	}
	p.ends, p.stopped = make(chan struct{}), make(chan struct{})
	go p.watch()
	return p
}

func (p *progress) watch() {
	defer close(p.stopped)
	start := time.Now()
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	for {
		select {
		case <-p.ends:
			return
		case now := <-ticker.C:
			if now.Sub(start) >= progressAfter {
				p.draw(now)
			}
		}
	}
}

func (p *progress) draw(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.s.teamup.reading()
	if p.ended || r.requests == 0 && r.scans.Requests == 0 {
		return
	}
	width, _ := p.s.size()
	if width == 0 {
		width = screenWidth
	}
	fmt.Fprint(p.s.cfg.Err, "\r"+fit(progressLine(r, now), width-1)+"\x1b[K")
	p.drawn = true
}

// progressLine returns the progress of a statement, such as "▕████▏ 12/50 pages  1,200 rows
// …".
func progressLine(r reading, now time.Time) string {
	var parts []string
	pages, rows := fmt.Sprintf("%d pages", r.requests), r.rows
	if all := r.scans.PagesTotal; all > 0 {
		const width = 20
		done := int(min(width, width*r.scans.PagesDone/all))
		parts = append(parts, "▕"+strings.Repeat("█", done)+strings.Repeat(" ", width-done)+"▏")
		pages = fmt.Sprintf("%d/%d pages", r.scans.PagesDone, all)
	}
	parts = append(parts, pages, fmt.Sprintf("%d rows", rows))
	if took := now.Sub(r.started).Seconds(); !r.started.IsZero() && took > 0 {
		parts = append(parts, fmt.Sprintf("%.0f rows/s", float64(rows)/took))
	}
	if n := r.scans.InFlight; n > 0 {
		parts = append(parts, fmt.Sprintf("%d in flight", n))
	}
	if r.scans.Waiting {
		parts = append(parts, "waiting for TeamUp's limit")
	}
	return strings.Join(parts, "  ")
}

// fit cuts a line to the screen.
func fit(line string, width int) string {
	r := []rune(line)
	return string(r[:max(0, min(len(r), width))])
}

// clear takes the line away.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		fmt.Fprint(p.s.cfg.Err, "\r\x1b[K")
		p.drawn = false
	}
}

// stop ends it. It may be called again.
func (p *progress) stop() {
	if p.ends == nil || p.ended {
		return
	}
	close(p.ends)
	<-p.stopped
	p.clear()
	p.ended = true
}

// clearFor writes to w with the line out of the way.
func (p *progress) clearFor(w io.Writer) io.Writer { return clearing{p, w} }

type clearing struct {
	p *progress
	w io.Writer
}

// Write clears the line first. The next page draws it again.
func (c clearing) Write(b []byte) (int, error) {
	c.p.clear()
	return c.w.Write(b)
}
