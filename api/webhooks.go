package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/sms"
	"relais/webhook"
)

// Webhook is an endpoint that events go to.
type Webhook struct {
	ID        sms.ID         `json:"id" format:"uuid" doc:"UUIDv7"`
	URL       string         `json:"url"`
	Events    []webhook.Type `json:"events" doc:"that it gets; empty: all"`
	Format    string         `json:"format,omitempty" doc:"shape of another gateway in which the events leave, such as kannel; without it signed JSON"`
	Origin    webhook.Origin `json:"origin" enum:"api,request" doc:"request: it was named by a webhook_url or a rule, and gets what names it"`
	State     webhook.State  `json:"state" enum:"active,quarantined,disabled"`
	Reason    string         `json:"reason,omitempty" doc:"why it is not active"`
	Failures  int            `json:"failures" doc:"in a row"`
	ProbeAt   *time.Time     `json:"probe_at,omitempty" doc:"quarantined: when it is tried next"`
	Pending   int            `json:"pending" doc:"deliveries that wait"`
	CreatedAt time.Time      `json:"created_at"`
}

// NewWebhook is an endpoint that was just made, with its secret.
type NewWebhook struct {
	Webhook
	Secret string `json:"secret" doc:"signs every request (Standard Webhooks); shown this once" example:"whsec_…"`
}

// WebhookRequest is the body of POST /v1/webhooks.
type WebhookRequest struct {
	URL    string         `json:"url" doc:"http or https"`
	Events []webhook.Type `json:"events,omitempty" required:"false" doc:"types of event; absent: all"`
}

// WebhookList is every endpoint of the account.
type WebhookList struct {
	Items []Webhook `json:"items"`
}

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	Event    FeedEvent             `json:"event"`
	State    webhook.DeliveryState `json:"state" enum:"pending,delivered,failed"`
	Attempts int                   `json:"attempts"`
	NextAt   *time.Time            `json:"next_at,omitempty" doc:"while pending: the next attempt"`
	LastAt   *time.Time            `json:"last_at,omitempty" doc:"of the last attempt"`
	Status   int                   `json:"status,omitempty" doc:"HTTP status of the last answer; absent: none came"`
	Error    string                `json:"error,omitempty" doc:"why the last attempt failed"`
}

// FeedEvent is an event of the feed, as webhooks carry it.
type FeedEvent struct {
	ID        string       `json:"id" doc:"the webhook-id; the same at every attempt" example:"evt_42"`
	Seq       int64        `json:"seq" doc:"its place in the feed"`
	Type      webhook.Type `json:"type"`
	Timestamp time.Time    `json:"timestamp"`
	Data      any          `json:"data"`
}

// DeliveryList is a page of the log, newest first.
type DeliveryList struct {
	Items []Delivery `json:"items"`
	Next  string     `json:"next,omitempty" doc:"cursor of the next page; absent on the last"`
}

// ReplayRequest chooses what is delivered again.
type ReplayRequest struct {
	Seq   int64                 `json:"seq,omitempty" required:"false" doc:"one event, by its seq"`
	State webhook.DeliveryState `json:"state,omitempty" required:"false" enum:"failed,delivered,pending" doc:"those of a state; absent: failed"`
	Since string                `json:"since,omitempty" required:"false" format:"date-time" doc:"of events at this time or later; absent: all that are kept"`
}

// ReplayAnswer is how many deliveries go again.
type ReplayAnswer struct {
	Replayed int `json:"replayed"`
}

// SecretAnswer is the account's secret for addresses that requests name.
type SecretAnswer struct {
	Secret      string     `json:"secret" example:"whsec_…"`
	FormerUntil *time.Time `json:"former_until,omitempty" doc:"after a replacement: until then the secret before signs too; absent: it signs no more"`
}

// EventList is a piece of the feed, oldest first.
type EventList struct {
	Items []FeedEvent `json:"items"`
	Next  string      `json:"next" doc:"give it as after to go on; always there"`
}

