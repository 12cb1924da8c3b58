package declared

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"relais/sandbox/world"
)

// Operator is one that is played from its declaration.
type Operator struct {
	Name  string
	Title string

	world  *world.World
	count  *world.Counters
	d      declaration
	record record
	form   *form
	yes    told
	signer *signer

	mu       sync.Mutex
	taken    int64
	byRef    map[string]*message
	byID     map[string]*message
	customer string           // address for its news, without a slash at the end
	listed   map[string][]any // what is told to who asks, by the table
}

// message is one that the operator took.
type message struct {
	asked
	id string
	at time.Time
}

// New opens an operator in a world. before is how many ids were given before now.
func New(w *world.World, s Source, before int64) (*Operator, error) {
	d, r, err := s.read()
	if err != nil {
		return nil, err
	}
	o := &Operator{
		Name: s.Name, Title: d.Title, world: w, count: w.Tally.Of(s.Name), d: d, record: r, form: formOf(&d, &r),
		taken: before, byRef: map[string]*message{}, byID: map[string]*message{}, listed: map[string][]any{},
	}
	if o.form == nil {
		return nil, fmt.Errorf("the exchanges of %s have no request", s.Name)
	}
	var there bool
	if o.yes, there = r.yes(); !there {
		return nil, fmt.Errorf("the exchanges of %s have no answer that takes a message", s.Name)
	}
	o.signer, err = newSigner(d.Signature, &o.record.Settings)
	return o, err
}

// yes is the answer that takes a message, and whether one was recorded.
func (r *record) yes() (told, bool) {
	for _, one := range r.Sends {
		if one.Then == "taken" {
			return one, true
		}
	}
	return told{}, false
}

// Account is what a customer needs to know of an operator. It opens nothing but a sandbox.
type Account struct {
	Title    string            `json:"title"`
	BaseURL  string            `json:"base_url"`
	Settings map[string]string `json:"settings"` // by the key of a connector's section
	Callback string            `json:"callback"` // where news of no message go; empty: nowhere
}

// Account tells how to be let in.
func (o *Operator) Account() Account {
	s, all := o.record.Settings, map[string]string{}
	for name, text := range map[string]string{
		"login": s.Login, "profile": s.Profile, "key": s.Key, "secret": s.Secret, "signing_key": s.SigningKey, "sender": s.Sender,
	} {
		if text != "" {
			all[name] = text
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return Account{Title: o.Title, BaseURL: o.world.URL + Prefix + o.Name, Settings: all, Callback: o.customer}
}

// Prefix is where the operators stand at a sandbox, each behind its name.
const Prefix = "/operator/"

// SetCallback sets where the operator pushes what no message says, as a customer does on its
// pages. The address is the one of `relais callbacks`.
func (o *Operator) SetCallback(address string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.customer = strings.TrimSuffix(address, "/")
}

// Serve answers one call. The path of r is as the operator has it, without the prefix.
func (o *Operator) Serve(w http.ResponseWriter, r *http.Request) {
	o.count.Calls.Add(1)
	body, err := world.ReadBody(w, r)
	if err != nil {
		world.Drop(w, false)
		return
	}
	a, judged := o.form.judge(r, string(body))
	if judged == elsewhere {
		o.world.Respond(w, r, world.Call{
			Operator: o.Name, Refuse: o.faulty(w), Handle: func() world.Answer { return o.other(w, r, string(body)) },
		})
		return
	}
	o.world.Respond(w, r, world.Call{
		Operator: o.Name, Submits: true, Refuse: o.faulty(w), Handle: func() world.Answer { return o.submit(w, &a, judged) },
	})
}

func (o *Operator) submit(w http.ResponseWriter, a *asked, judged judgement) world.Answer {
	if judged != fine {
		o.count.Refused.Add(1)
	}
	if judged == unknown {
		return o.refusal(w, "auth", http.StatusUnauthorized)
	}
	if judged == malformed {
		return o.refusal(w, "rejected", http.StatusBadRequest)
	}
	m := o.take(a)
	answer := o.says(w, &o.yes, o.changes(m))
	answer.Taken = 1
	return answer
}

// take keeps a message and sends it on its course.
func (o *Operator) take(a *asked) *message {
	o.mu.Lock()
	o.taken++
	m := &message{asked: *a, id: idLike(o.yes.ID, o.taken), at: o.world.Clock.Now()}
	if o.yes.ID == exampleRef && a.ref != "" { // the customer chooses it
		m.id = a.ref
	}
	o.byID[m.id] = m
	if a.ref != "" {
		o.byRef[a.ref] = m
	}
	o.mu.Unlock()
	o.count.Accepted.Add(1)
	o.start(m)
	return m
}

func (o *Operator) start(m *message) {
	c := o.world.CourseOf(o.Name, m.number)
	if c.Buffered {
		o.tell(m, &world.Course{Times: 1}, o.example(onWay...), o.world.Clock.Now())
	}
	if c.End == world.Arrived && !c.Buffered {
		o.arrive(m, &c)
	}
	if c.Wait == 0 {
		o.end(m, &c)
		return
	}
	o.world.Agenda.At(o.world.Clock.Now().Add(c.Wait), func(time.Time) {
		if c.Buffered {
			o.arrive(m, &c)
		}
		o.end(m, &c)
	})
}

func (o *Operator) arrive(m *message, c *world.Course) {
	o.world.Handsets.Arrive(m.number, world.Text{
		From: m.sender, Text: m.text, Operator: o.Name, OperatorID: m.id, Reference: m.ref, At: o.world.Clock.Now(),
	})
	o.world.AnswerFor(c, m.number)
}

func (o *Operator) end(m *message, c *world.Course) {
	if c.Never {
		return
	}
	o.enlist(receipts, o.d.Receipts, o.changes(m), ends[c.End]...)
	if parts := o.partsOf(m); c.End == world.Arrived && len(parts) > 0 {
		for _, p := range parts {
			o.tell(m, c, p, o.world.Clock.Now())
		}
		return
	}
	o.tell(m, c, o.example(ends[c.End]...), o.world.Clock.Now())
}

// fewest are the digits of an id that change from message to message.
const fewest = 9

// idLike is another id of the form of a recorded one.
func idLike(recorded string, n int64) string {
	digits := strconv.FormatInt(n, 10)
	id := []byte(recorded)
	for i := len(id) - 1; i >= 0 && (len(digits) > 0 || len(id)-i <= fewest); i-- {
		if !alphanumeric(id[i]) {
			continue
		}
		id[i] = '0'
		if last := len(digits) - 1; last >= 0 {
			id[i], digits = digits[last], digits[:last]
		}
	}
	if len(id) <= fewest { // nothing of it stays, and a number must not begin with a zero
		digits = "1" + digits
	}
	return digits + string(id)
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// ErrNoMessage says that a reply answers nothing that the operator sent.
var ErrNoMessage = errors.New("the operator has no such message")

// Reply takes what a person answers to the message of an id.
func (o *Operator) Reply(id, text string) error {
	o.mu.Lock()
	m := o.byID[id]
	o.taken++
	n := o.taken
	o.mu.Unlock()
	if m == nil {
		return ErrNoMessage
	}
	o.count.Replies.Add(1)
	o.tellReply(m, text, n)
	return nil
}

// changes are what stands in the place of the recorded message's values.
func (o *Operator) changes(m *message) []change {
	return []change{
		{o.yes.ID, m.id},
		{exampleRef, cmp.Or(m.ref, exampleRef)},
		{exampleDigits, strings.TrimPrefix(m.number, "+")},
		{"+" + exampleDigits, m.number},
	}
}
