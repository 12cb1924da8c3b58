package vonage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"relais/gsm"
	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// Format is the name of Callbacks among the formats of webhooks, and of the door.
const Format = "vonage"

// How callbacks are told (documented: NXD, settings of an account).
const (
	byGet  = "GET"
	byForm = "POST"
	byJSON = "POST-JSON"
)

// Callbacks tells the addresses of messages, and those of an account, of receipts and replies, as Vonage does.
type Callbacks struct{ *Door }

var (
	errEvent   = errors.New("the event cannot be read")
	errAddress = errors.New("the address cannot be called")
	errAccount = errors.New("the account has no section any more that would sign")
)

// Request implements webhook.Format.
func (f Callbacks) Request(ctx context.Context, e webhook.Endpoint, event *webhook.Event) (*http.Request, error) {
	address, fields, err := e.URL, map[string]string(nil), error(nil)
	if event.Type == webhook.InboundReceived {
		fields, err = reply(event)
	} else if word := words[event.Type]; word != "" {
		address, fields, err = receipt(&e, event, word)
	}
	if err != nil || fields == nil {
		return nil, err
	}
	account := f.byAccount[event.Account]
	if account == nil {
		return nil, errAccount
	}
	fields["api-key"] = account.Key
	return account.request(ctx, address, fields, event.ID(), f.Now())
}

// receipt tells where a message stands (documented: NXD). The address is in its metadata, for each may have another.
func receipt(e *webhook.Endpoint, event *webhook.Event, word string) (address string, fields map[string]string, err error) {
	var m webhook.MessageData
	if err := json.Unmarshal(event.Data, &m); err != nil {
		return "", nil, errEvent
	}
	if !m.To.Known() {
		return "", nil, nil // the person was erased, and nothing is told any more
	}
	address = e.URL
	if own := m.Metadata[keptCallback]; own != "" {
		address = own
	}
	fields = map[string]string{
		"msisdn": digits(string(m.To)), "to": digits(string(m.Sender)), "messageId": m.ID.String(), "status": word,
		"err-code": decimal(errCode(event.Type, m.Reason)), "scts": m.At.UTC().Format("0601021504"), "message-timestamp": moment(m.At),
	}
	if m.Reference != "" {
		fields["client-ref"] = m.Reference
	}
	return address, fields, nil
}

// reply tells what a person wrote (documented: NXD). A long text comes whole, and has no parts to join.
func reply(event *webhook.Event) (map[string]string, error) {
	var in inbox.InboundData
	if err := json.Unmarshal(event.Data, &in); err != nil {
		return nil, errEvent
	}
	if !in.From.Known() {
		return nil, nil // as above
	}
	fields := map[string]string{
		"msisdn": digits(string(in.From)), "to": digits(string(in.To)), "messageId": in.ID.String(), "text": in.Text, "type": typeText,
		"keyword": keyword(in.Text), "message-timestamp": moment(in.At),
	}
	if gsm.Count(in.Text).Alphabet != gsm.SevenBit {
		fields["type"] = typeUnicode
	}
	return fields, nil
}

// keyword is the first word, in capitals (documented: NXD).
func keyword(text string) string {
	words := strings.Fields(text)
	if len(words) == 0 {
		return ""
	}
	return strings.ToUpper(words[0])
}

// digits is a number without its plus; a name stays as it is.
func digits(address string) string {
	if sms.Sender(address).Kind() == sms.Alphanumeric {
		return address
	}
	return strings.TrimPrefix(address, "+")
}

// moment is a time as Vonage writes it, in UTC (documented: NXD).
func moment(at time.Time) string { return at.UTC().Format(time.DateTime) }

// request calls an address in the way of the account.
func (a *Account) request(ctx context.Context, address string, fields map[string]string, nonce string, now time.Time) (*http.Request, error) {
	if a.HTTPMethod == byGet {
		return a.get(ctx, address, fields, nonce, now)
	}
	a.sign(fields, nonce, now)
	var body io.Reader = strings.NewReader(formOf(fields).Encode())
	kind := "application/x-www-form-urlencoded"
	if a.HTTPMethod == byJSON {
		text, err := json.Marshal(fields)
		if err != nil {
			return nil, errEvent
		}
		body, kind = bytes.NewReader(text), "application/json"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, body)
	if err != nil {
		return nil, errAddress
	}
	r.Header.Set("Content-Type", kind)
	return r, nil
}

// get puts the fields behind those of the address, which are signed as well: a receiver checks all of its query (inferred).
func (a *Account) get(ctx context.Context, address string, fields map[string]string, nonce string, now time.Time) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, errAddress
	}
	for name, values := range r.URL.Query() {
		if _, ours := fields[name]; !ours {
			fields[name] = values[0]
		}
	}
	a.sign(fields, nonce, now)
	r.URL.RawQuery = formOf(fields).Encode()
	return r, nil
}

func formOf(fields map[string]string) url.Values {
	form := url.Values{}
	for name, value := range fields {
		form.Set(name, value)
	}
	return form
}

// ReplyEndpoints are where a reply goes: to the address of its account.
func (d *Door) ReplyEndpoints(ctx context.Context, in *inbox.Inbound) ([]sms.ID, error) {
	account := d.byAccount[in.Account]
	if account == nil {
		return nil, nil
	}
	return d.Report.Replies(ctx, d.Log, in.Account, account.RepliesURL, Format, account.Name)
}
