package smpp

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"relais/smpp"
	"relais/sms"
)

// Part is one of a long message that a client sent: on disk before its answer.
type Part struct {
	ID      sms.ID // that its answer names, and its receipts; its time is when it came
	Account string
	Client  string     // system id
	Long    string     // which message it is of, as the client numbers them
	Seq     int        // its place, from 1; behind again: it says what an earlier part of the place said
	Number  sms.Number // of the person, as an erasure finds it; empty once it is in a message

	Registered byte   // registered_delivery
	Form       string // of its id, as the client wants it
	Sum        []byte // stands for what it says, and does not reveal it: the same again is known by it
	PDU        []byte // submit_sm; nil once it is in a message
	Message    sms.ID // that it is in; zero: none
	Failed     bool   // nobody waits for it: the client is to be told what became of it
}

// again is what the place of a part is raised by that says what an earlier one of its place said: the client
// may repeat one whose answer got lost, or begin another message with the same words.
const again = 1000

// PartStore keeps parts. A part waits for the others of its message, is in a message then, or has
// failed and waits until the client was told.
type PartStore interface {
	// KeepPart puts a part to those that wait. Where one of its place waits already, that is
	// kept, and fresh is false.
	KeepPart(ctx context.Context, p *Part) (kept Part, fresh bool, err error)
	// WaitingParts are the parts of a message that wait, in their order.
	WaitingParts(ctx context.Context, account, client, long string) ([]Part, error)
	// CountParts is how many parts of a client wait, up to most.
	CountParts(ctx context.Context, account, client string, most int) (int, error)
	// OldParts are parts of a client that wait since before an id, oldest first.
	OldParts(ctx context.Context, account, client string, before sms.ID, limit int) ([]Part, error)
	// FailedParts are parts of a client that it is to be told of, behind an id, oldest first.
	FailedParts(ctx context.Context, account, client string, after sms.ID, limit int) ([]Part, error)
	// EarlierParts are the parts of one place that say the same and are in a message, newest first.
	EarlierParts(ctx context.Context, account, client, long string, seq int, sum []byte) ([]Part, error)
	// JoinedParts are the parts that a message was made of, in their order.
	JoinedParts(ctx context.Context, account string, message sms.ID) ([]Part, error)
	// Part is one part. gateway.ErrNotFound: there is none.
	Part(ctx context.Context, account string, id sms.ID) (Part, error)
	// JoinParts says in which message parts are. What they say is dropped.
	JoinParts(ctx context.Context, account string, message sms.ID, parts []Part) error
	// FailParts has the client told of parts that wait: what became of a message, or, where that is zero,
	// that they failed.
	FailParts(ctx context.Context, account string, message sms.ID, parts []Part) error
	// DropParts forgets parts.
	DropParts(ctx context.Context, account string, parts []Part) error
}

// newPart is the part of a client's request.
func (s *session) newPart(c *client, h held) (*Part, error) {
	pdu, err := smpp.Append(nil, smpp.PDU{Body: &smpp.SubmitSM{SM: *h.sm}})
	if err != nil {
		return nil, err
	}
	long := s.door.longOf(h)
	return &Part{
		ID: sms.BucketOf(c.Account).NewID(s.door.Now()), Account: c.Account, Client: c.systemID,
		Long: long, Seq: int(h.content.Concat.Seq), Number: sms.Number(c.number(h.sm.Dest)),
		Registered: h.sm.RegisteredDelivery, Form: s.form(c), PDU: pdu,
		Sum: []byte(s.door.Derive(fmt.Sprintf("smpp part: %s %d %x", long, h.sm.DataCoding, h.content.Text))),
	}, nil
}

// longOf tells long messages of a client apart: by their addresses, and how their parts are numbered. It outlives
// the number, which it does not reveal.
func (d *Door) longOf(h held) string {
	part := h.content.Concat
	return d.Derive(fmt.Sprintf("smpp long: %+v %+v %d %t %d", h.sm.Source, h.sm.Dest, part.Ref, part.Wide, part.Total))
}

// same reports whether two parts say the same.
func (p *Part) same(other *Part) bool { return bytes.Equal(p.Sum, other.Sum) }

// Place is the place of the part in its message, from 1, whether an earlier one said the same or not.
func (p *Part) Place() int { return p.Seq % again }

// Says is what the part says, as far as its data_coding names an alphabet: 0 is read as GSM 03.38, and what is no text is
// shown in hexadecimal. Nothing is left of it once the part is in a message.
func (p *Part) Says() string {
	h, err := p.read()
	if err != nil {
		return ""
	}
	charset, known := smpp.CharsetOf(h.sm.DataCoding, smpp.GSM7)
	if !known {
		return hex.EncodeToString(h.content.Text)
	}
	text, err := charset.Decode(h.content.Text, h.content.HeaderLength)
	if err != nil { // a character may be cut by its border
		text, _ = smpp.Latin1.Decode(h.content.Text, 0) // reads any octet
	}
	return strings.ReplaceAll(text, "\x00", "")
}

// read is what the client sent.
func (p *Part) read() (held, error) {
	pdu, err := smpp.NewReader(bytes.NewReader(p.PDU)).Next()
	if err != nil {
		return held{}, err
	}
	body, ok := pdu.Body.(*smpp.SubmitSM)
	if !ok {
		return held{}, fmt.Errorf("a part is a %s", pdu.Body.Command())
	}
	return held{sm: &body.SM, content: body.Content()}, nil
}
