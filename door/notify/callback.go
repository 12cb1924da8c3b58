package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// Format is the name of Callbacks among the formats of webhooks, and of the door.
const Format = "notify"

// ends are the events of which clients are told: those that end a message (documented: GNT).
var ends = map[webhook.Type]bool{
	webhook.MessageDelivered: true, webhook.MessageUndelivered: true, webhook.MessageExpired: true, webhook.MessageRejected: true,
}

// Callbacks tells the addresses of a service of receipts and replies, as Notify does.
type Callbacks struct{ *Door }

var (
	errEvent   = errors.New("the event cannot be read")
	errAddress = errors.New("the address cannot be called")
	errAccount = errors.New("the account has no section any more")
)

// Request implements webhook.Format.
func (f Callbacks) Request(ctx context.Context, e webhook.Endpoint, event *webhook.Event) (*http.Request, error) {
	switch {
	case event.Type == webhook.InboundReceived:
		return f.reply(ctx, &e, event)
	case ends[event.Type]:
		return f.receipt(ctx, &e, event)
	}
	return nil, nil
}

// receipt tells how a message ended.
func (f Callbacks) receipt(ctx context.Context, e *webhook.Endpoint, event *webhook.Event) (*http.Request, error) {
	var m webhook.MessageData
	if err := json.Unmarshal(event.Data, &m); err != nil {
		return nil, errEvent
	}
	if m.Metadata[keptService] == "" || !m.To.Known() {
		return nil, nil // the person was erased, and nothing is told any more
	}
	service := f.byAccount[event.Account]
	if service == nil {
		return nil, errAccount
	}
	version, err := strconv.Atoi(m.Metadata[keptVersion])
	if err != nil {
		return nil, errEvent
	}
	return post(ctx, e.URL, service.ReceiptsToken, map[string]any{
		"id": m.ID.String(), "reference": orNull(m.Reference), "to": string(m.To), "status": statusOf(m.Status, m.Reason),
		"created_at": moment(m.ID.Time()), "completed_at": moment(m.At), "sent_at": f.sentAt(ctx, event.Account, m.ID),
		"notification_type": "sms", "template_id": m.Metadata[keptTemplate], "template_version": version,
	})
}

// sentAt is when the operator took a message; nil: it did not, or nobody knows.
func (f Callbacks) sentAt(ctx context.Context, account string, id sms.ID) *string {
	m, err := f.Reader.Message(ctx, account, id)
	if err != nil {
		return nil // the receipt matters more
	}
	return momentOrNull(m.SubmittedAt)
}

// reply tells what a person wrote.
func (f Callbacks) reply(ctx context.Context, e *webhook.Endpoint, event *webhook.Event) (*http.Request, error) {
	var in inbox.InboundData
	if err := json.Unmarshal(event.Data, &in); err != nil {
		return nil, errEvent
	}
	if !in.From.Known() {
		return nil, nil // as above
	}
	service := f.byAccount[event.Account]
	if service == nil {
		return nil, errAccount
	}
	return post(ctx, e.URL, service.RepliesToken, map[string]any{
		"id": in.ID.String(), "source_number": strings.TrimPrefix(string(in.From), "+"), "destination_number": string(in.To),
		"message": in.Text, "date_received": moment(in.At.Round(time.Microsecond)),
	})
}

// post is the request of a callback. It is not signed: the token says who calls (documented: GNT).
func post(ctx context.Context, address, token string, body map[string]any) (*http.Request, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, errEvent
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(text))
	if err != nil {
		return nil, errAddress
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r, nil
}

// ReplyEndpoints are where a reply goes: to the address of its account's service.
func (d *Door) ReplyEndpoints(ctx context.Context, in *inbox.Inbound) ([]sms.ID, error) {
	service := d.byAccount[in.Account]
	if service == nil {
		return nil, nil
	}
	return d.Report.Replies(ctx, d.Log, in.Account, service.RepliesURL, Format, service.Name)
}
