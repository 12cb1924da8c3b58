package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/gateway"
	"relais/sms"
	"relais/webhook"
)

// Webhook is an endpoint that events go to.
type Webhook struct {
	ID           sms.ID         `json:"id" format:"uuid" doc:"UUIDv7"`
	URL          string         `json:"url" doc:"where the events go"`
	Events       []webhook.Type `json:"events" doc:"that it gets; empty: all"`
	Format       string         `json:"format,omitempty" doc:"shape of another gateway in which the events leave, such as kannel; without it signed JSON"`
	Origin       webhook.Origin `json:"origin" enum:"api,request" doc:"request: it was named by a webhook_url or a rule, and gets what names it"`
	State        webhook.State  `json:"state" enum:"active,quarantined,disabled" doc:"quarantined: it failed too often and is tried seldom; disabled: nothing is sent"`
	Reason       string         `json:"reason,omitempty" doc:"why it is not active"`
	Failures     int            `json:"failures" doc:"in a row"`
	FailingSince *time.Time     `json:"failing_since,omitempty" doc:"absent: the last delivery was taken"`
	ProbeAt      *time.Time     `json:"probe_at,omitempty" doc:"quarantined: when it is tried next"`
	Pending      int            `json:"pending" doc:"deliveries that wait"`
	WaitingSince *time.Time     `json:"waiting_since,omitempty" doc:"when the event happened whose delivery has waited longest"`
	CreatedAt    time.Time      `json:"created_at" doc:"when it was registered"`
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

// WebhookChange is the body of PATCH /v1/webhooks/{id}.
type WebhookChange struct {
	URL    *string         `json:"url,omitempty" required:"false" doc:"http or https; absent: stays"`
	Events *[]webhook.Type `json:"events,omitempty" required:"false" doc:"types of event; empty: all; absent: they stay"`
}

// TestAnswer is what came of a test event.
type TestAnswer struct {
	Taken bool `json:"taken" doc:"the endpoint answered with a 2xx"`
	Try
}

// WebhookList is every endpoint of the account.
type WebhookList struct {
	Items []Webhook `json:"items" doc:"of the account, the oldest first"`
}

// endpointManager registers endpoints.
type endpointManager interface {
	Create(
		ctx context.Context, account, url string, events []webhook.Type, key string,
	) (webhook.Created, error)
	Remove(ctx context.Context, account string, id sms.ID) error
	Enable(ctx context.Context, account string, id sms.ID) (webhook.Endpoint, error)
	Disable(ctx context.Context, account string, id sms.ID) (webhook.Endpoint, error)
	Change(ctx context.Context, account string, id sms.ID, c webhook.Change) (webhook.Endpoint, error)
}

// endpointTester sends test events.
type endpointTester interface {
	Test(ctx context.Context, account string, id sms.ID) (webhook.Try, error)
}

// endpointReader lists the endpoints of an account.
type endpointReader interface {
	Endpoints(ctx context.Context, account string) ([]webhook.Endpoint, error)
}

// webhooks are the endpoints that events are sent to.
type webhooks struct {
	failures
	manager endpointManager
	tester  endpointTester
	store   endpointReader
}

func (h *webhooks) register(r *router) {
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	huma.Register(r.api, huma.Operation{
		OperationID: "create-webhook", Method: http.MethodPost, Path: "/v1/webhooks",
		Tags:    []string{"webhooks"},
		Summary: "Register an endpoint that events are sent to",
		Description: "Each request is signed as Standard Webhooks wants. The answer holds the secret, this " +
			"once. With an Idempotency-Key the same request may be sent again and gives the same answer.",
		DefaultStatus: http.StatusCreated, MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout,
		SkipValidateBody: true, RequestBody: body,
		Responses: r.answers(http.StatusCreated, NewWebhook{}, 400, 408, 409, 413, 415),
	}, h.create)
	r.describe(body, WebhookRequest{}, map[string]any{
		"url":    "https://forms.town.example/sms",
		"events": []string{"message.delivered", "message.undelivered"},
	})
	huma.Register(r.api, huma.Operation{
		OperationID: "webhooks", Method: http.MethodGet, Path: "/v1/webhooks", Tags: []string{"webhooks"},
		Summary: "The account's endpoints", Responses: r.answers(http.StatusOK, WebhookList{}),
	}, h.list)
	huma.Register(r.api, huma.Operation{
		OperationID: "webhook", Method: http.MethodGet, Path: "/v1/webhooks/{id}", Tags: []string{"webhooks"},
		Summary: "One endpoint", Responses: r.answers(http.StatusOK, Webhook{}, 404),
	}, h.show)
	huma.Register(r.api, huma.Operation{
		OperationID: "delete-webhook", Method: http.MethodDelete, Path: "/v1/webhooks/{id}",
		Tags:    []string{"webhooks"},
		Summary: "Delete an endpoint and what waits for it", DefaultStatus: http.StatusNoContent,
		Responses: r.noContent(404),
	}, h.remove)
	huma.Register(r.api, huma.Operation{
		OperationID: "enable-webhook", Method: http.MethodPost, Path: "/v1/webhooks/{id}/enable",
		Tags:      []string{"webhooks"},
		Summary:   "Make a quarantined or disabled endpoint active again",
		Responses: r.answers(http.StatusOK, Webhook{}, 404),
	}, h.enable)
	huma.Register(r.api, huma.Operation{
		OperationID: "disable-webhook", Method: http.MethodPost, Path: "/v1/webhooks/{id}/disable",
		Tags:        []string{"webhooks"},
		Summary:     "Send an endpoint nothing until it is enabled again",
		Description: "What waits for it stays. What happens meanwhile is not kept for it; the feed has it.",
		Responses:   r.answers(http.StatusOK, Webhook{}, 404),
	}, h.disable)
	huma.Register(r.api, huma.Operation{
		OperationID: "test-webhook", Method: http.MethodPost, Path: "/v1/webhooks/{id}/test",
		Tags:    []string{"webhooks"},
		Summary: "Send an endpoint a test event, and tell what it answers",
		Description: "A signed request of type webhook.test, which stands in no log and no feed, and changes " +
			"nothing of the endpoint.",
		Responses: r.answers(http.StatusOK, TestAnswer{}, 404, 409),
	}, h.test)
	h.registerChange(r)
}

func (h *webhooks) registerChange(r *router) {
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	huma.Register(r.api, huma.Operation{
		OperationID: "change-webhook", Method: http.MethodPatch, Path: "/v1/webhooks/{id}",
		Tags:         []string{"webhooks"},
		Summary:      "Give an endpoint another address, or other events",
		Description:  "Its id and its secret stay. What waits for it goes to the new address.",
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, RequestBody: body,
		Responses: r.answers(http.StatusOK, Webhook{}, 400, 404, 408, 409, 413, 415),
	}, h.change)
	r.describe(body, WebhookChange{}, map[string]any{"events": []string{"message.delivered"}})
}

type webhookInput struct {
	Key     string `header:"Idempotency-Key" doc:"1 to 255 visible ASCII characters; kept as long as the endpoint"`
	RawBody []byte `contentType:"application/json"`
}

type newWebhookOutput struct {
	Replayed string `header:"Idempotency-Replayed"`
	Body     *NewWebhook
}

var webhookKeys = jsonbody.KeysOf(reflect.TypeFor[WebhookRequest]())

func (h *webhooks) create(ctx context.Context, in *webhookInput) (*newWebhookOutput, error) {
	var r WebhookRequest
	if err := decode(in.RawBody, &r, webhookKeys); err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	if in.Key != "" {
		if _, err := idempotencyKey(in.Key, in.RawBody); err != nil {
			return nil, err
		}
	}
	made, err := h.manager.Create(ctx, callerOf(ctx).Account, r.URL, r.Events, in.Key)
	if errors.Is(err, webhook.ErrKeyReused) {
		return nil, keyReused()
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

func (h *webhooks) list(ctx context.Context, _ *struct{}) (*webhooksOutput, error) {
	found, err := h.store.Endpoints(ctx, callerOf(ctx).Account)
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

func (h *webhooks) show(ctx context.Context, in *webhookIDInput) (*webhookOutput, error) {
	id, err := idOf(in.ID, webhook.ErrUnknown)
	if err != nil {
		return nil, h.noWebhook(err, nil)
	}
	found, err := h.store.Endpoints(ctx, callerOf(ctx).Account)
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

func (h *webhooks) remove(ctx context.Context, in *webhookIDInput) (*struct{}, error) {
	id, err := idOf(in.ID, webhook.ErrUnknown)
	if err == nil {
		err = h.manager.Remove(ctx, callerOf(ctx).Account, id)
	}
	if err != nil {
		return nil, h.noWebhook(err, nil)
	}
	return nil, nil
}

func (h *webhooks) enable(ctx context.Context, in *webhookIDInput) (*webhookOutput, error) {
	id, err := idOf(in.ID, webhook.ErrUnknown)
	if err == nil {
		_, err = h.manager.Enable(ctx, callerOf(ctx).Account, id)
	}
	if err != nil {
		return nil, h.noWebhook(err, nil)
	}
	return h.show(ctx, in)
}

func (h *webhooks) disable(ctx context.Context, in *webhookIDInput) (*webhookOutput, error) {
	id, err := idOf(in.ID, webhook.ErrUnknown)
	if err == nil {
		_, err = h.manager.Disable(ctx, callerOf(ctx).Account, id)
	}
	if err != nil {
		return nil, h.noWebhook(err, nil)
	}
	return h.show(ctx, in)
}

type testOutput struct{ Body *TestAnswer }

func (h *webhooks) test(ctx context.Context, in *webhookIDInput) (*testOutput, error) {
	id, err := idOf(in.ID, webhook.ErrUnknown)
	if err != nil {
		return nil, h.noWebhook(err, nil)
	}
	try, err := h.tester.Test(ctx, callerOf(ctx).Account, id)
	if err != nil {
		return nil, h.noWebhook(err, nil)
	}
	return &testOutput{&TestAnswer{try.Error == "", tryOf(try)}}, nil
}

type changeInput struct {
	ID      string `path:"id" doc:"the webhook's id"`
	RawBody []byte `contentType:"application/json"`
}

var changeKeys = jsonbody.KeysOf(reflect.TypeFor[WebhookChange]())

func (h *webhooks) change(ctx context.Context, in *changeInput) (*webhookOutput, error) {
	var c WebhookChange
	if err := decode(in.RawBody, &c, changeKeys); err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	id, err := idOf(in.ID, webhook.ErrUnknown)
	if err == nil {
		_, err = h.manager.Change(ctx, callerOf(ctx).Account, id, webhook.Change{URL: c.URL, Events: c.Events})
	}
	if err != nil {
		return nil, h.noWebhook(err, in.RawBody)
	}
	return h.show(ctx, &webhookIDInput{in.ID})
}

func keyReused() *refusal {
	return refusalOf(http.StatusConflict, gateway.CodeKeyReused).at(FieldError{Field: "Idempotency-Key"})
}

func webhookOf(e *webhook.Endpoint) Webhook {
	shown := Webhook{
		ID: e.ID, URL: e.URL, Events: e.Events, Format: e.Format, Origin: e.Origin, State: e.State,
		Reason: e.Reason, Failures: e.Failures,
		Pending: e.Pending, CreatedAt: e.CreatedAt.UTC(),
	}
	if shown.Events == nil {
		shown.Events = []webhook.Type{}
	}
	shown.ProbeAt, shown.FailingSince = moment(e.ProbeAt), moment(e.FailingAt)
	shown.WaitingSince = moment(e.WaitingSince)
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
