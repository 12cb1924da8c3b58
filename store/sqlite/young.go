package sqlite

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"relais/gateway"
	"relais/lane"
	"relais/reason"
	"relais/sms"
	"relais/store/table"
	"relais/webhook"
)

// A message that is due at once is accepted, claimed, taken by its operator and often told
// of within a moment. In that moment it is young: it has no row. What becomes of it is
// written into the table young, a row for all of a group, in the transaction that would have
// written its row, and is known to the writer, who alone may change it. It gets its row, in
// one piece, when it comes to its end, when a webhook tells of it, when a statement asks for
// messages, or after mostYouth.
//
// There is one database and one commit for both, so that they cannot disagree. After a
// crash the table is read, and what it has gets its rows, before anything else happens.

const (
	// mostYouth is how long a message may go without its row.
	mostYouth = 2 * time.Second
	// mostYoung bounds the writer's memory. What comes beyond gets its row at once.
	mostYoung = 2000
	// mostAtOnce bounds how long one transaction that writes old ones holds back the others.
	mostAtOnce = 64
	// betweenTrims is how many transactions go by before it is looked at what they have left.
	betweenTrims = 16
)

// young is the set of messages that have no row yet.
type young struct {
	rows     *statements
	own      bool         // this process alone writes messages
	stale    bool         // what is known here is not what was kept
	count    atomic.Int64 // of the last commit, for those who read beside the writer
	waiting  atomic.Int64 // of the deliveries, likewise
	kept     atomic.Bool  // whether rows of young are left
	awaits   atomic.Int64 // a time before which none of them has waited too long for its receipt; 0: never
	touching sync.Map     // statements, and what they may miss

	byID         map[sms.ID]*youngMessage
	bySubmission map[sms.ID]*youngMessage
	byProvider   map[providerKey]*youngMessage
	queued       map[string]map[sms.ID]*youngMessage // by connector

	errands *errands // deliveries

	records writer // of this transaction
	seq     int64  // by which transactions are counted
	first   int64  // of those of before nothing is needed
	pages   pages  // where records stand
}

// providerKey is what an operator calls a message.
type providerKey struct{ connector, id string }

// youngMessage is the row that a message will have, and what is to be told when it has it.
type youngMessage struct {
	sms.Message

	by        sms.Actor // of the submission
	endpoint  sms.ID    // of the request's own webhook
	metadata  string    // JSON; empty: none
	decisions string    // of the submission
	own       string    // decisions of the message alone
	timeline  string
	events    int
	askAt     time.Time
	told      []youngEvent
	seq       int64 // of the transaction that wrote it down as it is
	since     time.Time
}

// youngEvent goes into the outbox with the row.
type youngEvent struct {
	kind  webhook.Type
	event int // line of the timeline
	at    time.Time
	last  *sms.Event // that ended the message, where an endpoint waits for it
}

func newYoung(s *statements) *young {
	y := &young{rows: s, seq: 1, first: 1, errands: newErrands()}
	y.clear()
	return y
}

func (y *young) clear() {
	y.byID, y.bySubmission = map[sms.ID]*youngMessage{}, map[sms.ID]*youngMessage{}
	y.byProvider = map[providerKey]*youngMessage{}
	y.queued = map[string]map[sms.ID]*youngMessage{}
	y.errands.clear()
	y.records.reset()
	y.pages.clear()
}

// takes reports whether a message may go without its row for a moment: it is one of its own
// submission, and is due.
func (y *young) takes(a *gateway.Acceptance) bool {
	m := &a.Drafts[0].Message
	return y.own && len(a.Drafts) == 1 && len(y.byID) < mostYoung && lane.DueMinute(m.DueAt, m.UpdatedAt) == 0
}

// accepted is a message as it is accepted.
func accepted(a *gateway.Acceptance) (*youngMessage, error) {
	d := &a.Drafts[0]
	m := &youngMessage{
		Message: d.Message, by: a.Actor, endpoint: a.Endpoint, decisions: reason.Texts(a.Decisions),
		since: time.Now(),
	}
	if len(m.Metadata) > 0 {
		encoded, err := json.Marshal(m.Metadata)
		if err != nil {
			return nil, fmt.Errorf("encode metadata: %w", err)
		}
		m.metadata = string(encoded)
	}
	if len(d.Decisions) > 0 {
		m.own = reason.Texts(d.Decisions)
	}
	m.AcceptedAt, m.Trace = a.At, a.Trace
	m.Status, m.Reason, m.Attempt, m.Solo = sms.Queued, sms.CodeAccepted, 0, false
	return m, nil
}

// keep remembers a message as it is now, and writes it down for who starts after a crash.
func (y *young) keep(m *youngMessage) {
	y.put(m)
	m.seq = y.seq
	y.records.message(m)
}

