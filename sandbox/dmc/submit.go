package dmc

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"relais/sandbox/world"
)

const (
	largestBatch  = 20   // documented: DMC developer guide v1.7, 2.5.2
	longestText   = 4000 // documented for broadcasts: 5.2.6
	longestRefExt = 255  // inferred from externalReference
)

// unitBody is messageUnitaire (documented: DMC developer guide v1.7, 2.5.1; refExt
// was observed). The fields of other media are not among them.
type unitBody struct {
	Media   world.Loose `json:"media"`
	TextMsg world.Loose `json:"textMsg"`
	To      world.Loose `json:"to"`
	From    world.Loose `json:"from"`
	Timeout world.Loose `json:"timeout"`
	RefExt  world.Loose `json:"refExt"`
}

// addSingleCall takes one message.
func (l *ledger) addSingleCall(params url.Values) (any, error) {
	var unit unitBody
	if !params.Has("messageUnitaire") {
		return nil, required("addSingleCall", "messageUnitaire")
	}
	if err := json.Unmarshal([]byte(params.Get("messageUnitaire")), &unit); err != nil {
		return nil, invalid("messageUnitaire")
	}
	batch := make([]message, 1)
	if err := l.read(unit, &batch[0]); err != nil {
		return nil, err
	}
	l.take(batch)
	return batch[0].id, nil
}

// batchSingleCall takes up to 20 messages and gives their ids in order (documented
// by example). BadElement says what one that makes no sense leads to.
func (l *ledger) batchSingleCall(params url.Values) (any, error) {
	var units []unitBody
	if !params.Has("messageUnitaires") {
		return nil, required("batchSingleCall", "messageUnitaires")
	}
	err := json.Unmarshal([]byte(params.Get("messageUnitaires")), &units)
	if err != nil || len(units) == 0 || len(units) > largestBatch {
		return nil, invalid("messageUnitaires")
	}
	batch := make([]message, len(units))
	refusals := make([]error, len(units))
	for i, unit := range units {
		refusals[i] = l.read(unit, &batch[i])
	}
	if first := slices.IndexFunc(refusals, func(err error) bool { return err != nil }); first >= 0 {
		return l.takePartly(batch, refusals, first)
	}
	l.take(batch)
	ids := make([]ID, len(batch))
	for i := range batch {
		ids[i] = batch[i].id
	}
	return ids, nil
}

// read turns a unit message into one of ours, or refuses it.
func (l *ledger) read(unit unitBody, m *message) error {
	for _, field := range []struct {
		name  string
		value world.Loose
	}{{"media", unit.Media}, {"textMsg", unit.TextMsg}, {"to", unit.To}} {
		if field.value.Absent() {
			return required("messageUnitaire", field.name)
		}
	}
	if !slices.Contains(medias, unit.Media.Text) {
		return invalid("media")
	}
	if minutes, ok := unit.Timeout.Integer(); !ok || minutes < 0 {
		return invalid("timeout")
	}
	if utf8.RuneCountInString(unit.TextMsg.Text) > longestText {
		return invalid("textMsg")
	}
	if utf8.RuneCountInString(unit.RefExt.Text) > longestRefExt {
		return invalid("refExt")
	}
	*m = message{
		media: unit.Media.Text, to: unit.To.Text, from: unit.From.Text, refExt: unit.RefExt.Text,
		text: strings.ReplaceAll(unit.TextMsg.Text, "<#shortcode#>", world.StopShortCode),
	}
	if m.from == "" {
		// without an OADC the handset shows the short code (documented: online help)
		m.from = world.StopShortCode
	}
	m.number, m.lost = numberOf(m.to)
	return nil
}

// take gives ids to a batch and sends it.
func (l *ledger) take(batch []message) {
	now := l.world.Clock.Now()
	l.register(batch, now)
	l.count.Accepted.Add(int64(len(batch)))
	for i := range batch {
		if !batch[i].lost {
			l.start(&batch[i])
		}
	}
}

// start sends a message on its course.
func (l *ledger) start(m *message) {
	c := &m.course
	if m.arrives && !c.Buffered {
		l.arrive(m, m.at)
	}
	switch {
	case c.Once():
		l.pushes.end(m, c, m.at)
		return
	case c.Buffered:
		l.pushes.tell(m, &world.Course{Times: 1}, "SENT", "", "submitted with sender "+m.from, m.at)
	}
	if !c.Never {
		l.world.Agenda.At(m.at.Add(c.Wait), func(now time.Time) { l.endLater(m, now) })
	}
}

func (l *ledger) endLater(m *message, now time.Time) {
	l.mu.Lock()
	if m.status != running {
		l.mu.Unlock()
		return // stopped by the customer
	}
	m.end(now)
	l.mu.Unlock()
	if m.arrives && m.course.Buffered {
		l.arrive(m, now)
	}
	l.pushes.end(m, &m.course, now)
}

func (l *ledger) arrive(m *message, now time.Time) {
	text := m.onHandset()
	text.At = now
	l.world.Handsets.Arrive(m.number, text)
	l.world.AnswerFor(&m.course, m.number)
}

// register gives the ids and decides what becomes of each message. A lost one has
// an id and is in no report.
func (l *ledger) register(batch []message, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range batch {
		m := &batch[i]
		m.id = l.first + ID(len(l.messages))
		m.at, m.changed = now, now
		if m.lost {
			l.messages = append(l.messages, nil)
			continue
		}
		l.settle(m)
		l.messages = append(l.messages, m)
		if m.refExt != "" {
			l.byRef[m.refExt] = append(l.byRef[m.refExt], m)
		}
	}
}

// settle decides the end of a message; the caller holds the lock.
func (l *ledger) settle(m *message) {
	m.result, m.parts = l.verdict(m)
	if m.result == received && l.blocked[m.number] {
		m.result = blacklist
	}
	m.course = world.Ordinary()
	if m.result == received {
		m.course = l.world.CourseOf(world.DMC, m.number)
		m.result = ends[m.course.End]
	}
	m.arrives = m.result == received
	if m.course.Once() {
		m.end(m.changed)
		return
	}
	m.final, m.result, m.status = m.result, sent, running
}

// end gives a message its end; the caller holds the lock.
func (m *message) end(now time.Time) {
	if m.final != (result{}) {
		m.result = m.final
	}
	m.changed, m.status = now, failed
	if m.result == received {
		m.status = done
	}
}
