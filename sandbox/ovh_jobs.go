package sandbox

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// The life of a message. Only pending ones are jobs, only sent ones are outgoing.
const (
	ovhPending = iota
	ovhSent
	ovhGone // canceled or erased
)

// ovhMessage is one text to one receiver. All but its state is set once.
type ovhMessage struct {
	id        int64
	account   *ovhAccount
	receiver  string
	sender    string
	text      string // as given; the clause is added on the way to the handset
	tag       string
	stop      bool // the clause is added
	blocked   bool // the receiver had answered STOP
	length    int
	parts     int
	createdAt time.Time
	dueAt     time.Time
	validity  time.Duration

	state       uint8 // guarded by ovh.mu, as all below
	receipt     int   // deliveryReceipt
	ptt         int
	sentAt      time.Time
	deliveredAt time.Time
}

// ovhReport is sms.SmsSendingReportUser.
type ovhReport struct {
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
func (o *ovh) submit(a *ovhAccount, body []byte) (any, error) {
	job, err := readOVHJob(body)
	if err != nil {
		return nil, err
	}
	if job.named {
		if err := o.checkSender(job.sender); err != nil {
			return nil, err
		}
	}
	report := &ovhReport{IDs: []int64{}, InvalidReceivers: []string{}, ValidReceivers: []string{}, Tag: job.tag}
	for _, receiver := range job.receivers {
		if number, ok := ovhReceiver(receiver); ok {
			report.ValidReceivers = append(report.ValidReceivers, number)
		} else {
			report.InvalidReceivers = append(report.InvalidReceivers, receiver)
		}
	}
	batch := o.newBatch(a, job, report.ValidReceivers)
	if err := o.register(a, batch, report); err != nil {
		return nil, err
	}
	o.count.accepted.Add(int64(len(batch)))
	o.count.refused.Add(int64(len(report.InvalidReceivers)))
	for i := range batch {
		o.start(&batch[i])
	}
	return report, nil
}

func (o *ovh) newBatch(a *ovhAccount, job ovhJob, receivers []string) []ovhMessage {
	now := o.server.clock.now()
	due := now.Add(job.differed)
	if !job.noStop {
		due = nextOpening(due)
	}
	stop := job.named && !job.noStop
	coding := ovhCodingOf(job.message, stop)
	batch := make([]ovhMessage, len(receivers))
	for i, receiver := range receivers {
		batch[i] = ovhMessage{
			account: a, receiver: receiver, sender: job.sender, text: job.message, tag: job.tag, stop: stop,
			length: coding.length, parts: coding.parts(), createdAt: now, dueAt: due, validity: job.validity,
		}
	}
	return batch
}

// register takes the credits and gives the ids. One part costs one credit for any
// country; real prices differ (documented) and are not simulated.
func (o *ovh) register(a *ovhAccount, batch []ovhMessage, report *ovhReport) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range batch {
		report.TotalCreditsRemoved += float64(batch[i].parts)
	}
	if report.TotalCreditsRemoved > a.creditsLeft {
		return errOVHCredit
	}
	a.creditsLeft -= report.TotalCreditsRemoved
	report.CreditsLeft = a.creditsLeft
	first := int64(len(o.messages)) + o.first
	o.messages = append(o.messages, make([]*ovhMessage, len(batch))...)
	for i, place := range shuffled(len(batch), uint64(first)) {
		m := &batch[i]
		m.id = first + int64(place)
		_, m.blocked = a.blocked[m.receiver]
		o.messages[m.id-o.first] = m
		if m.tag != "" {
			o.byTag[m.tag] = append(o.byTag[m.tag], m)
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
func (o *ovh) start(m *ovhMessage) {
	if !m.dueAt.After(m.createdAt) {
		o.send(m, m.createdAt)
		return
	}
	o.server.agenda.at(m.dueAt, func(now time.Time) { o.send(m, now) })
}

// send moves a pending message on to its end. Receivers who had answered STOP and
// messages whose validity is over before their hour get nothing (inferred; ptt 23
// and 8 are the codes that fit).
func (o *ovh) send(m *ovhMessage, now time.Time) {
	o.mu.Lock()
	if m.state != ovhPending {
		o.mu.Unlock()
		return
	}
	m.state, m.sentAt = ovhSent, now
	c, end := o.courseOf(m)
	if c.once() {
		m.end(end, now)
	} else {
		m.receipt, m.ptt = c.meanwhile().receipt, c.meanwhile().ptt
	}
	o.mu.Unlock()
	arrives := end == ovhArrived
	if arrives && !c.buffered {
		o.arrive(m, &c, now)
	}
	if c.once() {
		o.tell(m, &c, end, now)
		return
	}
	if c.buffered {
		o.tell(m, &course{times: 1}, ovhRetried, now)
	}
	if !c.never {
		o.server.agenda.at(now.Add(c.wait), func(now time.Time) { o.endLater(m, &c, end, now) })
	}
}

// courseOf is how a message goes; the caller holds the lock.
func (o *ovh) courseOf(m *ovhMessage) (course, ovhEnd) {
	switch {
	case m.blocked:
		return course{fate: &fates[0], times: 1}, ovhEnd{2, 23}
	case m.validity > 0 && m.dueAt.Sub(m.createdAt) > m.validity:
		return course{fate: &fates[0], times: 1}, ovhEnd{2, 8}
	}
	c := o.server.courseOf(OVH, m.receiver)
	return c, c.ovh
}

// meanwhile is the state until the end comes.
func (c *course) meanwhile() ovhEnd {
	if c.buffered {
		return ovhRetried
	}
	return ovhOnWay
}

// end gives a message its end; the caller holds the lock.
func (m *ovhMessage) end(end ovhEnd, now time.Time) {
	m.receipt, m.ptt = end.receipt, end.ptt
	if end == ovhArrived {
		m.deliveredAt = now
	}
}

func (o *ovh) endLater(m *ovhMessage, c *course, end ovhEnd, now time.Time) {
	o.mu.Lock()
	m.end(end, now)
	o.mu.Unlock()
	if c.buffered && end == ovhArrived {
		o.arrive(m, c, now)
	}
	o.tell(m, c, end, now)
}

func (o *ovh) arrive(m *ovhMessage, c *course, now time.Time) {
	o.server.handsets.arrive(m.receiver, m.onHandset(now))
	o.server.answerFor(c, m.receiver)
}

func (m *ovhMessage) onHandset(now time.Time) Text {
	text := m.text
	if m.stop {
		text += ovhStopClause
	}
	return Text{
		From: m.sender, Text: text, Operator: OVH, OperatorID: strconv.FormatInt(m.id, 10), Reference: m.tag, At: now,
	}
}

// pendingJobs is GET jobs: usually empty right after a send (documented).
func (o *ovh) pendingJobs(a *ovhAccount) (any, error) {
	return o.idsWhere(a, o.allMessages, func(m *ovhMessage) bool { return m.state == ovhPending }), nil
}

// pendingJob is GET jobs/{id}. An id that left the queue is not found (inferred).
func (o *ovh) pendingJob(a *ovhAccount, id string) (any, error) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	m := o.find(a, id, ovhPending)
	if m == nil {
		return nil, ovhUnknown("id", id)
	}
	return m.job(), nil
}

// cancelJob is DELETE jobs/{id}. The credits come back (inferred).
func (o *ovh) cancelJob(a *ovhAccount, id string) (any, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	m := o.find(a, id, ovhPending)
	if m == nil {
		return nil, ovhUnknown("id", id)
	}
	a.creditsLeft += float64(m.parts)
	o.erase(m)
	return nil, nil
}

// find returns the message of an account in a state; the caller holds the lock.
func (o *ovh) find(a *ovhAccount, id string, state uint8) *ovhMessage {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < o.first || n-o.first >= int64(len(o.messages)) {
		return nil
	}
	m := o.messages[n-o.first]
	if m == nil || m.account != a || m.state != state {
		return nil
	}
	return m
}

// erase forgets a message; the caller holds the lock.
func (o *ovh) erase(m *ovhMessage) {
	m.state = ovhGone
	o.messages[m.id-o.first] = nil
}