func (h *Handler) registerWebhooks() {
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	huma.Register(h.api, huma.Operation{
		OperationID: "create-webhook", Method: http.MethodPost, Path: "/v1/webhooks", Tags: []string{"webhooks"},
		Summary:       "Register an endpoint that events are sent to",
		Description:   "Each request is signed as Standard Webhooks wants. The answer holds the secret, this once. With an Idempotency-Key the same request may be sent again and gives the same answer.",
		DefaultStatus: http.StatusCreated, MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, RequestBody: body,
		Responses: h.answers(http.StatusCreated, NewWebhook{}, 400, 408, 409, 413, 415),
	}, h.createWebhook)
	h.describe(body, WebhookRequest{}, map[string]any{"url": "https://forms.town.example/sms", "events": []string{"message.delivered", "message.undelivered"}})
	huma.Register(h.api, huma.Operation{
		OperationID: "webhooks", Method: http.MethodGet, Path: "/v1/webhooks", Tags: []string{"webhooks"},
		Summary: "The account's endpoints", Responses: h.answers(http.StatusOK, WebhookList{}),
	}, h.webhooks)
	huma.Register(h.api, huma.Operation{
		OperationID: "webhook", Method: http.MethodGet, Path: "/v1/webhooks/{id}", Tags: []string{"webhooks"},
		Summary: "One endpoint", Responses: h.answers(http.StatusOK, Webhook{}, 404),
	}, h.webhook)
	huma.Register(h.api, huma.Operation{
		OperationID: "delete-webhook", Method: http.MethodDelete, Path: "/v1/webhooks/{id}", Tags: []string{"webhooks"},
		Summary: "Delete an endpoint and what waits for it", DefaultStatus: http.StatusNoContent,
		Responses: h.noContent(404),
	}, h.deleteWebhook)
	huma.Register(h.api, huma.Operation{
		OperationID: "enable-webhook", Method: http.MethodPost, Path: "/v1/webhooks/{id}/enable", Tags: []string{"webhooks"},
		Summary: "Make a quarantined or disabled endpoint active again", Responses: h.answers(http.StatusOK, Webhook{}, 404),
	}, h.enableWebhook)
	huma.Register(h.api, huma.Operation{
		OperationID: "deliveries", Method: http.MethodGet, Path: "/v1/webhooks/{id}/deliveries", Tags: []string{"webhooks"},
		Summary: "The log of an endpoint, newest first", Responses: h.answers(http.StatusOK, DeliveryList{}, 404),
	}, h.deliveries)
	replay := &huma.RequestBody{Content: map[string]*huma.MediaType{}}
	huma.Register(h.api, huma.Operation{
		OperationID: "replay", Method: http.MethodPost, Path: "/v1/webhooks/{id}/replay", Tags: []string{"webhooks"},
		Summary:      "Deliver events again",
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, RequestBody: replay,
		Responses: h.answers(http.StatusOK, ReplayAnswer{}, 400, 404, 408, 413, 415),
	}, h.replay)
	replay.Required = false // the library says otherwise of a body that we decode
	h.describe(replay, ReplayRequest{}, map[string]any{"state": "failed", "since": "2026-03-01T00:00:00Z"})
	huma.Register(h.api, huma.Operation{
		OperationID: "signing-secret", Method: http.MethodGet, Path: "/v1/webhook-secret", Tags: []string{"webhooks"},
		Summary: "The secret that signs for addresses which webhook_url and rules name", Responses: h.answers(http.StatusOK, SecretAnswer{}),
	}, h.signingSecret)
	h.registerRotate()
	huma.Register(h.api, huma.Operation{
		OperationID: "events", Method: http.MethodGet, Path: "/v1/events", Tags: []string{"webhooks"},
		Summary:     "What happened, oldest first, for callers that no webhook reaches",
		Description: "Keep next, and give it as after the next time. Events are kept for 30 days.",
		Responses:   h.answers(http.StatusOK, EventList{}),
	}, h.events)
}

func webhookOf(e *webhook.Endpoint) Webhook {
	shown := Webhook{
		ID: e.ID, URL: e.URL, Events: e.Events, Format: e.Format, Origin: e.Origin, State: e.State, Reason: e.Reason, Failures: e.Failures,
		Pending: e.Pending, CreatedAt: e.CreatedAt.UTC(),
	}
	if shown.Events == nil {
		shown.Events = []webhook.Type{}
	}
	shown.ProbeAt = moment(e.ProbeAt)
	return shown
}

// moment is a time in JSON: absent when there is none.
func moment(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}

func eventOf(e *webhook.Event) FeedEvent {
	return FeedEvent{ID: webhook.IDOf(e.Seq), Seq: e.Seq, Type: e.Type, Timestamp: e.At.UTC(), Data: e.Data}
}

// noWebhook turns an error of the webhook package into a problem document.
func (h *Handler) noWebhook(err error, body []byte) *Problem {
	if e, ok := errors.AsType[*webhook.Error](err); ok {
		return refuse(body, e.Code, e.Field, e.Detail)
	}
	if errors.Is(err, webhook.ErrUnknown) {
		return problem(http.StatusNotFound, "webhook_unknown", "The account has no webhook with that id.")
	}
	return h.unread(err)
}