func (y *young) put(m *youngMessage) {
	y.byID[m.ID], y.bySubmission[m.Submission] = m, m
	if m.ProviderID != "" {
		y.byProvider[providerKey{m.Connector, m.ProviderID}] = m
	}
	if first := y.awaits.Load(); !m.ReceiptBy.IsZero() && (first == 0 || micros(m.ReceiptBy) < first) {
		y.awaits.Store(micros(m.ReceiptBy))
	}
	if m.Status == sms.Queued {
		if y.queued[m.Connector] == nil {
			y.queued[m.Connector] = map[sms.ID]*youngMessage{}
		}
		y.queued[m.Connector][m.ID] = m
	} else {
		delete(y.queued[m.Connector], m.ID)
	}
}

// forget is for a message that has its row.
func (y *young) forget(m *youngMessage) {
	delete(y.byID, m.ID)
	delete(y.bySubmission, m.Submission)
	delete(y.byProvider, providerKey{m.Connector, m.ProviderID})
	delete(y.queued[m.Connector], m.ID)
}

// write gives a message its row, and tells what is to be told of it.
func (t *tx) write(m *youngMessage) error {
	var metadata, endpoint, own any
	if m.metadata != "" {
		metadata = m.metadata
	}
	if !m.endpoint.IsZero() {
		endpoint = m.endpoint[:]
	}
	if m.own != "" {
		own = m.own
	}
	t.young.forget(m)
	t.young.records.written(m.ID)
	err := t.rows.exec(insertSubmission, m.Account, m.Submission[:], m.Text, string(m.Sender), string(m.Class),
		string(m.Encoding), metadata, string(m.by), micros(m.AcceptedAt), m.decisions, endpoint, 1, textOrNull(m.Trace),
		textOrNull(string(m.Kind)))
	if err != nil {
		return fmt.Errorf("store a submission: %w", err)
	}
	err = t.rows.exec(insertYoung, m.Account, m.ID[:], m.Submission[:], string(m.To), m.Reference, m.Connector,
		string(m.Status), m.Reason, m.Segments, m.Class.Priority(), m.Attempt, m.Solo, micros(m.DueAt),
		micros(m.ExpiresAt), micros(m.UpdatedAt), own, joined(m.Routes), int64(m.Chance/time.Microsecond),
		int64(m.Price), string(m.Actor), m.Country, m.Family, textOrNull(m.ProviderID), timeOrNull(m.SubmittedAt),
		timeOrNull(m.ReceiptBy), textOrNull(m.OperatorCode), textOrNull(m.OperatorText), timeOrNull(m.askAt),
		m.timeline, m.events)
	if err != nil {
		return fmt.Errorf("store a message: %w", err)
	}
	for _, e := range m.told {
		if err := t.tellOf(m, e); err != nil {
			return err
		}
	}
	return nil
}

