package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"relais/door"
	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// Format is the name of Callbacks among the formats of webhooks, and of the door.
const Format = "twilio"

// checkCallback refuses an address that is not called, or not as it is signed.
func (c *call) checkCallback(address string) error {
	if !exactAddress(address) {
		return bad(codeCallback, "want http:// or https://, a host, no user name, and escapes where a sign needs one")
	}
	return wrongCallback(c.CheckURL(called(address)))
}

func wrongCallback(err error) error {
	return door.Uncalled(err, func(why string) error { return bad(codeCallback, why) })
}

// statuses are what an address is told at each event. message.uncertain is none: a receipt may follow, or a person
// decides.
var statuses = map[webhook.Type]sms.Status{
	webhook.MessageSubmitted: sms.Submitted, webhook.MessageDelivered: sms.Delivered,
	webhook.MessageUndelivered: sms.Undelivered, webhook.MessageExpired: sms.Expired, webhook.MessageRejected: sms.Rejected,
}

// Callbacks calls the addresses of messages, and that of an account's replies, as Twilio does.
type Callbacks struct{ *Door }

var (
	errEvent   = errors.New("the event cannot be read")
	errAddress = errors.New("the address cannot be called")
	errAccount = errors.New("the account has no section any more that would sign")
)

// Request implements webhook.Format.
func (f Callbacks) Request(ctx context.Context, e webhook.Endpoint, event *webhook.Event) (*http.Request, error) {
	if event.Type == webhook.InboundReceived {
		return f.reply(ctx, &e, event)
	}
	status, told := statuses[event.Type]
	if !told {
		return nil, nil
	}
	return f.status(ctx, status, event)
}

// status tells where a message stands. The address is in the message's metadata, for each may have another.
func (f Callbacks) status(ctx context.Context, status sms.Status, event *webhook.Event) (*http.Request, error) {
	var m webhook.MessageData
	if err := json.Unmarshal(event.Data, &m); err != nil {
		return nil, errEvent
	}
	address := m.Metadata[keptCallback]
	if address == "" || !m.To.Known() {
		return nil, nil // the person was erased, and nothing is told any more
	}
	account := f.byAccount[event.Account]
	if account == nil {
		return nil, errAccount
	}
	sid, word := sidOf(m.ID), statusAfter(status)
	fields := url.Values{
		"AccountSid": {account.Sid}, "ApiVersion": {apiVersion}, "MessageSid": {sid}, "SmsSid": {sid},
		"MessageStatus": {word}, "SmsStatus": {word}, "From": {string(m.Sender)}, "To": {string(m.To)},
	}
	if service := m.Metadata[keptService]; service != "" {
		fields.Set("MessagingServiceSid", service)
	}
	if code, _ := failureOf(status, m.Reason); code != 0 {
		fields.Set("ErrorCode", decimal(code))
	}
	return f.post(ctx, account, address, fields, event)
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
	account := f.byAccount[event.Account]
	if account == nil {
		return nil, errAccount
	}
	sid := sidOf(in.ID)
	fields := url.Values{
		"AccountSid": {account.Sid}, "ApiVersion": {apiVersion}, "MessageSid": {sid}, "SmsSid": {sid}, "SmsMessageSid": {sid},
		"From": {string(in.From)}, "To": {string(in.To)}, "Body": {in.Text}, "NumMedia": {"0"}, "NumSegments": {segmentsOf(in.Text)},
		"SmsStatus": {"received"},
	}
	if service := f.serviceOf(ctx, &in, event.Account); service != "" {
		fields.Set("MessagingServiceSid", service)
	}
	return f.post(ctx, account, e.URL, fields, event)
}

// serviceOf is the service of the message that a reply answers; empty: of none.
func (f Callbacks) serviceOf(ctx context.Context, in *inbox.InboundData, account string) string {
	if in.Message == nil {
		return ""
	}
	m, err := f.Reader.Message(ctx, account, *in.Message)
	if err != nil {
		return "" // the reply matters more
	}
	return m.Metadata[keptService]
}

// post is the request of a callback.
func (f Callbacks) post(
	ctx context.Context, account *Account, address string, fields url.Values, event *webhook.Event,
) (*http.Request, error) {
	target := called(address)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(fields.Encode()))
	if err != nil {
		return nil, errAddress
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	r.Header.Set("X-Twilio-Signature", signature(account.Token, target, fields))
	r.Header.Set("I-Twilio-Idempotency-Token", event.ID())
	return r, nil
}

// ReplyEndpoints are where a reply goes: to the address of its account.
func (d *Door) ReplyEndpoints(ctx context.Context, in *inbox.Inbound) ([]sms.ID, error) {
	account := d.byAccount[in.Account]
	if account == nil || account.RepliesURL == "" {
		return nil, nil
	}
	return d.Report.Replies(ctx, d.Log, in.Account, called(account.RepliesURL), Format, account.Name)
}
