package smpp

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"relais/connector"
	"relais/smpp"
)

// mostSaid bounds what is kept for who looks on: a few seconds of a fast operator.
const mostSaid = 1000

// watchedFor is how long PDUs are kept after somebody has looked.
const watchedFor = 30 * time.Second

// trace is what the sessions say, while somebody looks on.
type trace struct {
	until   atomic.Int64 // in nanoseconds since 1970; 0: nobody has looked
	session atomic.Int64 // the last that was opened

	mu   sync.Mutex
	last int64
	kept []connector.Said // oldest first
}

// Trace returns what was said behind a number, and has what is said from now on kept for a while.
func (i *instance) Trace(after int64) []connector.Said {
	t, now := &i.trace, time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.until.Swap(now.Add(watchedFor).UnixNano()) < now.UnixNano() {
		t.kept = nil // it is of an earlier look
	}
	if after > t.last { // a number of the instance before a reload
		after = 0
	}
	first := len(t.kept) - int(min(max(t.last-after, 0), int64(len(t.kept))))
	return append([]connector.Said(nil), t.kept[first:]...)
}

// tracer notes what one session says.
func (t *trace) tracer() func(sent bool, p smpp.PDU) {
	session := int(t.session.Add(1))
	return func(sent bool, p smpp.PDU) {
		now := time.Now()
		if now.UnixNano() > t.until.Load() {
			return
		}
		said := saidBy(p)
		said.At, said.Sent, said.Session = now, sent, session
		t.note(said)
	}
}

func (t *trace) note(said connector.Said) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	said.Number = t.last
	if len(t.kept) >= mostSaid {
		t.kept = append(t.kept[:0], t.kept[mostSaid/2:]...)
	}
	t.kept = append(t.kept, said)
}

// saidBy is a PDU without what names a person or opens an account.
func saidBy(p smpp.PDU) connector.Said {
	command := p.Body.Command()
	said := connector.Said{Command: command.String(), Sequence: p.Sequence, Detail: detail(p.Body)}
	if command.IsResponse() {
		said.Status = p.Status.String()
		if p.Status != smpp.OK { // it has no fields
			said.Detail = ""
		}
	}
	if octets, err := smpp.Append(nil, p); err == nil {
		said.Octets = len(octets)
	}
	return said
}

// detail are the fields that say how, not who or what: types of addresses without the addresses, lengths
// without the octets, and what the SMSC calls messages.
func detail(body smpp.Body) string {
	switch b := body.(type) {
	case *smpp.Bind:
		return fmt.Sprintf("system_type=%q interface_version=0x%02x", b.SystemType, b.InterfaceVersion)
	case *smpp.BindResp:
		return tags("", b.TLVs)
	case *smpp.SubmitSM:
		return message(&b.SM)
	case *smpp.DeliverSM:
		return message(&b.SM)
	case *smpp.DataSM:
		sm := b.SM()
		return message(&sm)
	case *smpp.SubmitSMResp:
		return tags(fmt.Sprintf("message_id=%q", b.MessageID), b.TLVs)
	case *smpp.DataSMResp:
		return tags(fmt.Sprintf("message_id=%q", b.MessageID), b.TLVs)
	case *smpp.QuerySM:
		return fmt.Sprintf("message_id=%q", b.MessageID)
	case *smpp.QuerySMResp:
		return fmt.Sprintf("message_id=%q message_state=%d error_code=%d", b.MessageID, b.State, b.ErrorCode)
	default:
		return ""
	}
}

func message(m *smpp.SM) string {
	content := m.Content()
	said := fmt.Sprintf("source=%d/%d destination=%d/%d esm_class=0x%02x data_coding=0x%02x registered_delivery=0x%02x",
		m.Source.TON, m.Source.NPI, m.Dest.TON, m.Dest.NPI, m.ESMClass, m.DataCoding, m.RegisteredDelivery)
	if m.Validity != "" {
		said += " validity_period=" + m.Validity
	}
	if content.Part {
		said += fmt.Sprintf(" part=%d/%d", content.Concat.Seq, content.Concat.Total)
	}
	if receipt, ok := m.Receipt(); ok && m.IsReceipt() {
		said += fmt.Sprintf(" id=%q stat=%q err=%q", receipt.ID, receipt.Stat, receipt.Err)
	} else {
		said += fmt.Sprintf(" text=%d octets", len(content.Text))
	}
	return tags(said, m.TLVs)
}

// tags adds which optional parameters there are.
func tags(said string, tlvs smpp.TLVs) string {
	if len(tlvs) == 0 {
		return said
	}
	names := make([]string, len(tlvs))
	for n, one := range tlvs {
		names[n] = fmt.Sprintf("0x%04x", uint16(one.Tag))
	}
	return strings.TrimPrefix(said+" parameters="+strings.Join(names, ","), " ")
}
