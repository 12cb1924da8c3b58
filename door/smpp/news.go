package smpp

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"relais/inbox"
	"relais/smpp"
	"relais/sms"
	"relais/webhook"
)

// news is something for a client: a receipt, or a reply.
type news struct {
	sm       smpp.SM
	receipt  *smpp.Receipt // nil: a reply
	networks []byte        // network_error_code; nil: none

	text string // of a reply
	ref  uint16 // that numbers its parts
}

var (
	errEvent     = errors.New("the event cannot be read")
	errNotJoined = errors.New("the message was made of parts, which are not put to it yet")
)

// news is what a client is told of an event; nothing of most.
func (d *Door) news(ctx context.Context, c *client, event *webhook.Event) ([]news, error) {
	if event.Type == webhook.InboundReceived {
		var in inbox.InboundData
		if err := json.Unmarshal(event.Data, &in); err != nil {
			return nil, errEvent
		}
		return c.reply(&in), nil
	}
	state, known := states[event.Type]
	if !known {
		return nil, nil
	}
	var m webhook.MessageData
	if err := json.Unmarshal(event.Data, &m); err != nil {
		return nil, errEvent
	}
	one := d.receipt(&m, state)
	switch {
	case one == nil:
		return nil, nil
	case m.Metadata[keptParts] != "":
		return d.receiptsOfParts(ctx, c, &m, one)
	default:
		return []news{*one}, nil
	}
}

// receiptsOfParts are a receipt for each part that asked for one: they end together.
func (d *Door) receiptsOfParts(ctx context.Context, c *client, m *webhook.MessageData, one *news) (all []news, err error) {
	parts, err := d.Store.JoinedParts(ctx, c.Account, m.ID)
	if err != nil {
		return nil, err
	}
	if len(parts) == 0 && d.Now().Sub(m.ID.Time()) < joinAge {
		return nil, errNotJoined
	}
	for i := range parts {
		if !wanted(parts[i].Registered, one.receipt.State) {
			continue
		}
		receipt := *one.receipt
		receipt.ID, receipt.SubmitDate = messageID(parts[i].ID, parts[i].Form), d.minute(parts[i].ID.Time())
		all = append(all, news{sm: one.sm, receipt: &receipt, networks: one.networks})
	}
	return all, nil
}

// states are the events that a receipt tells of. message.uncertain is none: the end comes, or a
// person decides.
var states = map[webhook.Type]smpp.MessageState{
	webhook.MessageSubmitted:   smpp.EnRoute,
	webhook.MessageDelivered:   smpp.Delivered,
	webhook.MessageUndelivered: smpp.Undeliverable,
	webhook.MessageExpired:     smpp.Expired,
	webhook.MessageRejected:    smpp.Rejected,
}

// wanted reports whether registered_delivery asks for a state (3.4, 5.2.17; 3 is success alone
// in 5.0, 4.7.21).
func wanted(registered byte, state smpp.MessageState) bool {
	if state == smpp.EnRoute {
		return registered&wantsIntermediate != 0
	}
	switch registered & wantsReceipts {
	case 1:
		return true
	case 2:
		return state != smpp.Delivered
	case 3:
		return state == smpp.Delivered
	default:
		return false
	}
}

// receipt is what a message's move means for its client; nil: nothing. Where the person was erased
// nothing is told any more: what it is made of is gone.
func (d *Door) receipt(m *webhook.MessageData, state smpp.MessageState) *news {
	registered, err := strconv.ParseUint(m.Metadata[keptRegistered], 10, 8)
	source, hasSource := keptAddress(m.Metadata[keptSource], string(m.Sender))
	dest, hasDest := keptAddress(m.Metadata[keptDest], string(m.To))
	if !hasDest { // one of several numbers
		dest = handset(string(m.To))
	}
	if err != nil || !hasSource || m.Metadata[keptParts] == "" && !wanted(byte(registered), state) {
		return nil
	}
	one := news{
		sm: smpp.SM{Source: dest, Dest: source, ESMClass: smpp.ESMReceipt}, // they change places (3.4, 2.11)
		receipt: &smpp.Receipt{
			ID: cmp.Or(m.Metadata[keptMessageID], messageID(m.ID, m.Metadata[keptIDs])), Sub: "001", Dlvrd: "000",
			SubmitDate: d.minute(m.ID.Time()), DoneDate: d.minute(m.At), Stat: state.Word(), State: state,
			Err: errorOf(m.OperatorCode),
		},
	}
	switch state {
	case smpp.EnRoute:
		one.sm.ESMClass = smpp.ESMIntermediate
	case smpp.Delivered:
		one.receipt.Dlvrd = "001"
	default:
	}
	if code, err := strconv.ParseUint(one.receipt.Err, 10, 16); err == nil {
		one.networks = []byte{gsmNetwork, byte(code >> 8), byte(code)}
	}
	if reference, err := strconv.ParseUint(m.Metadata[keptReference], 10, 16); err == nil {
		one.sm.TLVs = append(one.sm.TLVs, smpp.NumberTLV(smpp.TagUserMessageReference, 2, uint32(reference)))
	}
	return &one
}

