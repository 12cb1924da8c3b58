package ovh

import (
	"math/rand/v2"
	"strconv"
	"time"

	"relais/sandbox/world"
)

// The life of a message. Only pending ones are jobs, only sent ones are outgoing.
const (
	pending = iota
	sent
	gone // canceled or erased
)

// message is one text to one receiver. All but its state is set once.
type message struct {
	id        int64
	account   *account
	receiver  string
	sender    string
	text      string // as given; the clause is added on the way to the handset
	tag       string
	flash     bool
	stop      bool // the clause is added
	blocked   bool // the receiver had answered STOP
	length    int
	parts     int
	createdAt time.Time
	dueAt     time.Time
	validity  time.Duration

	state       uint8 // guarded by ledger.mu, as all below
	receipt     int   // deliveryReceipt
	ptt         int
	sentAt      time.Time
	deliveredAt time.Time
}

// Report is sms.SmsSendingReportUser.
type Report struct {
	CreditsLeft         float64  `json:"creditsLeft"`
	IDs                 []int64  `json:"ids"`
	InvalidReceivers    []string `json:"invalidReceivers"`
	Tag                 string   `json:"tag"`
	TotalCreditsRemoved float64  `json:"totalCreditsRemoved"`
	ValidReceivers      []string `json:"validReceivers"`
}

// submit is POST jobs. A bad number makes no error: it stands in
// invalidReceivers, and when all are bad ids is empty (documented). A number given
// twice gets two messages (inferred).
func (l *ledger) submit(a *account, body []byte) (any, error) {
	job, err := readJob(body)
	if err != nil {
		return nil, err
	}
	if job.named {
		if err := l.senders.check(job.sender); err != nil {
			return nil, err
		}
	}
	report := &Report{IDs: []int64{}, InvalidReceivers: []string{}, ValidReceivers: []string{}, Tag: job.tag}
	for _, receiver := range job.receivers {
		if number, ok := receiverOf(receiver); ok {
			report.ValidReceivers = append(report.ValidReceivers, number)
		} else {
			report.InvalidReceivers = append(report.InvalidReceivers, receiver)
		}
	}
	batch := l.newBatch(a, job, report.ValidReceivers)
	if err := l.register(a, batch, report); err != nil {
		return nil, err
	}
	l.count.Accepted.Add(int64(len(batch)))
	l.count.Refused.Add(int64(len(report.InvalidReceivers)))
	for i := range batch {
		l.start(&batch[i])
	}
	return report, nil
}

func (l *ledger) newBatch(a *account, job job, receivers []string) []message {
	now := l.world.Clock.Now()
	due := now.Add(job.differed)
	if !job.noStop {
		due = nextOpening(due)
	}
	stop := job.named && !job.noStop
	coding := codingOf(job.message, stop)
	batch := make([]message, len(receivers))
	for i, receiver := range receivers {
		batch[i] = message{
			account: a, receiver: receiver, sender: job.sender, text: job.message, tag: job.tag, stop: stop,
			flash:  job.flash,
			length: coding.length, parts: coding.parts(), createdAt: now, dueAt: due, validity: job.validity,
		}
	}
	return batch
}

// register takes the credits and gives the ids. One part costs one credit for any
// country; real prices differ (documented) and are not simulated.
func (l *ledger) register(a *account, batch []message, report *Report) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range batch {
		report.TotalCreditsRemoved += float64(batch[i].parts)
	}
	if report.TotalCreditsRemoved > a.creditsLeft {
		return errCredit
	}
	a.creditsLeft -= report.TotalCreditsRemoved
	report.CreditsLeft = a.creditsLeft
	first := int64(len(l.messages)) + l.first
	l.messages = append(l.messages, make([]*message, len(batch))...)
	for i, place := range shuffled(len(batch), uint64(first)) {
		m := &batch[i]
		m.id = first + int64(place)
		_, m.blocked = a.blocked[m.receiver]
		l.messages[m.id-l.first] = m
		if m.tag != "" {
			l.byTag[m.tag] = append(l.byTag[m.tag], m)
		}
		report.IDs = append(report.IDs, first+int64(i))
	}
	return nil
}

// shuffled gives each receiver the place of its id in the report, so that from two
// receivers on none has its own: no document promises that ids and validReceivers
// go together, nor that ids rise with the receivers. One cycle through all places
// (Sattolo's algorithm) leaves nothing where it was. The seed makes it repeatable.
func shuffled(n int, seed uint64) []int {
	places := make([]int, n)
	for i := range places {
		places[i] = i
	}
	if n < 2 {
		return places
	}
	dice := rand.New(rand.NewPCG(seed, uint64(n)))
	for i := n - 1; i > 0; i-- {
		j := dice.IntN(i)
		places[i], places[j] = places[j], places[i]
	}
	return places
}

