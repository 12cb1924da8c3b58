package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// progress shows on standard error how far a command is: a bar on a terminal, lines
// elsewhere, at most one each pause.
type progress struct {
	t     *terminal
	key   string // of the phrase, which takes done and total
	total int
	pause time.Duration
	last  time.Time
	bar   bool
	drawn bool
}

func (t *terminal) progress(key string, total int, pause time.Duration) *progress {
	kind, _ := os.LookupEnv("TERM")
	return &progress{t: t, key: key, total: total, pause: pause, last: time.Now(), bar: isTerminal(t.stderr) && kind != "dumb"}
}

// at tells that done of the total are done.
func (p *progress) at(done int) {
	text := p.t.text(p.key, "done", done, "total", p.total)
	if p.bar {
		const size = 24
		full := size * done / max(p.total, 1)
		fmt.Fprintf(p.t.stderr, "\r\x1b[K[%s%s] %3d%%  %s", strings.Repeat("#", full), strings.Repeat(".", size-full), 100*done/max(p.total, 1), text)
		p.drawn = true
		return
	}
	if now := time.Now(); now.Sub(p.last) >= p.pause {
		p.last = now
		fmt.Fprintln(p.t.stderr, text)
	}
}

// clear takes the bar away, so that other lines may be written.
func (p *progress) clear() {
	if p.drawn {
		fmt.Fprint(p.t.stderr, "\r\x1b[K")
	}
	p.drawn = false
}
