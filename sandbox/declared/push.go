package declared

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/sandbox/world"
)

// meaning is what a recorded receipt tells: an end, and a reason where it matters.
type meaning struct{ then, reason string }

// ends are the receipts that tell what becomes of a text, the best first: operators that have no
// word for one of them use a wider one.
var ends = map[world.End][]meaning{
	world.Arrived:           {{"delivered", ""}},
	world.Absent:            {{"undelivered", "absent"}, {"undelivered", "unknown"}, {"undelivered", ""}, {"rejected", ""}},
	world.UnknownSubscriber: {{"", "unknown_subscriber"}, {"undelivered", ""}, {"rejected", ""}},
	world.Blocked:           {{"", "blocked"}, {"rejected", "unknown"}, {"rejected", ""}, {"undelivered", ""}},
	world.Expired:           {{"expired", ""}, {"undelivered", "unknown"}, {"undelivered", ""}},
	world.NetworkFailure:    {{"undelivered", "network"}, {"undelivered", "unknown"}, {"undelivered", ""}},
}

// onWay are the receipts that end nothing.
var onWay = []meaning{{"submitted", ""}}

// example is the recorded receipt that tells the first of some things; nil: the operator tells none
// of them.
func (o *Operator) example(wanted ...meaning) *pushExample {
	for _, m := range wanted {
		at := slices.IndexFunc(o.record.Pushes, func(p pushExample) bool {
			return o.isReceipt(&p) && (m.then == "" || p.Then == m.then) && (m.reason == "" || p.Reason == m.reason)
		})
		if at >= 0 {
			return &o.record.Pushes[at]
		}
	}
	return nil
}

// partsOf are the recorded receipts of the parts of a long message, one for each, where the operator has some of a
// message with as many; nil: a receipt tells of the whole.
func (o *Operator) partsOf(m *message) []*pushExample {
	var parts []*pushExample
	seen := map[string]bool{}
	for i := range o.record.Pushes {
		if p := &o.record.Pushes[i]; p.Then == "part" && !seen[p.Path+p.Body] {
			seen[p.Path+p.Body] = true
			parts = append(parts, p)
		}
	}
	if len(parts) != segments(m.text) {
		return nil
	}
	return parts
}

// segments is how many parts a text has (GSM 03.38, 03.40, 9.2.3.24.1: a header of six octets in each of several).
func segments(text string) int {
	one, each := 160, 153
	n, ok := world.Septets(text)
	if !ok {
		n, one, each = world.Units(text), 70, 67
	}
	if n <= one {
		return 1
	}
	return (n + each - 1) / each
}

// isReceipt reports whether a recorded push is a receipt of the recorded message, and of no other
// thing beside it.
func (o *Operator) isReceipt(p *pushExample) bool {
	path, _ := p.path()
	all := p.Path + p.Body
	return o.d.Receipts != nil && path == o.d.Receipts.Path && p.News <= 1 && p.Blocks == "" &&
		!slices.Contains([]string{"refused", "reply", "block"}, p.Then) &&
		(strings.Contains(all, o.yes.ID) || strings.Contains(all, exampleRef))
}

// tell pushes a receipt as the course of its message wants.
func (o *Operator) tell(m *message, c *world.Course, p *pushExample, at time.Time) {
	send := o.push(m, p, o.d.Receipts, at, nil)
	if send == nil {
		return
	}
	if c.Before {
		o.world.Pusher.Now(o.count, send)
		return
	}
	for range c.Times {
		o.world.Pusher.Add(o.count, send)
	}
	if older := o.push(m, o.example(onWay...), o.d.Receipts, m.at, nil); c.Reorder && older != nil {
		soon := o.world.Clock.Now().Add(50 * time.Millisecond)
		o.world.Agenda.At(soon, func(time.Time) { o.world.Pusher.Add(o.count, older) })
	}
}