type webhookInput struct {
	Key     string `header:"Idempotency-Key" doc:"1 to 255 visible ASCII characters; kept as long as the endpoint"`
	RawBody []byte `contentType:"application/json"`
}

type newWebhookOutput struct {
	Replayed string `header:"Idempotency-Replayed"`
	Body     *NewWebhook
}

var webhookKeys = keysOf(reflect.TypeFor[WebhookRequest]())

func (h *Handler) createWebhook(ctx context.Context, in *webhookInput) (*newWebhookOutput, error) {
	var r WebhookRequest
	if err := decode(in.RawBody, &r, webhookKeys); err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	if in.Key != "" {
		if _, err := idempotencyKey(in.Key, in.RawBody); err != nil {
			return nil, err
		}
	}
	made, err := h.Webhooks.Create(ctx, callerOf(ctx).Account, r.URL, r.Events, in.Key)
	if errors.Is(err, webhook.ErrKeyReused) {
		return nil, problem(http.StatusConflict, "idempotency_key_reused",
			"This Idempotency-Key came before with another request. Use a new key for a new request.").at(Fault{Field: "Idempotency-Key"})
	}
	if err != nil {
		return nil, h.noWebhook(err, in.RawBody)
	}
	out := &newWebhookOutput{Body: &NewWebhook{webhookOf(&made.Endpoint), made.Secret}}
	if made.Replayed {
		out.Replayed = "true"
	}
	return out, nil
}

type webhooksOutput struct{ Body *WebhookList }

func (h *Handler) webhooks(ctx context.Context, _ *struct{}) (*webhooksOutput, error) {
	found, err := h.Webhooks.Store.Endpoints(ctx, callerOf(ctx).Account)
	if err != nil {
		return nil, h.unread(err)
	}
	list := &WebhookList{Items: make([]Webhook, len(found))}
	for i := range found {
		list.Items[i] = webhookOf(&found[i])
	}
	return &webhooksOutput{list}, nil
}

type webhookIDInput struct {
	ID string `path:"id" doc:"the webhook's id"`
}

type webhookOutput struct{ Body *Webhook }

// webhookID reads an id; what is none names no webhook.
func webhookID(text string) (sms.ID, error) {
	id, err := sms.ParseID(text)
	if err != nil {
		return sms.ID{}, webhook.ErrUnknown
	}
	return id, nil
}

func (h *Handler) webhook(ctx context.Context, in *webhookIDInput) (*webhookOutput, error) {
	id, err := webhookID(in.ID)
	if err != nil {
		return nil, h.noWebhook(err, nil)
	}
	found, err := h.Webhooks.Store.Endpoints(ctx, callerOf(ctx).Account)
	if err != nil {
		return nil, h.unread(err)
	}
	for i := range found {
		if found[i].ID == id {
			shown := webhookOf(&found[i])
			return &webhookOutput{&shown}, nil
		}
	}
	return nil, h.noWebhook(webhook.ErrUnknown, nil)
}

func (h *Handler) deleteWebhook(ctx context.Context, in *webhookIDInput) (*struct{}, error) {
	id, err := webhookID(in.ID)
	if err == nil {
		err = h.Webhooks.Remove(ctx, callerOf(ctx).Account, id)
	}
	if err != nil {
		return nil, h.noWebhook(err, nil)
	}
	return nil, nil
}

func (h *Handler) enableWebhook(ctx context.Context, in *webhookIDInput) (*webhookOutput, error) {
	id, err := webhookID(in.ID)
	if err == nil {
		_, err = h.Webhooks.Enable(ctx, callerOf(ctx).Account, id)
	}
	if err != nil {
		return nil, h.noWebhook(err, nil)
	}
	return h.webhook(ctx, in)
}

