package smsgate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"relais/inbox"
	"relais/webhook"
)

// Format is the name of Callbacks among the formats of webhooks, and of the door.
const Format = "smsgate"

// Callbacks tells webhooks what happened, as SMSGate does.
type Callbacks struct{ *Door }

var (
	errEvent   = errors.New("the event cannot be read")
	errAddress = errors.New("the address cannot be called")
)

// Request implements webhook.Format.
func (f Callbacks) Request(ctx context.Context, e webhook.Endpoint, event *webhook.Event) (*http.Request, error) {
	name := eventOf([]webhook.Type{event.Type})
	if event.Type == webhook.MessageExpired || event.Type == webhook.MessageRejected {
		name = "sms:failed"
	}
	if name == "" {
		return nil, nil
	}
	payload, err := payloadOf(name, event)
	if err != nil || payload == nil {
		return nil, err
	}
	known, err := f.Reader.Endpoint(ctx, event.Account, e.ID) // with its key, which has the client's id
	if err != nil {
		known = e
	}
	device := &call{Door: f.Door, user: User{Account: event.Account}}
	body, err := json.Marshal(map[string]any{
		"id": event.ID(), "webhookId": idOf(&known), "deviceId": device.device(), "event": name, "payload": payload,
	})
	if err != nil {
		return nil, errEvent
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(body))
	if err != nil {
		return nil, errAddress
	}
	r.Header.Set("Content-Type", "application/json")
	if key := f.signingKey(event.Account); key != "" {
		timestamp := strconv.FormatInt(f.Now().Unix(), 10)
		r.Header.Set("X-Timestamp", timestamp)
		r.Header.Set("X-Signature", signatureOf(key, body, timestamp))
	}
	return r, nil
}

// signingKey is that of the account: of the first of its users that has one.
func (d *Door) signingKey(account string) string {
	var names []string
	for name, user := range d.Users {
		if user.Account == account && user.SigningKey != "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return d.Users[slices.Min(names)].SigningKey
}

// payloadOf is what is told (documented: SGC, dto_webhooks.go); nil: nothing. Messages that came by another door are none of the
// client's, and of a person who was erased nothing is told any more.
func payloadOf(name string, event *webhook.Event) (map[string]any, error) {
	if event.Type == webhook.InboundReceived {
		var in inbox.InboundData
		if err := json.Unmarshal(event.Data, &in); err != nil {
			return nil, errEvent
		}
		if !in.From.Known() {
			return nil, nil
		}
		return map[string]any{
			"messageId": in.ID.String(), "phoneNumber": string(in.From), "sender": string(in.From), "recipient": string(in.To), "simNumber": nil,
			"message": in.Text, "receivedAt": moment(in.At),
		}, nil
	}
	var m webhook.MessageData
	if err := json.Unmarshal(event.Data, &m); err != nil {
		return nil, errEvent
	}
	if m.Metadata[keptID] == "" || !m.To.Known() {
		return nil, nil
	}
	told := map[string]any{
		"messageId": m.Metadata[keptID], "phoneNumber": string(m.To), "sender": string(m.Sender), "recipient": string(m.To), "simNumber": nil,
	}
	at := m.At
	if at.IsZero() {
		at = event.At
	}
	switch name {
	case "sms:sent":
		told["sentAt"] = moment(at)
	case "sms:delivered":
		told["deliveredAt"] = moment(at)
	default:
		why := whyFailed(m.Status, m.Reason)
		told["failedAt"], told["reason"], told["error"] = moment(at), why, why // the client for JavaScript reads error (documented: SGN)
	}
	return told, nil
}
