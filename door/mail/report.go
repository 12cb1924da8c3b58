package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"relais/door"
	"relais/gateway"
	"relais/inbox"
	"relais/reason"
	"relais/sms"
	"relais/webhook"
)

// Store is what the door reads.
type Store interface {
	Message(ctx context.Context, account string, id sms.ID) (sms.Message, error)
}

// What a message keeps of its mail, in its metadata, where somebody is to be told of it.
const (
	keptSender = "mail-sender" // of the envelope: who is told
	keptDomain = "mail-domain" // of the recipient
	keptID     = "mail-id"     // the Message-ID
)

// Words of the setting receipts.
const (
	receiptsFailed = "failed"
	receiptsAll    = "all"
)

// What is told by mail. The sentences stand in the catalogues.
const (
	phraseReceipt     reason.Code = "words/mail_receipt"
	phraseReply       reason.Code = "words/mail_reply"
	phraseDelivered   reason.Code = "words/mail_delivered"
	phraseUndelivered reason.Code = "words/mail_undelivered"
	phraseExpired     reason.Code = "words/mail_expired"
	phraseRejected    reason.Code = "words/mail_rejected"
)

// ends are the events of which senders are told.
var ends = map[webhook.Type]reason.Code{
	webhook.MessageDelivered: phraseDelivered, webhook.MessageUndelivered: phraseUndelivered, webhook.MessageExpired: phraseExpired,
	webhook.MessageRejected: phraseRejected,
}

// scheme begins the address of a client's endpoint; its server and its name follow.
const scheme = "mail://"

// mostID is the longest Message-ID that is kept.
const mostID = 250

// tells reports whether some client wants to be told.
func (d *Door) tells() bool {
	for _, p := range d.ports {
		for _, c := range p.clients {
			if c.Receipts != "" || c.Replies {
				return true
			}
		}
	}
	return false
}

// tell has the sender of a mail told of its messages, where the client's settings say so.
func (p *port) tell(c *client, mail *envelope, l *letter, asked *gateway.Submission) {
	if p.door.Post == nil || c.Receipts == "" && !c.Replies {
		return
	}
	asked.Metadata = map[string]string{keptSender: mail.from, keptDomain: mail.domain}
	if len(l.id) <= mostID && !strings.ContainsFunc(l.id, func(r rune) bool { return r <= ' ' || r > '~' }) {
		asked.Metadata[keptID] = l.id
	}
	if c.Receipts != "" {
		asked.Report = func(ctx context.Context) (sms.ID, error) { return p.endpoint(ctx, c) }
	}
}

func (p *port) endpoint(ctx context.Context, c *client) (sms.ID, error) {
	return p.door.Endpoint(ctx, c.Account, scheme+p.Name+"/"+c.name, Format)
}

// Ready implements webhook.Carrier: the mail server may be asked at any time.
func (d *Door) Ready(*webhook.Endpoint) bool { return d.Post != nil && d.stopping.Err() == nil }

var (
	errEvent  = errors.New("the event cannot be read")
	errClient = errors.New("the client has no section any more")
)

// Carry implements webhook.Carrier.
func (d *Door) Carry(ctx context.Context, e *webhook.Endpoint, event *webhook.Event, _ *webhook.Turn) webhook.Carried {
	_, c := d.clientOf(e)
	if c == nil {
		return webhook.Carried{Err: errClient, Final: true}
	}
	l, err := d.news(ctx, c, event)
	switch {
	case err != nil:
		return webhook.Carried{Err: err, Final: errors.Is(err, errEvent)}
	case l == nil:
		return webhook.Carried{Nothing: true}
	}
	return webhook.Carried{Err: d.Post(ctx, *l)}
}

// clientOf is whose endpoint it is; nil: nobody's any more.
func (d *Door) clientOf(e *webhook.Endpoint) (*port, *client) {
	for _, p := range d.ports {
		for _, c := range p.clients {
			if c.Account == e.Account && e.URL == scheme+p.Name+"/"+c.name {
				return p, c
			}
		}
	}
	return nil, nil
}

// news is the mail about an event; nil: there is nothing to tell.
func (d *Door) news(ctx context.Context, c *client, event *webhook.Event) (*door.Letter, error) {
	if event.Type == webhook.InboundReceived {
		return d.reply(ctx, event)
	}
	said, is := ends[event.Type]
	if !is || c.Receipts == "" || event.Type == webhook.MessageDelivered && c.Receipts != receiptsAll {
		return nil, nil
	}
	var m webhook.MessageData
	if err := json.Unmarshal(event.Data, &m); err != nil {
		return nil, errEvent
	}
	number := reason.Args{"number": reason.Name(m.To)}
	l := letterTo(m.Metadata, m.To)
	if l != nil {
		l.Subject, l.Text = reason.Of(phraseReceipt, number).In(d.Language), reason.Of(said, number).In(d.Language)
	}
	return l, nil
}

// reply is the mail about what a person wrote.
func (d *Door) reply(ctx context.Context, event *webhook.Event) (*door.Letter, error) {
	var in inbox.InboundData
	if err := json.Unmarshal(event.Data, &in); err != nil {
		return nil, errEvent
	}
	if in.Message == nil {
		return nil, nil
	}
	m, err := d.Store.Message(ctx, event.Account, *in.Message)
	if errors.Is(err, gateway.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the message: %w", err)
	}
	l := letterTo(m.Metadata, in.From)
	if l != nil {
		l.Subject, l.Text = reason.Of(phraseReply, reason.Args{"number": reason.Name(in.From)}).In(d.Language), in.Text
	}
	return l, nil
}

// letterTo is a mail to the sender of a message's mail, from the number; nil: nobody is to be told, or the person was erased.
func letterTo(kept map[string]string, number sms.Number) *door.Letter {
	if kept[keptSender] == "" || !strings.HasPrefix(string(number), "+") {
		return nil
	}
	return &door.Letter{From: string(number) + "@" + kept[keptDomain], To: kept[keptSender], InReplyTo: kept[keptID]}
}

// ReplyEndpoints are where a reply goes: to the client whose message it answers, where that wants replies.
func (d *Door) ReplyEndpoints(ctx context.Context, in *inbox.Inbound) ([]sms.ID, error) {
	if in.Message.IsZero() || d.Post == nil {
		return nil, nil
	}
	m, err := d.Store.Message(ctx, in.Account, in.Message)
	if errors.Is(err, gateway.ErrNotFound) {
		return nil, nil
	}
	if err != nil || m.Actor.Kind() != Format {
		return nil, err
	}
	for _, p := range d.ports {
		for _, c := range p.clients {
			if c.Replies && c.Account == in.Account && c.actor() == m.Actor {
				id, err := p.endpoint(ctx, c)
				return []sms.ID{id}, err
			}
		}
	}
	return nil, nil
}
