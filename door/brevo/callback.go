package brevo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"relais/door"
	"relais/gateway"
	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// Format is the name of Callbacks among the formats of webhooks, and of the door.
const Format = "brevo"

// Callbacks tells the addresses of messages, and that of an account, of receipts and replies, as Brevo does. Nothing is signed.
type Callbacks struct{ *Door }

var (
	errEvent   = errors.New("the event cannot be read")
	errAddress = errors.New("the address cannot be called")
	errAccount = errors.New("the account has no section any more")
)

// statuses are those that a message has after the events of which clients are told.
var statuses = map[webhook.Type]sms.Status{
	webhook.MessageSubmitted: sms.Submitted, webhook.MessageDelivered: sms.Delivered, webhook.MessageUndelivered: sms.Undelivered,
	webhook.MessageExpired: sms.Expired, webhook.MessageRejected: sms.Rejected,
}

// stageOf is where a message stands after an event; zero: nobody is told.
func stageOf(kind webhook.Type, reason string) stage {
	status, told := statuses[kind]
	switch {
	case !told:
		return stage{}
	case status == sms.Submitted:
		return sent
	}
	return endOf(status, reason)
}

// Request implements webhook.Format.
func (f Callbacks) Request(ctx context.Context, e webhook.Endpoint, event *webhook.Event) (*http.Request, error) {
	account := f.byAccount[event.Account]
	if account == nil {
		return nil, errAccount
	}
	if event.Type == webhook.InboundReceived {
		return f.reply(ctx, account, &e, event)
	}
	return f.receipt(ctx, account, &e, event)
}

// receipt tells where a message stands (documented: BRW). The address is in its metadata, for each may have another.
func (f Callbacks) receipt(ctx context.Context, account *Account, e *webhook.Endpoint, event *webhook.Event) (*http.Request, error) {
	var m webhook.MessageData
	if err := json.Unmarshal(event.Data, &m); err != nil {
		return nil, errEvent
	}
	at := stageOf(event.Type, m.Reason)
	if at == (stage{}) || !m.To.Known() {
		return nil, nil // the person was erased, and nothing is told any more
	}
	number, err := f.numberOf(ctx, event.Account, m.ID)
	if err != nil {
		return nil, err
	}
	told := map[string]any{
		"id": number, "messageId": number, "to": strings.TrimPrefix(string(m.To), "+"), "sms_count": m.Segments, "credits_used": m.Segments,
		"msg_status": at.status, "date": f.date(m.At), "type": typeOf(m.Class), "reference": map[string]string{"1": m.ID.String()},
	}
	if m.Reference != "" {
		told["tag"] = m.Reference
	}
	return account.post(ctx, addressOf(m.Metadata, e), told)
}

// reply tells what a person wrote, to the address of the message that it answers (documented: BRW).
func (f Callbacks) reply(ctx context.Context, account *Account, e *webhook.Endpoint, event *webhook.Event) (*http.Request, error) {
	var in inbox.InboundData
	if err := json.Unmarshal(event.Data, &in); err != nil {
		return nil, errEvent
	}
	if !in.From.Known() {
		return nil, nil // as above
	}
	told := map[string]any{
		"to": strings.TrimPrefix(string(in.From), "+"), "msg_status": replyStage(in.Intent).status, "reply": in.Text, "date": f.date(in.At),
	}
	address := e.URL
	if in.Message != nil {
		m, err := f.Reader.Message(ctx, event.Account, *in.Message)
		if err != nil && !errors.Is(err, gateway.ErrNotFound) {
			return nil, errEvent
		}
		if address = addressOf(m.Metadata, e); m.Reference != "" {
			told["tag"] = m.Reference
		}
		number, err := f.numberOf(ctx, event.Account, *in.Message)
		if err != nil {
			return nil, err
		}
		told["id"], told["messageId"], told["reference"] = number, number, map[string]string{"1": in.Message.String()}
	}
	return account.post(ctx, address, told)
}

// addressOf is where a message is told of.
func addressOf(metadata map[string]string, e *webhook.Endpoint) string {
	if own := metadata[keptURL]; own != "" {
		return own
	}
	return e.URL
}

func typeOf(class sms.Class) string {
	if class == sms.Marketing {
		return "marketing"
	}
	return "transactional"
}

// date is a time as callbacks have it, of Paris (documented: BRW).
func (f Callbacks) date(at time.Time) string { return at.In(f.Zone).Format(time.DateTime) }

func (f Callbacks) numberOf(ctx context.Context, account string, id sms.ID) (int64, error) {
	numbered, err := f.Reader.OVHNumbers(ctx, account, []sms.ID{id})
	if err != nil || len(numbered) != 1 {
		return 0, errors.New("the number of a message cannot be read")
	}
	return numbered[0].Number, nil
}

// post is the request of a callback. It is not signed: a token, where there is one, says who calls (K).
func (a *Account) post(ctx context.Context, address string, told map[string]any) (*http.Request, error) {
	text, err := json.Marshal(told)
	if err != nil {
		return nil, errEvent
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(text))
	if err != nil {
		return nil, errAddress
	}
	r.Header.Set("Content-Type", "application/json")
	if a.EventsToken != "" && address == a.EventsURL {
		r.Header.Set("Authorization", "Bearer "+a.EventsToken)
	}
	return r, nil
}

// ReplyEndpoints are where a reply goes: to the address of the message that it answers, or to that of its account.
func (d *Door) ReplyEndpoints(ctx context.Context, in *inbox.Inbound) ([]sms.ID, error) {
	account := d.byAccount[in.Account]
	if account == nil {
		return nil, nil
	}
	address := account.EventsURL
	if !in.Message.IsZero() {
		m, err := d.Reader.Message(ctx, in.Account, in.Message)
		if err != nil && !errors.Is(err, gateway.ErrNotFound) {
			return nil, err
		}
		if own := m.Metadata[keptURL]; own != "" {
			address = door.HostOf(own)
		}
	}
	return d.Report.Replies(ctx, d.Log, in.Account, address, Format, account.Name)
}
