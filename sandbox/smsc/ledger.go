package smsc

import (
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"relais/sandbox/world"
	"relais/smpp"
)

// message is one submit_sm or data_sm that was taken.
type message struct {
	sm       smpp.SM
	number   string // of the handset
	session  *session
	at       time.Time
	course   world.Course
	settings Settings // when it was taken

	n        int64  // what its ids are made of
	answerID string // as the response has it
	toldID   string // as receipts have it

	state   smpp.MessageState // guarded by ledger.mu, as all below
	endedAt time.Time
}

// Taken is what was taken in one PDU, by its content.
type Taken struct {
	ID         string    `json:"id"` // of the response
	From       string    `json:"from"`
	To         string    `json:"to"` // E.164 with its plus
	DataCoding byte      `json:"data_coding"`
	ESMClass   byte      `json:"esm_class"`
	Octets     string    `json:"octets"` // header and text, in hexadecimal
	Parts      byte      `json:"parts"`  // of the long message that it is a part of; 0: it is whole
	Part       byte      `json:"part"`   // from 1
	Reference  string    `json:"reference"`
	Receipts   byte      `json:"registered_delivery"`
	State      string    `json:"state"` // the word of receipts
	At         time.Time `json:"at"`
}

// ledger is everything that was taken.
type ledger struct {
	mu     sync.Mutex
	all    []*message
	byID   map[string]*message
	parts  map[partKey]*joined
	next   int64
	second int64 // the one in which so many came
	came   int
	ref    byte // of the last long reply
}

func newLedger(taken int64) *ledger {
	const first = 0x812F_0000_0000_0001 >> 1 // ids of more than 60 bits are met (observed)
	return &ledger{byID: map[string]*message{}, parts: map[partKey]*joined{}, next: first + taken}
}

// add gives a message its ids and keeps it.
func (l *ledger) add(m *message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m.n, m.state = l.next, smpp.EnRoute
	l.next++
	form := idForms[m.settings.IDs]
	m.answerID, m.toldID = fmt.Sprintf(form.answered, m.n), fmt.Sprintf(form.told, m.n)
	l.all = append(l.all, m)
	l.byID[m.answerID] = m
}

func (l *ledger) find(id string) *message {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byID[id]
}

func (l *ledger) ends(m *message, state smpp.MessageState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m.state, m.endedAt = state, m.at.Add(m.course.Wait)
}

func (l *ledger) stateOf(m *message) (smpp.MessageState, time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return m.state, m.endedAt
}

// within counts one more in the second of now, if there is room for it.
func (l *ledger) within(most int, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if second := now.Unix(); second != l.second {
		l.second, l.came = second, 0
	}
	if l.came >= most {
		return false
	}
	l.came++
	return true
}

func (l *ledger) list() []Taken {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]Taken, len(l.all))
	for i, m := range l.all {
		content := m.sm.Content()
		all[i] = Taken{
			ID: m.answerID, From: m.sm.Source.Addr, To: m.number, DataCoding: m.sm.DataCoding,
			ESMClass: m.sm.ESMClass, Octets: hex.EncodeToString(m.sm.Octets()), Reference: referenceOf(&m.sm),
			Receipts: m.sm.RegisteredDelivery, State: m.state.Word(), At: m.at,
		}
		if content.Part {
			all[i].Parts, all[i].Part = content.Concat.Total, content.Concat.Seq
		}
	}
	return all
}

// referenceOf is user_message_reference, empty where none was given.
func referenceOf(sm *smpp.SM) string {
	n, present := sm.TLVs.Number(smpp.TagUserMessageReference)
	if !present {
		return ""
	}
	return fmt.Sprint(n)
}

// partKey tells long messages apart: a reference has 8 or 16 bits and comes again, to the same
// handset least often.
type partKey struct {
	from, to string
	ref      uint16
	wide     bool
	total    byte
}

// joined are the parts of a long message that have come.
type joined struct{ parts map[byte]*message }

// join keeps a part, and returns all of them in order once the last has come. A part that comes
// twice counts once, and a whole message is forgotten, so that its reference may come again.
func (l *ledger) join(m *message, c smpp.Concat) []*message {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := partKey{m.sm.Source.Addr, m.number, c.Ref, c.Wide, c.Total}
	if l.parts[key] == nil {
		l.parts[key] = &joined{parts: map[byte]*message{}}
	}
	have := l.parts[key]
	have.parts[c.Seq] = m
	if len(have.parts) < int(c.Total) {
		return nil
	}
	delete(l.parts, key)
	all := make([]*message, 0, c.Total)
	for seq := byte(1); ; seq++ {
		all = append(all, have.parts[seq])
		if seq == c.Total {
			return all
		}
	}
}

// idForm is how a number is written in a response and in a receipt.
type idForm struct{ answered, told string }

var idForms = map[string]idForm{
	"same":    {"%016X", "%016X"},
	"decimal": {"%d", "%d"},
	"hex_dec": {"%X", "%d"}, // observed: mokai#8, smscsim#4
	"dec_hex": {"%d", "%X"}, // observed: Kannel's msg-id-type
	"fold":    {"%X", "%x"},
	"zeros":   {"%d", "%025d"}, // observed: jasmin#423
	"short":   {"%x", "%020X"}, // both
	"uuid":    {"0191f3a2-7c44-7b1e-9f00-%012x", "0191f3a2-7c44-7b1e-9f00-%012x"},
}

// IDForms are the names of the forms of ids.
func IDForms() []string { return sortedKeys(idForms) }