type deliveriesInput struct {
	ID     string                `path:"id" doc:"the webhook's id"`
	State  webhook.DeliveryState `query:"state" enum:"pending,delivered,failed"`
	Limit  int                   `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Cursor string                `query:"cursor" doc:"the next of the page before"`
}

type deliveriesOutput struct{ Body *DeliveryList }

func (h *Handler) deliveries(ctx context.Context, in *deliveriesInput) (*deliveriesOutput, error) {
	account := callerOf(ctx).Account
	id, err := webhookID(in.ID)
	if err == nil {
		_, err = h.Webhooks.Store.Endpoint(ctx, account, id)
	}
	if err != nil {
		return nil, h.noWebhook(err, nil)
	}
	before, p := place(in.Cursor, "cursor")
	if p != nil {
		return nil, p
	}
	found, err := h.Webhooks.Store.Deliveries(ctx, account, id, in.State, before, in.Limit+1)
	if err != nil {
		return nil, h.unread(err)
	}
	list := &DeliveryList{Items: []Delivery{}}
	if len(found) > in.Limit {
		found = found[:in.Limit]
		list.Next = strconv.FormatInt(found[len(found)-1].Event.Seq, 10)
	}
	for i := range found {
		list.Items = append(list.Items, deliveryOf(&found[i]))
	}
	return &deliveriesOutput{list}, nil
}

func deliveryOf(d *webhook.Delivery) Delivery {
	shown := Delivery{
		Event: eventOf(&d.Event), State: d.State, Attempts: d.Attempts, LastAt: moment(d.LastAt), Status: d.Status, Error: d.Error,
	}
	if d.State == webhook.Pending {
		shown.NextAt = moment(d.NextAt)
	}
	return shown
}

// place reads a seq of the feed; an empty one is 0.
func place(text, name string) (int64, *Problem) {
	if text == "" {
		return 0, nil
	}
	seq, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seq < 0 {
		return 0, badParameter(name, "The cursor is not one of ours; use the value of next as it is.")
	}
	return seq, nil
}

type replayInput struct {
	ID      string `path:"id" doc:"the webhook's id"`
	RawBody []byte `contentType:"application/json" required:"false"`
}

type replayOutput struct{ Body *ReplayAnswer }

var replayKeys = keysOf(reflect.TypeFor[ReplayRequest]())

func (h *Handler) replay(ctx context.Context, in *replayInput) (*replayOutput, error) {
	var r ReplayRequest
	if len(bytes.TrimSpace(in.RawBody)) > 0 {
		if err := decode(in.RawBody, &r, replayKeys); err != nil {
			return nil, h.fail(err, in.RawBody)
		}
	}
	id, err := webhookID(in.ID)
	if err != nil {
		return nil, h.noWebhook(err, nil)
	}
	wanted := webhook.Replay{Account: callerOf(ctx).Account, Endpoint: id, Seq: r.Seq, State: r.State}
	switch r.State {
	case "", webhook.Failed, webhook.Delivered, webhook.Pending:
	default:
		return nil, refuse(in.RawBody, "delivery_state_unknown", "/state", "The state must be one of failed, delivered, pending.")
	}
	if r.Since != "" {
		if wanted.Since, err = time.Parse(time.RFC3339, r.Since); err != nil {
			return nil, refuse(in.RawBody, "since_invalid", "/since", `The date must be RFC 3339 with a zone, like "2026-03-01T09:30:00Z".`)
		}
	}
	n, err := h.Webhooks.Replay(ctx, wanted)
	if err != nil {
		return nil, h.noWebhook(err, in.RawBody)
	}
	return &replayOutput{&ReplayAnswer{n}}, nil
}

type secretOutput struct{ Body *SecretAnswer }

func (h *Handler) signingSecret(ctx context.Context, _ *struct{}) (*secretOutput, error) {
	secret, err := h.Webhooks.SigningSecret(ctx, callerOf(ctx).Account)
	if err != nil {
		return nil, h.noWebhook(err, nil)
	}
	return &secretOutput{&SecretAnswer{Secret: secret}}, nil
}

type eventsInput struct {
	After string         `query:"after" doc:"next of the piece before; absent: from the oldest that is kept"`
	Types []webhook.Type `query:"types" doc:"types of event, with commas; absent: all"`
	Limit int            `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type eventsOutput struct{ Body *EventList }

func (h *Handler) events(ctx context.Context, in *eventsInput) (*eventsOutput, error) {
	after, p := place(in.After, "after")
	if p != nil {
		return nil, p
	}
	if err := webhook.CheckTypes(in.Types); err != nil {
		return nil, badParameter("types", err.Detail)
	}
	found, err := h.Webhooks.Store.Feed(ctx, callerOf(ctx).Account, after, in.Types, in.Limit)
	if err != nil {
		return nil, h.unread(err)
	}
	list := &EventList{Items: make([]FeedEvent, len(found)), Next: strconv.FormatInt(after, 10)}
	for i := range found {
		list.Items[i] = eventOf(&found[i])
		list.Next = strconv.FormatInt(found[i].Seq, 10)
	}
	return &eventsOutput{list}, nil
}
