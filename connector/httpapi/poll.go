package httpapi

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"relais/reason"
)

// poll is a call that fetches what the operator tells of, in a list: [[receipts.poll]], [[replies.poll]] or
// [[blocks.poll]]. What stands where in an element is the table's, as of a push.
type poll struct {
	call
	since   moment // how {since} and {until} are written
	overlap time.Duration
	first   int   // page
	next    place // where the answer has what {cursor} stands for in the next call
	windows bool  // it asks for what came since a moment
	pages   bool
	drained bool // what was told is gone from the list, so that the same call tells what is left
}

// Bounds of polls.
const (
	standardPoll    = 5 * time.Minute // inferred: no operator is known that wants fewer calls
	shortestPoll    = 10 * time.Second
	longestPoll     = 24 * time.Hour
	standardOverlap = time.Hour // inferred: lists may have things late
	longestOverlap  = 7 * 24 * time.Hour
)

// every compiles how often an instance polls; 0: it has nothing to ask.
func (j *judge) every(d *Declaration, text string) time.Duration {
	if !d.polled() {
		if text != "" {
			j.complain("poll_every", whyIdleKey, nil)
		}
		return 0
	}
	return j.span("poll_every", text, standardPoll, shortestPoll, longestPoll)
}

func (j *judge) span(key, text string, standard, least, most time.Duration) time.Duration {
	if text == "" {
		return standard
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < least || d > most {
		j.complain(key, whySpan, reason.Args{"least": reason.Duration(least), "most": reason.Duration(most)})
		return standard
	}
	return d
}

// polls compiles the calls that fetch what a table describes.
func (j *judge) polls(at string, c *callback, w *writtenCallback) []poll {
	if len(w.Poll) == 0 {
		return nil
	}
	if c.body.kind != shapeJSON {
		j.complain(at+".body", whyPollJSON, nil)
	}
	if w.Each == "" {
		j.complain(at+".each", whyMissing, nil)
	}
	if at == "blocks" && w.At == "" { // or a number that wants texts again is blocked by each poll
		j.complain(at+".at", whyMissing, nil)
	}
	var compiled []poll
	for i := range w.Poll {
		compiled = append(compiled, j.poll(element(at+".poll", i), &w.Poll[i]))
	}
	return compiled
}

func (j *judge) poll(at string, w *writtenPoll) poll {
	j.polling = true
	defer func() { j.polling = false }()
	p := poll{call: j.asks(at, &w.writtenCall), first: 1}
	if p.answers.kind != shapeJSON {
		j.complain(at+".answers", whyPollJSON, nil)
	}
	names := map[string]bool{}
	for _, t := range p.templates(at) {
		for _, name := range t.names() {
			names[name] = true
		}
	}
	p.windows, p.pages = names["since"] || names["until"], names["page"]
	j.idle(at, map[string]bool{
		"since_format": w.SinceFormat != "" && !p.windows, "zone": w.Zone != "" && !p.windows, "overlap": w.Overlap != "" && !p.windows,
		"page_from": w.PageFrom != nil && !p.pages, "next": w.Next != "" && !names["cursor"],
		"drained": w.Drained && (p.pages || names["cursor"]),
		"method":  p.method == http.MethodPut,
	})
	if p.windows {
		p.since = j.written(at, "since_format", w.SinceFormat, w.Zone)
	}
	p.overlap = j.span(at+".overlap", w.Overlap, standardOverlap, 0, longestOverlap)
	if w.PageFrom != nil {
		p.first = *w.PageFrom
	}
	if p.first < 0 || p.first > 1 {
		j.complain(at+".page_from", whyPageFrom, nil)
	}
	p.drained = w.Drained
	p.next = j.place(at+".next", w.Next, p.answers)
	if names["cursor"] && w.Next == "" {
		j.complain(at+".next", whyMissing, nil)
	}
	if names["cursor"] && p.pages {
		j.complain(at+".next", whyPollTwo, nil)
	}
	return p
}

// told are the tables of what the operator tells.
func (d *Declaration) told() []*callback {
	return slices.DeleteFunc([]*callback{d.receipts, d.replies, d.blocks}, func(c *callback) bool { return c == nil })
}

// pushes reports whether anything is pushed, and polled whether anything is fetched.
func (d *Declaration) pushes() bool {
	return slices.ContainsFunc(d.told(), func(c *callback) bool { return c.path != "" })
}

func (d *Declaration) polled() bool {
	return slices.ContainsFunc(d.told(), func(c *callback) bool { return len(c.polls) > 0 })
}

// asked is where a list is being read. It holds no number and no text.
type asked struct {
	Since  time.Time `json:"since,omitzero"` // everything until then was told
	Until  time.Time `json:"until,omitzero"` // end of the window that is being read; zero between windows
	Page   int       `json:"page,omitempty"`
	Cursor string    `json:"cursor,omitempty"`
}

// firstLook is how far the first poll of an instance reaches back.
const firstLook = 24 * time.Hour

// begin makes a list ready to be asked for. A moment that is still to come is of a clock that was put back.
func (p *poll) begin(a *asked, now time.Time) {
	if p.pages && (a.Page < p.first || a.Until.IsZero() && p.windows) {
		a.Page = p.first
	}
	if !p.windows {
		return
	}
	if a.Since.IsZero() || a.Since.After(now) {
		*a = asked{Since: now.Add(-firstLook), Page: a.Page}
	}
	if !a.Until.After(a.Since) || a.Until.After(now) {
		a.Until, a.Page, a.Cursor = now, p.first, ""
	}
}

// goesOn moves behind an answer, and reports whether a further one is to be asked for. more says that the list in this
// one had something, and was not the list of the one before. A cursor is of the window that it was given in: it ends
// with it, and an empty list ends a window whatever stands at next.
func (p *poll) goesOn(a *asked, answer *document, more bool) bool {
	if next, _ := answer.at(p.next); p.next.in != "" && usable(next) && next != a.Cursor && (more || !p.windows) {
		a.Cursor = next
		return more
	}
	if p.pages && more {
		a.Page++
		return true
	}
	if p.drained && more {
		return true
	}
	a.Page = 0
	if p.windows {
		a.Since, a.Until, a.Cursor = a.Until, time.Time{}, ""
	}
	return false
}

// value is what a placeholder of a poll stands for.
func (p *poll) value(a *asked, name string) any {
	switch name {
	case "since":
		return p.since.write(a.Since.Add(-p.overlap))
	case "until":
		return p.since.write(a.Until)
	case "page":
		return int64(a.Page)
	default:
		return a.Cursor
	}
}

// nameOf is how the cursor of an instance calls a list.
func nameOf(kind string, i int) string { return fmt.Sprintf("%s.%d", kind, i) }