// tellReply pushes what a person answered: a STOP as a blocked number, where the operator has a
// push for it (inferred: that it tells no reply beside it).
func (o *Operator) tellReply(m *message, text string, n int64) {
	kind, then, of := replies, "reply", o.d.Replies
	if o.d.Blocks != nil && world.IsStop(text) {
		kind, then, of = blocks, "block", o.d.Blocks
	}
	if p := o.fetched(kind, meaning{then: then}); p != nil {
		changes := []change{{p.Text, text}, {p.ID, idLike(p.ID, n)}}
		o.enlist(kind, of, append(changes, o.changes(m)...), meaning{then: then})
	}
	at := slices.IndexFunc(o.record.Pushes, func(p pushExample) bool { return p.Then == then && p.News <= 1 })
	if at < 0 || of == nil {
		return
	}
	p := &o.record.Pushes[at]
	changes := []change{{p.Text, text}}
	if p.ID != "" && p.ID != o.yes.ID && p.ID != exampleRef {
		changes = append(changes, change{p.ID, idLike(p.ID, n)})
	}
	if send := o.push(m, p, of, o.world.Clock.Now(), changes); send != nil {
		o.world.Pusher.Add(o.count, send)
	}
}

// push is a recorded push about a message; nil: it is not told, or the operator knows no address.
func (o *Operator) push(m *message, p *pushExample, of *pushed, at time.Time, more []change) func(context.Context) error {
	if p == nil || of == nil {
		return nil
	}
	changes := append(more, o.changes(m)...)
	path, query := p.path()
	address := o.address(m, path)
	if address == nil {
		return nil
	}
	set := of.moment(at)
	all := address.Query()
	for name, texts := range fillForm(query, changes, set) {
		if !all.Has(name) {
			all[name] = texts
		}
	}
	address.RawQuery = all.Encode()
	body := fill(p.Body, changes, set)
	return func(ctx context.Context) error {
		return o.call(ctx, p, address, body)
	}
}

// address is where news of a message go: to the one that the message says, else to the
// customer's.
func (o *Operator) address(m *message, path string) *url.URL {
	text, said := m.callbacks[path]
	if !said {
		o.mu.Lock()
		text = o.customer
		o.mu.Unlock()
		if text == "" {
			return nil
		}
		text += path
	}
	address, err := url.Parse(text)
	if err != nil {
		return nil
	}
	return address
}

func (o *Operator) call(ctx context.Context, p *pushExample, address *url.URL, body string) error {
	r, err := http.NewRequestWithContext(ctx, p.method(), address.String(), strings.NewReader(body))
	if err != nil {
		return err
	}
	for name, text := range p.Headers {
		r.Header.Set(name, text)
	}
	if r.Header.Get("Content-Type") == "" {
		if kind := kinds[shapeOf(body)]; kind != "" {
			r.Header.Set("Content-Type", kind)
		}
	}
	body = o.signer.sign(r, body, o.world.Clock.Now())
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	return o.world.Pusher.Do(r)
}

var kinds = map[string]string{
	shapeJSON: "application/json", shapeForm: "application/x-www-form-urlencoded", shapeXML: "application/xml",
}

// moment is the time of a push at its place, in the operator's form. What stands in a header or in
// XML is left as it was recorded.
func (p *pushed) moment(at time.Time) map[string]string {
	if p.At == "" || p.Body == shapeXML || strings.Contains(p.At, ":") {
		return nil
	}
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		return nil
	}
	place := p.At
	if p.Each != "" {
		place = strings.TrimSuffix(p.Each, "/") + "/0" + place
	}
	at = at.In(zone)
	switch p.AtFormat {
	case "rfc3339":
		return map[string]string{place: at.Format(time.RFC3339)}
	case "rfc1123":
		return map[string]string{place: at.Format(time.RFC1123Z)}
	case "unix":
		return map[string]string{place: strconv.FormatInt(at.Unix(), 10)}
	case "unix_ms":
		return map[string]string{place: strconv.FormatInt(at.UnixMilli(), 10)}
	}
	layout := strings.NewReplacer("yyyy", "2006", "yy", "06", "MM", "01", "dd", "02", "HH", "15", "mm", "04", "ss", "05")
	return map[string]string{place: at.Format(layout.Replace(p.AtFormat))}
}