// start sends a message now, or plans it.
func (l *ledger) start(m *message) {
	if !m.dueAt.After(m.createdAt) {
		l.send(m, m.createdAt)
		return
	}
	l.world.Agenda.At(m.dueAt, func(now time.Time) { l.send(m, now) })
}

// send moves a pending message on to its end. Receivers who had answered STOP and
// messages whose validity is over before their hour get nothing (inferred; ptt 23
// and 8 are the codes that fit).
func (l *ledger) send(m *message, now time.Time) {
	l.mu.Lock()
	if m.state != pending {
		l.mu.Unlock()
		return
	}
	m.state, m.sentAt = sent, now
	c, end := l.courseOf(m)
	if c.Once() {
		m.end(end, now)
	} else {
		m.receipt, m.ptt = meanwhile(&c).receipt, meanwhile(&c).ptt
	}
	l.mu.Unlock()
	arrives := end == arrived
	if arrives && !c.Buffered {
		l.arrive(m, &c, now)
	}
	if c.Once() {
		l.pushes.tell(m, &c, end, now)
		return
	}
	if c.Buffered {
		l.pushes.tell(m, &world.Course{Times: 1}, retried, now)
	}
	if !c.Never {
		l.world.Agenda.At(now.Add(c.Wait), func(now time.Time) { l.endLater(m, &c, end, now) })
	}
}

// courseOf is how a message goes; the caller holds the lock.
func (l *ledger) courseOf(m *message) (world.Course, end) {
	switch {
	case m.blocked:
		return world.Ordinary(), blocked
	case m.validity > 0 && m.dueAt.Sub(m.createdAt) > m.validity:
		return world.Ordinary(), expired
	}
	c := l.world.CourseOf(world.OVH, m.receiver)
	return c, ends[c.End]
}

// meanwhile is the state until the end comes.
func meanwhile(c *world.Course) end {
	if c.Buffered {
		return retried
	}
	return onWay
}

// end gives a message its end; the caller holds the lock.
func (m *message) end(end end, now time.Time) {
	m.receipt, m.ptt = end.receipt, end.ptt
	if end == arrived {
		m.deliveredAt = now
	}
}

func (l *ledger) endLater(m *message, c *world.Course, end end, now time.Time) {
	l.mu.Lock()
	m.end(end, now)
	l.mu.Unlock()
	if c.Buffered && end == arrived {
		l.arrive(m, c, now)
	}
	l.pushes.tell(m, c, end, now)
}

func (l *ledger) arrive(m *message, c *world.Course, now time.Time) {
	l.world.Handsets.Arrive(m.receiver, m.onHandset(now))
	l.world.AnswerFor(c, m.receiver)
}

func (m *message) onHandset(now time.Time) world.Text {
	text := m.text
	if m.stop {
		text += stopClause
	}
	return world.Text{
		From: m.sender, Text: text, Operator: world.OVH, OperatorID: strconv.FormatInt(m.id, 10),
		Reference: m.tag, At: now, Kind: m.kind(),
	}
}

// kind is what the handset makes of the text. That it shows one of class flash at once, on any
// network, is inferred: OVH documents the value and calls the field deprecated.
func (m *message) kind() string {
	if m.flash {
		return world.Flash
	}
	return ""
}

// pendingJobs is GET jobs: usually empty right after a send (documented).
func (l *ledger) pendingJobs(a *account) (any, error) {
	return l.idsWhere(a, l.allMessages, func(m *message) bool { return m.state == pending }), nil
}

// pendingJob is GET jobs/{id}. An id that left the queue is not found (inferred).
func (l *ledger) pendingJob(a *account, id string) (any, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	m := l.find(a, id, pending)
	if m == nil {
		return nil, unknown("id", id)
	}
	return m.job(), nil
}

// cancelJob is DELETE jobs/{id}. The credits come back (inferred).
func (l *ledger) cancelJob(a *account, id string) (any, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m := l.find(a, id, pending)
	if m == nil {
		return nil, unknown("id", id)
	}
	a.creditsLeft += float64(m.parts)
	l.erase(m)
	return nil, nil
}

// find returns the message of an account in a state; the caller holds the lock.
func (l *ledger) find(a *account, id string, state uint8) *message {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < l.first || n-l.first >= int64(len(l.messages)) {
		return nil
	}
	m := l.messages[n-l.first]
	if m == nil || m.account != a || m.state != state {
		return nil
	}
	return m
}

// erase forgets a message; the caller holds the lock.
func (l *ledger) erase(m *message) {
	m.state = gone
	l.messages[m.id-l.first] = nil
}
