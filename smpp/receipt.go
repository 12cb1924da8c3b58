package smpp

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// Receipt is an SMSC's word on a message, as it stands in the text of a deliver_sm (3.4,
// appendix B, which calls the form an example of one vendor's) and in its optional parameters.
// Fields are verbatim; one that is missing is empty.
type Receipt struct {
	ID         string
	Sub        string // parts submitted
	Dlvrd      string // parts delivered
	SubmitDate string
	DoneDate   string
	Stat       string // the state's word
	Err        string // the vendor's code
	Text       string // how the message began

	State MessageState
	// HasState: the state is known, of the optional parameter or of Stat; that of the
	// parameter holds where both stand.
	HasState bool
	// OtherID is the id of the text where the optional parameter has another: some write it in
	// two bases.
	OtherID string
}

// receiptKeys begin the fields of the text.
var receiptKeys = []struct {
	key string
	of  func(*Receipt) *string
}{
	{"id:", func(r *Receipt) *string { return &r.ID }},
	{"sub:", func(r *Receipt) *string { return &r.Sub }},
	{"dlvrd:", func(r *Receipt) *string { return &r.Dlvrd }},
	{"submit date:", func(r *Receipt) *string { return &r.SubmitDate }},
	{"done date:", func(r *Receipt) *string { return &r.DoneDate }},
	{"stat:", func(r *Receipt) *string { return &r.Stat }},
	{"err:", func(r *Receipt) *string { return &r.Err }},
	{textKey, func(r *Receipt) *string { return &r.Text }},
}

// textKey begins what the sender of the message wrote, who may have written keys of his own:
// nothing behind it is read.
const textKey = "text:"

// receiptBlanks stand between fields, and at the end of some texts.
const receiptBlanks = " \t\r\n\x00"

// ParseReceipt reads the text of a receipt: keys in any case and order, each at the start or
// behind a blank, the first of each. ok is false when it lacks an id or a state.
func ParseReceipt(octets []byte) (r Receipt, ok bool) {
	text := strings.TrimRight(string(octets), receiptBlanks)
	for i := 0; i < len(text); i++ {
		if i > 0 && !strings.ContainsRune(receiptBlanks, rune(text[i-1])) {
			continue
		}
		length, field := keyAt(text[i:], &r)
		if field == nil {
			continue
		}
		if strings.EqualFold(text[i:i+length], textKey) {
			r.Text = strings.TrimLeft(text[i+length:], " ")
			break
		}
		if *field == "" {
			*field = valueAt(text[i+length:])
		}
		i += length - 1
	}
	r.State, r.HasState = StateOfWord(r.Stat)
	return r, r.ID != "" && r.Stat != ""
}

// keyAt tells which key text begins with: its length, and its field in r.
func keyAt(text string, r *Receipt) (length int, field *string) {
	for _, one := range receiptKeys {
		if len(text) >= len(one.key) && strings.EqualFold(text[:len(one.key)], one.key) {
			return len(one.key), one.of(r)
		}
	}
	return 0, nil
}

// valueAt is the value that text begins with, behind blanks if need be; empty where the next
// key follows.
func valueAt(text string) string {
	text = strings.TrimLeft(text, receiptBlanks)
	if length, _ := keyAt(text, &Receipt{}); length > 0 {
		return ""
	}
	if end := strings.IndexAny(text, receiptBlanks); end >= 0 {
		text = text[:end]
	}
	return text
}

// Receipt reads a receipt from the optional parameters and the text of a message, whatever its
// esm_class says. ok is false when neither names a message.
func (m *SM) Receipt() (r Receipt, ok bool) {
	r, _ = ParseReceipt(m.Octets())
	if id, present := m.TLVs.Text(TagReceiptedMessageID); present && id != "" {
		if r.ID != id {
			r.ID, r.OtherID = id, r.ID
		}
	}
	if state, present := m.TLVs.Number(TagMessageState); present && state <= 0xFF {
		r.State, r.HasState = MessageState(state), true
	}
	if code, present := m.TLVs.Get(TagNetworkErrorCode); present && r.Err == "" {
		r.Err = networkError(code)
	}
	return r, r.ID != "" && (r.HasState || r.Stat != "")
}

// networkError is network_error_code in digits: a type and a number in two octets (3.4,
// 5.3.2.31), or three digits as they are (observed).
func networkError(value []byte) string {
	if len(value) != 3 {
		return ""
	}
	if len(bytes.Trim(value, "0123456789")) == 0 {
		return string(value)
	}
	return strconv.Itoa(int(value[1])<<8 | int(value[2]))
}

// IsReceipt reports whether esm_class says that a deliver_sm is a receipt, final or not.
func (m *SM) IsReceipt() bool {
	kind := m.ESMClass & ESMKind
	return kind&ESMReceipt != 0 || kind&ESMIntermediate != 0
}

// Append writes the text in the order and the case that readers with a fixed pattern want
// (observed: Kannel's).
func (r Receipt) Append(dst []byte) []byte {
	return fmt.Appendf(dst, "id:%s sub:%s dlvrd:%s submit date:%s done date:%s stat:%s err:%s text:%s",
		r.ID, r.Sub, r.Dlvrd, r.SubmitDate, r.DoneDate, r.Stat, r.Err, r.Text)
}