// insertYoung writes a message of which something is known besides that it was accepted. It
// was due when it was.
const insertYoung = `INSERT INTO messages
	(account, id, submission, recipient, reference, connector, status, reason, segments, priority, attempt, solo,
		due_at, expires_at, updated_at, decisions, routes, chance, price, actor, country, family, provider_id,
		submitted_at, receipt_by, operator_code, operator_text, ask_at, timeline, events)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// writeAll gives every young message and delivery its row, and leaves nothing of them elsewhere.
func (t *tx) writeAll() error {
	err := t.writeEach(slices.Collect(maps.Values(t.young.byID)))
	if err == nil {
		err = t.writeAllDeliveries()
	}
	if err != nil {
		return err
	}
	return t.young.clean()
}

// writeOlder does so for the oldest of those that were accepted, or told, before a time; left:
// there are more of them.
func (t *tx) writeOlder(before time.Time) (left bool, err error) {
	var older []*youngMessage
	for _, m := range t.young.byID {
		if !m.since.After(before) {
			older = append(older, m)
		}
	}
	slices.SortFunc(older, func(a, b *youngMessage) int { return a.since.Compare(b.since) })
	some := older[:min(mostAtOnce, len(older))]
	if err := t.writeEach(some); err != nil {
		return false, err
	}
	late := 0
	err = t.writeDeliveries(func(yield func(*youngDelivery) bool) {
		for _, d := range t.young.errands.all {
			if d.since.After(before) {
				continue
			}
			if late++; late > mostAtOnce || !yield(d) {
				return
			}
		}
	})
	if err != nil {
		return false, err
	}
	if t.young.empty() {
		return false, t.young.clean()
	}
	left, err = t.young.drop(before)
	return left || len(older) > len(some) || late > mostAtOnce, err
}

// writeEach writes messages in the order in which they were accepted.
func (t *tx) writeEach(some []*youngMessage) error {
	slices.SortFunc(some, func(a, b *youngMessage) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	for _, m := range some {
		if err := t.write(m); err != nil {
			return err
		}
	}
	return nil
}

// recover writes what the last moment of another process left.
func (t *tx) recover() error {
	if err := t.young.load(); err != nil {
		return fmt.Errorf("read what was not written yet: %w", err)
	}
	return t.writeAll()
}

// writeQueued does so for those that wait for a connector.
func (t *tx) writeQueued(connector string) error {
	return t.writeEach(slices.Collect(maps.Values(t.young.queued[connector])))
}

// follows reports whether a young message may go through a transition without its row. What
// waits for a date, for a person or for another connector is no longer young, nor is what a
// receipt may have come before.
func (t *tx) follows(tr *sms.Transition) bool {
	switch {
	case tr.To == sms.Queued, tr.To == sms.Uncertain, !tr.DueAt.IsZero(), tr.Connector != "":
		return false
	}
	return tr.ProviderID == "" || tr.To.Final() || t.early == noEarly
}

// age moves a young message, if it still stands where the transition starts. It does what
// updateMessage does to a row.
func (t *tx) age(m *youngMessage, tr *sms.Transition) (bool, error) {
	if m.Account != tr.Account || m.Status != tr.From || m.Attempt != tr.Attempt || tr.FromReason != "" && m.Reason != tr.FromReason {
		return false, nil
	}
	e := &tr.Event
	m.Status, m.Reason, m.UpdatedAt = tr.To, e.Code, e.At
	m.ReceiptBy, m.askAt = tr.ReceiptBy, tr.AskAt
	m.Solo = m.Solo || tr.Solo
	if tr.Refund {
		m.Attempt--
	}
	m.ProviderID = cmp.Or(tr.ProviderID, m.ProviderID)
	m.OperatorCode = cmp.Or(e.OperatorCode, m.OperatorCode)
	m.OperatorText = cmp.Or(e.OperatorText, m.OperatorText)
	if m.SubmittedAt.IsZero() && (tr.To == sms.Submitted || tr.To == sms.Delivered) {
		m.SubmittedAt = e.At
	}
	m.happened(e)
	wanted, err := t.told(m, webhook.OfStatus(tr.To), e.At)
	if err != nil {
		return false, err
	}
	if wanted && tr.To.Final() {
		m.told[len(m.told)-1].last = e
	}
	if wanted || tr.To.Final() {
		return true, t.write(m)
	}
	t.young.keep(m)
	return true, nil
}

// happened puts an event in the timeline.
func (m *youngMessage) happened(e *sms.Event) {
	m.timeline += table.Line(e)
	m.events++
}

// told notes an event for the outbox; wanted: an endpoint waits for it.
func (t *tx) told(m *youngMessage, kind webhook.Type, at time.Time) (wanted bool, err error) {
	if kind == "" {
		return false, nil
	}
	m.told = append(m.told, youngEvent{kind: kind, event: m.events, at: at})
	wants, err := t.interestOf(m.Account)
	if err != nil {
		return false, err
	}
	return wants.in(kind) || wants.requested && !m.endpoint.IsZero(), nil
}

// attempt claims a young message for a call.
func (t *tx) attempt(y *youngMessage, m *sms.Message, e *sms.Event) {
	y.Status, y.Reason, y.Attempt, y.UpdatedAt = m.Status, e.Code, m.Attempt, m.UpdatedAt
	y.happened(e)
	t.young.keep(y)
}

// touched are statements that ask for messages or what is told of them. What begins at
// deliveries finds only messages that have their row.
var (
	touched        = regexp.MustCompile(`\b(?:FROM|JOIN|INTO|UPDATE)\s+(?:messages|submissions|outbox)\b`)
	touchedErrands = regexp.MustCompile(`\b(?:FROM|JOIN|INTO|UPDATE)\s+deliveries\b`)
)

// missing are statements that look where no young message can be: among what waits for an
// endpoint, and in doubt. Awaiting asks for those that it may look for.
var missing = regexp.MustCompile(`FROM deliveries d|INDEXED BY messages_(?:doubtful|awaiting)`)

// missingErrands are statements whose answer table.Tables completes by what Waiting tells.
var missingErrands = regexp.MustCompile(`FROM deliveries d INDEXED BY deliveries_pending`)

// touches is what a statement may miss.
type touches struct{ messages, deliveries bool }

func (y *young) touches(query string) touches {
	if known, is := y.touching.Load(query); is {
		return known.(touches)
	}
	of := touches{
		touched.MatchString(query) && !missing.MatchString(query),
		touchedErrands.MatchString(query) && !missingErrands.MatchString(query),
	}
	y.touching.Store(query, of)
	return of
}

// settle gives young messages and deliveries their rows before a statement that may miss them.
func (t *tx) settle(query string) error {
	if t.young.empty() {
		return nil
	}
	of := t.young.touches(query)
	if of.messages && len(t.young.byID) > 0 {
		return t.writeAll()
	}
	if of.deliveries {
		return t.writeAllDeliveries()
	}
	return nil
}

// empty reports whether nothing is young.
func (y *young) empty() bool { return len(y.byID) == 0 && len(y.errands.all) == 0 }

// publish is for those who read beside the writer: what they find is what was committed.
func (y *young) publish() {
	if y.stale { // whoever asks goes through the writer, which reads it again or says why not
		y.count.Store(1)
		y.waiting.Store(1)
		y.kept.Store(true)
		y.awaits.Store(1)
		return
	}
	if len(y.byID) == 0 {
		y.awaits.Store(0)
	}
	y.count.Store(int64(len(y.byID)))
	y.waiting.Store(int64(len(y.errands.all)))
	y.errands.publish()
	y.kept.Store(len(y.pages.used)+len(y.pages.free) > 0)
}
