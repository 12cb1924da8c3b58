package sandbox

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	dmcLargestBatch  = 20   // documented: DMC developer guide v1.7, 2.5.2
	dmcLongestText   = 4000 // documented for broadcasts: 5.2.6
	dmcLongestRefExt = 255  // inferred from externalReference
)

// dmcUnit is messageUnitaire (documented: DMC developer guide v1.7, 2.5.1; refExt
// was observed). The fields of other media are not among them.
type dmcUnit struct {
	Media   loose `json:"media"`
	TextMsg loose `json:"textMsg"`
	To      loose `json:"to"`
	From    loose `json:"from"`
	Timeout loose `json:"timeout"`
	RefExt  loose `json:"refExt"`
}

// addSingleCall takes one message.
func (d *dmc) addSingleCall(params url.Values) (any, error) {
	var unit dmcUnit
	if !params.Has("messageUnitaire") {
		return nil, dmcRequired("addSingleCall", "messageUnitaire")
	}
	if err := json.Unmarshal([]byte(params.Get("messageUnitaire")), &unit); err != nil {
		return nil, dmcInvalid("messageUnitaire")
	}
	batch := make([]dmcMessage, 1)
	if err := d.read(unit, &batch[0]); err != nil {
		return nil, err
	}
	d.take(batch)
	return batch[0].id, nil
}

// batchSingleCall takes up to 20 messages and gives their ids in order (documented
// by example). DMCBadElement says what one that makes no sense leads to.
func (d *dmc) batchSingleCall(params url.Values) (any, error) {
	var units []dmcUnit
	if !params.Has("messageUnitaires") {
		return nil, dmcRequired("batchSingleCall", "messageUnitaires")
	}
	err := json.Unmarshal([]byte(params.Get("messageUnitaires")), &units)
	if err != nil || len(units) == 0 || len(units) > dmcLargestBatch {
		return nil, dmcInvalid("messageUnitaires")
	}
	batch := make([]dmcMessage, len(units))
	refusals := make([]error, len(units))
	for i, unit := range units {
		refusals[i] = d.read(unit, &batch[i])
	}
	if first := slices.IndexFunc(refusals, func(err error) bool { return err != nil }); first >= 0 {
		return d.takePartly(batch, refusals, first)
	}
	d.take(batch)
	ids := make([]dmcID, len(batch))
	for i := range batch {
		ids[i] = batch[i].id
	}
	return ids, nil
}

// read turns a unit message into one of ours, or refuses it.
func (d *dmc) read(unit dmcUnit, m *dmcMessage) error {
	for _, field := range []struct {
		name  string
		value loose
	}{{"media", unit.Media}, {"textMsg", unit.TextMsg}, {"to", unit.To}} {
		if field.value.absent() {
			return dmcRequired("messageUnitaire", field.name)
		}
	}
	if !slices.Contains(dmcMedia, unit.Media.text) {
		return dmcInvalid("media")
	}
	if minutes, ok := unit.Timeout.integer(); !ok || minutes < 0 {
		return dmcInvalid("timeout")
	}
	if utf8.RuneCountInString(unit.TextMsg.text) > dmcLongestText {
		return dmcInvalid("textMsg")
	}
	if utf8.RuneCountInString(unit.RefExt.text) > dmcLongestRefExt {
		return dmcInvalid("refExt")
	}
	*m = dmcMessage{
		media: unit.Media.text, to: unit.To.text, from: unit.From.text, refExt: unit.RefExt.text,
		text: strings.ReplaceAll(unit.TextMsg.text, "<#shortcode#>", stopShortCode),
	}
	if m.from == "" {
		m.from = stopShortCode // without an OADC the handset shows the short code (documented: online help)
	}
	m.number, m.lost = dmcNumber(m.to)
	return nil
}

// take gives ids to a batch and sends it.
func (d *dmc) take(batch []dmcMessage) {
	now := d.server.clock.now()
	d.register(batch, now)
	d.count.accepted.Add(int64(len(batch)))
	for i := range batch {
		if !batch[i].lost {
			d.start(&batch[i])
		}
	}
}

// start sends a message on its course.
func (d *dmc) start(m *dmcMessage) {
	c := &m.course
	if m.arrives && !c.buffered {
		d.arrive(m, m.at)
	}
	switch {
	case c.once():
		d.pushEnd(m, c, m.at)
		return
	case c.buffered:
		d.tell(m, &course{times: 1}, "SENT", "", "submitted with sender "+m.from, m.at)
	}
	if !c.never {
		d.server.agenda.at(m.at.Add(c.wait), func(now time.Time) { d.endLater(m, now) })
	}
}

func (d *dmc) endLater(m *dmcMessage, now time.Time) {
	d.mu.Lock()
	if m.status != dmcRunning {
		d.mu.Unlock()
		return // stopped by the customer
	}
	m.end(now)
	d.mu.Unlock()
	if m.arrives && m.course.buffered {
		d.arrive(m, now)
	}
	d.pushEnd(m, &m.course, now)
}

func (d *dmc) arrive(m *dmcMessage, now time.Time) {
	text := m.onHandset()
	text.At = now
	d.server.handsets.arrive(m.number, text)
	d.server.answerFor(&m.course, m.number)
}

// register gives the ids and decides what becomes of each message. A lost one has
// an id and is in no report.
func (d *dmc) register(batch []dmcMessage, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range batch {
		m := &batch[i]
		m.id = d.first + dmcID(len(d.messages))
		m.at, m.changed = now, now
		if m.lost {
			d.messages = append(d.messages, nil)
			continue
		}
		d.settle(m)
		d.messages = append(d.messages, m)
		if m.refExt != "" {
			d.byRef[m.refExt] = append(d.byRef[m.refExt], m)
		}
	}
}

// settle decides the end of a message; the caller holds the lock.
func (d *dmc) settle(m *dmcMessage) {
	m.result, m.parts = d.verdict(m)
	if m.result == dmcReceived && d.blocked[m.number] {
		m.result = dmcBlacklist
	}
	m.course = course{fate: &fates[0], times: 1}
	if m.result == dmcReceived {
		m.course = d.server.courseOf(DMC, m.number)
		m.result = m.course.dmc
	}
	m.arrives = m.result == dmcReceived
	if m.course.once() {
		m.end(m.changed)
		return
	}
	m.final, m.result, m.status = m.result, dmcSent, dmcRunning
}

// end gives a message its end; the caller holds the lock.
func (m *dmcMessage) end(now time.Time) {
	if m.final != (dmcResult{}) {
		m.result = m.final
	}
	m.changed, m.status = now, dmcFailed
	if m.result == dmcReceived {
		m.status = dmcDone
	}
}
