package client

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Webhook is an endpoint that events go to.
type Webhook struct {
	ID           string     `json:"id"`
	URL          string     `json:"url"`
	Events       []string   `json:"events"` // empty: all
	Format       string     `json:"format"` // empty: signed JSON
	Origin       string     `json:"origin"` // api or request
	State        string     `json:"state"`  // active, quarantined or disabled
	Reason       string     `json:"reason,omitempty"`
	Failures     int        `json:"failures"` // in a row
	FailingSince *time.Time `json:"failing_since,omitempty"`
	ProbeAt      *time.Time `json:"probe_at,omitempty"`
	Pending      int        `json:"pending"`                 // deliveries that wait
	WaitingSince *time.Time `json:"waiting_since,omitempty"` // when the event happened that has waited longest
	CreatedAt    time.Time  `json:"created_at"`
}

// NewWebhook is an endpoint that was just made, with its secret.
type NewWebhook struct {
	Webhook
	Secret string `json:"secret"`
}

// WebhookList is every endpoint of the account.
type WebhookList struct {
	Items []Webhook `json:"items"`
}

// FeedEvent is something that happened.
type FeedEvent struct {
	ID        string          `json:"id"`  // the webhook-id
	Seq       int64           `json:"seq"` // orders the events of one message, and nothing else
	Type      string          `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	Event    FeedEvent  `json:"event"`
	State    string     `json:"state"` // pending, delivered or failed
	Attempts int        `json:"attempts"`
	NextAt   *time.Time `json:"next_at,omitempty"`
	LastAt   *time.Time `json:"last_at,omitempty"`
	TookMS   int64      `json:"took_ms,omitempty"`
	Status   int        `json:"status,omitempty"` // HTTP status of the last answer
	Error    string     `json:"error,omitempty"`
	Answer   string     `json:"answer,omitempty"` // the first bytes of the last one
}

// Try is one attempt to deliver.
type Try struct {
	At     time.Time `json:"at"`
	TookMS int64     `json:"took_ms"`
	Status int       `json:"status,omitempty"` // HTTP status of the answer; 0: none came
	Error  string    `json:"error,omitempty"`
	Answer string    `json:"answer,omitempty"` // its first bytes
}

// OneDelivery is a delivery with its attempts, the last one first.
type OneDelivery struct {
	Delivery
	Tries []Try `json:"tries"`
}

// WebhookTest is what came of a test event.
type WebhookTest struct {
	Taken bool `json:"taken"`
	Try
}

// WebhookChange is what becomes of an endpoint; nil stays.
type WebhookChange struct {
	URL    *string   `json:"url,omitempty"`
	Events *[]string `json:"events,omitempty"` // empty: all
}

// Replay chooses deliveries to make again: one event by its seq, or, when that is 0, those
// of a state since a time.
type Replay struct {
	Seq    int64      `json:"seq,omitempty"`
	State  string     `json:"state,omitempty"` // failed when empty
	Since  *time.Time `json:"since,omitempty"`
	DryRun bool       `json:"dry_run,omitempty"` // only count them
}

// ReplayAnswer is how many deliveries go again.
type ReplayAnswer struct {
	Replayed int  `json:"replayed"`
	More     bool `json:"more,omitempty"` // there are others, for another replay
}

// DeliveryList is a page of the log, newest first.
type DeliveryList struct {
	Items []Delivery `json:"items"`
	Next  string     `json:"next,omitempty"`
}

// EventList is a piece of the feed, oldest first.
type EventList struct {
	Items []FeedEvent `json:"items"`
	Next  string      `json:"next"` // without a meaning; give it to Events to go on
}

// webhooks are the calls about endpoints, their deliveries and the feed.
type webhooks struct{ *Connection }

// CreateWebhook registers an endpoint; no events mean all of them.
func (c webhooks) CreateWebhook(ctx context.Context, address string, events []string) (*NewWebhook, error) {
	body := map[string]any{"url": address}
	if len(events) > 0 {
		body["events"] = events
	}
	return ask[NewWebhook](ctx, c.Connection, call{
		method: http.MethodPost, path: "/v1/webhooks", body: body, idempotencyKey: rand.Text(),
	})
}

// Webhooks returns the account's endpoints.
func (c webhooks) Webhooks(ctx context.Context) (*WebhookList, error) {
	return ask[WebhookList](ctx, c.Connection, call{method: http.MethodGet, path: "/v1/webhooks"})
}

// DeleteWebhook drops an endpoint and what waits for it.
func (c webhooks) DeleteWebhook(ctx context.Context, id string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: "/v1/webhooks/" + url.PathEscape(id)})
	return err
}

// EnableWebhook makes a quarantined or disabled endpoint active.
func (c webhooks) EnableWebhook(ctx context.Context, id string) (*Webhook, error) {
	return ask[Webhook](ctx, c.Connection, call{
		method: http.MethodPost, path: "/v1/webhooks/" + url.PathEscape(id) + "/enable",
	})
}

// Deliveries returns one page of an endpoint's log; state filters when not empty.
func (c webhooks) Deliveries(
	ctx context.Context, id, state string, limit int, cursor string,
) (*DeliveryList, error) {
	return ask[DeliveryList](ctx, c.Connection, call{
		method: http.MethodGet, path: "/v1/webhooks/" + url.PathEscape(id) + "/deliveries" +
			query("state", state, "cursor", cursor, "limit", number(int64(limit))),
	})
}

// Delivery returns one delivery of an endpoint with its attempts, by the event's id.
func (c webhooks) Delivery(ctx context.Context, id, event string) (*OneDelivery, error) {
	return ask[OneDelivery](ctx, c.Connection, call{
		method: http.MethodGet,
		path:   "/v1/webhooks/" + url.PathEscape(id) + "/deliveries/" + url.PathEscape(event),
	})
}

// ReplayWebhook delivers again, and returns how many deliveries that are.
func (c webhooks) ReplayWebhook(ctx context.Context, id string, r Replay) (*ReplayAnswer, error) {
	return ask[ReplayAnswer](ctx, c.Connection, call{
		method: http.MethodPost, path: "/v1/webhooks/" + url.PathEscape(id) + "/replay", body: r,
	})
}

// ChangeWebhook gives an endpoint another address, or other events.
func (c webhooks) ChangeWebhook(ctx context.Context, id string, change WebhookChange) (*Webhook, error) {
	return ask[Webhook](ctx, c.Connection, call{
		method: http.MethodPatch, path: "/v1/webhooks/" + url.PathEscape(id), body: change,
	})
}

// DisableWebhook sends an endpoint nothing until it is enabled again.
func (c webhooks) DisableWebhook(ctx context.Context, id string) (*Webhook, error) {
	return ask[Webhook](ctx, c.Connection, call{
		method: http.MethodPost, path: "/v1/webhooks/" + url.PathEscape(id) + "/disable",
	})
}

// TestWebhook sends an endpoint a test event, and returns what it answered.
func (c webhooks) TestWebhook(ctx context.Context, id string) (*WebhookTest, error) {
	return ask[WebhookTest](ctx, c.Connection, call{
		method: http.MethodPost, path: "/v1/webhooks/" + url.PathEscape(id) + "/test",
	})
}

// WebhookSecret returns the secret that signs for addresses which WebhookURL and
// rules name.
func (c webhooks) WebhookSecret(ctx context.Context) (string, error) {
	a, err := ask[RotatedSecret](ctx, c.Connection, call{method: http.MethodGet, path: "/v1/webhook-secret"})
	if err != nil {
		return "", err
	}
	return a.Secret, nil
}

// Events returns what happened after a place in the feed, oldest first: Next of
// the piece before, or "" for the oldest that is kept.
func (c webhooks) Events(ctx context.Context, after string, types []string, limit int) (*EventList, error) {
	return ask[EventList](ctx, c.Connection, call{method: http.MethodGet, path: "/v1/events" +
		query("after", after, "types", strings.Join(types, ","), "limit", number(int64(limit)))})
}