// gsmNetwork is the type of network_error_code (3.4, 5.3.2.31).
const gsmNetwork = 3

// errorOf is the operator's code as receipts have it: three digits (3.4, appendix B). One that is
// none is not told, for clients that read a number.
func errorOf(code string) string {
	const width = 3
	if code == "" || len(code) > width || strings.Trim(code, digits) != "" {
		return "000"
	}
	return strings.Repeat("0", width-len(code)) + code
}

// bodies are the deliver_sm for a client: several for a long reply where the version has no optional
// parameters, which 3.4 brought.
func (n *news) bodies(c *client, old bool) []*smpp.DeliverSM {
	switch {
	case n.receipt != nil:
		return []*smpp.DeliverSM{n.body(c, old)}
	case old && len(n.sm.TLVs) > 0:
		return n.inParts(c)
	default:
		return []*smpp.DeliverSM{{SM: n.sm}}
	}
}

// Room in a part of a long reply, in octets, as handsets send them (3GPP TS 23.040, 9.2.3.24.1).
const (
	partOctets = 134
	partChars  = 153 // of an alphabet with one octet for each
	mostParts  = 255
)

// inParts cuts a reply where no character is cut.
func (n *news) inParts(c *client) (all []*smpp.DeliverSM) {
	charset, room := c.Alphabet, partChars
	if n.sm.DataCoding == ucs2 {
		charset, room = smpp.UCS2, partOctets
	}
	var pieces []string
	from, size := 0, room+1
	for at, r := range n.text {
		octets, err := charset.Encode(string(r), 0)
		if err != nil {
			return []*smpp.DeliverSM{{SM: n.sm}} // the whole could be written
		}
		if size += len(octets); size > room {
			if at > from {
				pieces = append(pieces, n.text[from:at])
			}
			from, size = at, len(octets)
		}
	}
	pieces = append(pieces, n.text[from:])
	pieces = pieces[:min(len(pieces), mostParts)] // no handset sends more
	for i, piece := range pieces {
		header := smpp.Concat{Ref: n.ref, Total: byte(len(pieces)), Seq: byte(i + 1)}.Header().Append(nil)
		octets, err := charset.Encode(piece, len(header))
		if err != nil {
			return []*smpp.DeliverSM{{SM: n.sm}}
		}
		sm := n.sm
		sm.ESMClass, sm.TLVs, sm.Text = smpp.ESMHeader, nil, append(header, octets...)
		all = append(all, &smpp.DeliverSM{SM: sm})
	}
	return all
}

// body is the deliver_sm of a receipt.
func (n *news) body(c *client, old bool) *smpp.DeliverSM {
	sm := n.sm
	if c.Receipts != receiptsTLV || old {
		sm.Text = n.receipt.Append(nil)
	}
	switch {
	case old:
		sm.TLVs = nil
	case c.Receipts != receiptsText:
		sm.TLVs = append(smpp.TLVs{
			smpp.TextTLV(smpp.TagReceiptedMessageID, n.receipt.ID),
			smpp.NumberTLV(smpp.TagMessageState, 1, uint32(n.receipt.State)),
		}, n.sm.TLVs...)
		if n.networks != nil {
			sm.TLVs = append(sm.TLVs, smpp.TLV{Tag: smpp.TagNetworkErrorCode, Value: n.networks})
		}
	}
	return &smpp.DeliverSM{SM: sm}
}

// reply is a message from a handset.
func (c *client) reply(in *inbox.InboundData) []news {
	sm := smpp.SM{Source: handset(string(in.From)), Dest: handset(string(in.To))}
	octets, err := c.Alphabet.Encode(in.Text, 0)
	if err != nil {
		sm.DataCoding = ucs2
		octets, err = smpp.UCS2.Encode(in.Text, 0)
	}
	if err != nil {
		return nil
	}
	if len(octets) > smpp.MaxShortMessage {
		sm.TLVs = smpp.TLVs{{Tag: smpp.TagMessagePayload, Value: octets}}
	} else {
		sm.Text = octets
	}
	return []news{{sm: sm, text: in.Text, ref: uint16(in.ID[randomOctet])}}
}

const ucs2 = 0x08 // data_coding (3.4, 5.2.19)

// randomOctet is one of an id that is random: those behind tell the account.
const randomOctet = 13

// Plans of numbers (3.4, 5.2.6).
const npiE164 = 1

// handset is a number, a short code or a name as clients read addresses.
func handset(text string) smpp.Address {
	switch sms.Sender(text).Kind() {
	case sms.LongNumber:
		return smpp.Address{TON: tonInternational, NPI: npiE164, Addr: strings.TrimPrefix(text, "+")}
	case sms.ShortCode:
		const networkSpecific = 3
		return smpp.Address{TON: networkSpecific, Addr: text}
	case sms.Alphanumeric:
		return smpp.Address{TON: tonName, Addr: text}
	default:
		return smpp.Address{}
	}
}
