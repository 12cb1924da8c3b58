package smsc

import (
	"maps"
	"slices"
	"strings"
	"time"

	"relais/sandbox/world"
	"relais/smpp"
)

// end is how receipts write what became of a text: the state, and the vendor's code. The codes are
// OVH's (documented, SMPP guide): 2 network, 3 unreachable, 8 blocked, 9 unknown subscriber.
type end struct {
	state smpp.MessageState
	code  string
}

var ends = map[world.End]end{
	world.Arrived:           {smpp.Delivered, "000"},
	world.Absent:            {smpp.Undeliverable, "003"},
	world.UnknownSubscriber: {smpp.Undeliverable, "009"},
	world.Blocked:           {smpp.Rejected, "008"},
	world.Expired:           {smpp.Expired, "000"},
	world.NetworkFailure:    {smpp.Undeliverable, "002"},
}

// Bits of registered_delivery (3.4, 5.2.17).
const (
	wantsReceipts     = 0x03
	wantsAll          = 1
	wantsFailures     = 2
	wantsIntermediate = 0x10
)

// dialect is a form of receipts that exists.
type dialect struct {
	text     func(smpp.Receipt) string // nil: the one of 3.4, appendix B
	noText   bool                      // optional parameters alone
	noTLVs   bool
	dates    string // layout; empty: minutes, as in appendix B
	unmarked bool   // esm_class 0 (observed: node-smpp#140)
	payload  bool   // the text is a message_payload that ends with a NUL (observed: vumi#330)
	words    map[smpp.MessageState]string
}

var dialects = map[string]dialect{
	"full":     {},
	"text":     {noTLVs: true},
	"tlv":      {noText: true},
	"appendix": {noTLVs: true, text: replaced("text:", "Text:")},
	// No sub, dlvrd nor text (observed: jsmpp#62, cloudhopper#105).
	"short": {noTLVs: true, text: func(r smpp.Receipt) string {
		return "id:" + r.ID + " submit date:" + r.SubmitDate + " done date:" + r.DoneDate + " stat:" + r.Stat + " err:" + r.Err
	}},
	"shuffled": {noTLVs: true, text: func(r smpp.Receipt) string {
		return "stat:" + r.Stat + " err: " + r.Err + " done date:" + r.DoneDate + " mcc:208 id:" + r.ID + " text:" + r.Text
	}},
	"capitals": {noTLVs: true, text: func(r smpp.Receipt) string {
		return strings.NewReplacer("id:", "ID:", "stat:", "Stat:", "err:", "Err:").Replace(string(r.Append(nil)))
	}},
	"words": {noTLVs: true, words: map[smpp.MessageState]string{
		smpp.Delivered: "DELIVERED", smpp.Undeliverable: "UNDELIVERABLE", smpp.Rejected: "REJECTED", smpp.EnRoute: "BUFFRED",
	}},
	"seconds":  {noTLVs: true, dates: "060102150405"},
	"years":    {noTLVs: true, dates: "20060102150405"},
	"absolute": {noTLVs: true, dates: absoluteDates}, // observed: smppex#46
	"unmarked": {noTLVs: true, unmarked: true},
	"payload":  {noTLVs: true, payload: true},
	// A text with keys of its own behind the end of the receipt (observed: jsmpp#80).
	"forged": {text: func(r smpp.Receipt) string { return string(r.Append(nil)) + " id:1 stat:DELIVRD" }},
}

const absoluteDates = "absolute"

// Dialects are the names of the forms of receipts.
func Dialects() []string { return sortedKeys(dialects) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func replaced(old, with string) func(smpp.Receipt) string {
	return func(r smpp.Receipt) string { return strings.Replace(string(r.Append(nil)), old, with, 1) }
}

// wanted reports whether the ESME asked to hear of a state.
func (m *message) wanted(state smpp.MessageState) bool {
	switch asked := m.sm.RegisteredDelivery & wantsReceipts; {
	case state == smpp.EnRoute:
		return m.sm.RegisteredDelivery&wantsIntermediate != 0 || m.course.Reorder
	case asked == wantsAll:
		return true
	case asked == wantsFailures:
		return state != smpp.Delivered
	default: // 3 is success alone in 5.0, 4.7.21
		return asked != 0 && state == smpp.Delivered
	}
}

// tell puts a receipt in the queue; of several, each once the one before was acknowledged.
func (s *SMSC) tell(m *message, states ...smpp.MessageState) {
	var first *delivery
	for _, state := range slices.Backward(states) {
		if m.wanted(state) {
			first = &delivery{
				body: m.receipt(state, s.world.Clock.Now()), session: m.session, elsewhere: m.course.Elsewhere, then: first,
			}
		}
	}
	if first != nil {
		s.queue.put(first)
	}
}

// receipt is the deliver_sm of a state.
func (m *message) receipt(state smpp.MessageState, now time.Time) *smpp.DeliverSM {
	d := dialects[m.settings.Dialect]
	code := "000"
	if state != smpp.EnRoute {
		code = ends[m.course.End].code
	}
	delivered := "000"
	if state == smpp.Delivered {
		delivered = "001"
	}
	r := smpp.Receipt{
		ID: m.toldID, Sub: "001", Dlvrd: delivered, SubmitDate: d.date(m.at), DoneDate: d.date(now),
		Stat: d.word(state), Err: code, Text: m.begins(),
	}
	told := &smpp.DeliverSM{SM: smpp.SM{ // the addresses change places (3.4, 2.11)
		Source: m.sm.Dest, Dest: m.sm.Source, ESMClass: smpp.ESMReceipt,
	}}
	switch {
	case state == smpp.EnRoute && !m.course.Reorder:
		told.ESMClass = smpp.ESMIntermediate
	case d.unmarked:
		told.ESMClass = 0
	}
	d.write(told, r)
	if !d.noTLVs {
		told.TLVs = append(told.TLVs,
			smpp.TextTLV(smpp.TagReceiptedMessageID, m.toldID), smpp.NumberTLV(smpp.TagMessageState, 1, uint32(state)),
			smpp.TLV{Tag: smpp.TagNetworkErrorCode, Value: []byte{gsmNetwork, 0, code[2] - '0'}})
	}
	return told
}

// gsmNetwork is the type of network_error_code (3.4, 5.3.2.31).
const gsmNetwork = 3

// write puts the text of a receipt where the dialect has it.
func (d dialect) write(told *smpp.DeliverSM, r smpp.Receipt) {
	text := string(r.Append(nil))
	if d.text != nil {
		text = d.text(r)
	}
	switch {
	case d.noText:
	case d.payload:
		told.TLVs = append(told.TLVs, smpp.TextTLV(smpp.TagMessagePayload, text))
	default:
		told.Text = []byte(text)
	}
}

func (d dialect) word(state smpp.MessageState) string {
	if word, own := d.words[state]; own {
		return word
	}
	return state.Word()
}

// date writes a moment in the SMSC's own zone (3.4, 7.1.1.1).
func (d dialect) date(at time.Time) string {
	const minutes = "0601021504"
	switch d.dates {
	case absoluteDates:
		return smpp.FormatTime(at.In(world.Paris))
	case "":
		return at.In(world.Paris).Format(minutes)
	default:
		return at.In(world.Paris).Format(d.dates)
	}
}

// begins is how the text of the message begins, in ASCII: up to 20 characters (3.4, appendix B).
func (m *message) begins() string {
	const most = 20
	var b strings.Builder
	for _, c := range m.text() {
		if c < ' ' || c > '~' {
			c = '.'
		}
		if b.WriteRune(c); b.Len() == most {
			break
		}
	}
	return b.String()
}
