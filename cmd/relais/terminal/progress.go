package terminal

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// Progress shows on standard error how far a command is: a bar on a terminal, lines
// elsewhere, at most one each pause.
type Progress struct {
	t     *Terminal
	key   string // of the phrase, which takes done and total
	total int
	pause time.Duration
	last  time.Time
	bar   bool
	drawn bool
}

// Progress begins to show how far a command is, by a phrase that takes done and total.
func (t *Terminal) Progress(key string, total int, pause time.Duration) *Progress {
	kind, _ := os.LookupEnv("TERM")
	return &Progress{
		t: t, key: key, total: total, pause: pause, last: time.Now(),
		bar: IsTerminal(t.Stderr) && kind != "dumb",
	}
}

// At says that done of the total are done, with what else the phrase takes.
func (p *Progress) At(done int, pairs ...any) {
	text := p.t.Text(p.key, append([]any{"done", done, "total", p.total}, pairs...)...)
	if p.bar {
		const size = 24
		full := size * done / max(p.total, 1)
		fmt.Fprintf(p.t.Stderr, "\r\x1b[K[%s%s] %3d%%  %s", strings.Repeat("#", full),
			strings.Repeat(".", size-full), 100*done/max(p.total, 1), text)
		p.drawn = true
		return
	}
	if now := time.Now(); now.Sub(p.last) >= p.pause {
		p.last = now
		fmt.Fprintln(p.t.Stderr, text)
	}
}

// Clear takes the bar away, so that other lines may be written.
func (p *Progress) Clear() {
	if p.drawn {
		fmt.Fprint(p.t.Stderr, "\r\x1b[K")
	}
	p.drawn = false
}
