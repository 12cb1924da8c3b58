package sqlite

import (
	"encoding/binary"
	"errors"
	"time"

	"relais/sms"
)

// A record of the table young is a kind and what belongs to it: the state of a message in full,
// which takes the place of the one before, or the id of one that has its row by now.
const (
	recordOfMessage = 1
	recordOfRow     = 2
	recordOfKind    = 3 // a message with its kind, which is no ordinary text, before its fields

	recordOfDelivery = 4 // a delivery
	recordOfSent     = 5 // the endpoint and the event of one that has its row by now

	recordOfPage = 6 // where a page of records belongs; it begins each
)

// fields goes through what is kept of a young message, in the order in which it is written.
// Whoever changes it changes what a program of before has left behind: give the records new
// kinds.
func (m *youngMessage) fields(c coder) {
	c.id(&m.ID)
	c.id(&m.Submission)
	c.id(&m.endpoint)
	for _, text := range []*string{
		&m.Account, (*string)(&m.Actor), (*string)(&m.by), (*string)(&m.To), &m.Country, &m.Family,
		(*string)(&m.Sender), &m.Text, (*string)(&m.Class), (*string)(&m.Encoding), &m.Reference, &m.Trace,
		&m.Connector, (*string)(&m.Status), &m.Reason, &m.ProviderID, &m.OperatorCode, &m.OperatorText,
		&m.metadata, &m.decisions, &m.own, &m.timeline,
	} {
		c.text(text)
	}
	routes := joined(m.Routes)
	c.text(&routes)
	m.Routes = split(routes)
	for _, n := range []*int{&m.Segments, &m.Attempt, &m.events} {
		c.int(n)
	}
	solo, price, chance := 0, int(m.Price), int(m.Chance/time.Microsecond)
	if m.Solo {
		solo = 1
	}
	c.int(&solo)
	c.int(&price)
	c.int(&chance)
	m.Solo, m.Price, m.Chance = solo == 1, sms.Money(price), time.Duration(chance)*time.Microsecond
	for _, at := range []*time.Time{
		&m.DueAt, &m.ExpiresAt, &m.AcceptedAt, &m.SubmittedAt, &m.ReceiptBy, &m.UpdatedAt, &m.askAt,
	} {
		c.time(at)
	}
	told := len(m.told)
	c.count(&told)
	if len(m.told) != told {
		m.told = make([]youngEvent, told)
	}
	for i := range m.told {
		e := &m.told[i]
		c.text((*string)(&e.kind))
		c.int(&e.event)
		c.time(&e.at)
	}
}

// coder writes a field, or reads it.
type coder interface {
	id(*sms.ID)
	text(*string)
	int(*int)
	long(*int64)
	count(*int) // how much follows
	time(*time.Time)
}

// writer writes records one behind the other.
type writer struct{ records []byte }

func (w *writer) reset() { w.records = w.records[:0] }

func (w *writer) message(m *youngMessage) {
	if m.Kind == sms.Plain {
		w.records = append(w.records, recordOfMessage)
	} else {
		w.records = append(w.records, recordOfKind)
		w.text((*string)(&m.Kind))
	}
	m.fields(w)
}

func (w *writer) written(id sms.ID) {
	w.records = append(append(w.records, recordOfRow), id[:]...)
}

func (w *writer) delivery(d *youngDelivery) {
	w.records = append(w.records, recordOfDelivery)
	d.fields(w)
}

func (w *writer) sent(d *youngDelivery) {
	w.records = append(w.records, recordOfSent)
	d.names(w)
}

func (w *writer) id(id *sms.ID) { w.records = append(w.records, id[:]...) }

func (w *writer) text(text *string) {
	w.records = append(binary.AppendUvarint(w.records, uint64(len(*text))), *text...)
}

func (w *writer) int(n *int) { w.records = binary.AppendVarint(w.records, int64(*n)) }

func (w *writer) long(n *int64) { w.records = binary.AppendVarint(w.records, *n) }

func (w *writer) count(n *int) { w.int(n) }

func (w *writer) time(at *time.Time) { w.records = binary.AppendVarint(w.records, micros(*at)) }

// reader reads them. After an error it reads zeros.
type reader struct {
	records []byte
	err     error
}

var errRecords = errors.New("what the last moment left is not as it was written")

// next reads the kind of the next record; more is false at the end.
func (r *reader) next() (kind byte, more bool) {
	if r.err != nil || len(r.records) == 0 || r.records[0] == 0 { // the rest of a page
		return 0, false
	}
	return r.take(1)[0], true
}

// take reads as many bytes.
func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.records)) {
		r.records, r.err = nil, errRecords
		return make([]byte, min(n, uint64(len(sms.ID{}))))
	}
	taken := r.records[:n]
	r.records = r.records[n:]
	return taken
}

func (r *reader) id(id *sms.ID) { copy(id[:], r.take(uint64(len(id)))) }

func (r *reader) text(text *string) {
	n, size := binary.Uvarint(r.records)
	if size <= 0 {
		r.records, r.err = nil, errRecords
		return
	}
	r.records = r.records[size:]
	*text = string(r.take(n))
}

func (r *reader) int(n *int) { *n = int(r.number()) }

func (r *reader) long(n *int64) { *n = r.number() }

func (r *reader) count(n *int) {
	if r.int(n); *n < 0 || *n > len(r.records) {
		*n, r.records, r.err = 0, nil, errRecords
	}
}

func (r *reader) time(at *time.Time) { *at = fromMicros(r.number()) }

func (r *reader) number() int64 {
	n, size := binary.Varint(r.records)
	if size <= 0 {
		r.records, r.err = nil, errRecords
		return 0
	}
	r.records = r.records[size:]
	return n
}
