package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/reason"
	"relais/sms"
	"relais/webhook"
)

// FeedEvent is an event of the feed, as webhooks carry it.
type FeedEvent struct {
	ID        string       `json:"id" doc:"the webhook-id; the same at every attempt" example:"evt_42"`
	Seq       int64        `json:"seq" doc:"orders the events of one message; between messages it promises nothing"`
	Type      webhook.Type `json:"type" doc:"the type of event"`
	Timestamp time.Time    `json:"timestamp" doc:"when it happened"`
	Data      any          `json:"data" doc:"what happened; its fields depend on the type"`
}

// EventList is a piece of the feed, oldest first.
type EventList struct {
	Items []FeedEvent `json:"items" doc:"oldest first"`
	Next  string      `json:"next" doc:"a text without a meaning: give it as after to go on; always there"`
}

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	Event    FeedEvent             `json:"event" doc:"the event that is delivered"`
	State    webhook.DeliveryState `json:"state" enum:"pending,delivered,failed" doc:"pending: it waits for an attempt; failed: nobody tries any more"`
	Attempts int                   `json:"attempts" doc:"requests made"`
	NextAt   *time.Time            `json:"next_at,omitempty" doc:"while pending: the next attempt"`
	LastAt   *time.Time            `json:"last_at,omitempty" doc:"of the last attempt"`
	TookMS   int64                 `json:"took_ms,omitempty" doc:"milliseconds that the last attempt took"`
	Status   int                   `json:"status,omitempty" doc:"HTTP status of the last answer; absent: none came"`
	Error    string                `json:"error,omitempty" doc:"why the last attempt failed"`
	Answer   string                `json:"answer,omitempty" doc:"the first 500 bytes of the last answer, with digits hidden that may be a number"`
}

// Try is one attempt to deliver.
type Try struct {
	At     time.Time `json:"at" doc:"when"`
	TookMS int64     `json:"took_ms" doc:"milliseconds that it took"`
	Status int       `json:"status,omitempty" doc:"HTTP status of the answer; absent: none came"`
	Error  string    `json:"error,omitempty" doc:"why the event was not taken; absent: it was"`
	Answer string    `json:"answer,omitempty" doc:"the first 500 bytes of the answer, with digits hidden that may be a number"`
}

// OneDelivery is a delivery with its attempts.
type OneDelivery struct {
	Delivery
	Tries []Try `json:"tries" doc:"the last one first; at most 21"`
}

// DeliveryList is a page of the log, newest first.
type DeliveryList struct {
	Items []Delivery `json:"items" doc:"newest first"`
	Next  string     `json:"next,omitempty" doc:"cursor of the next page; absent on the last"`
}

// ReplayRequest chooses what is delivered again.
type ReplayRequest struct {
	Seq    int64                 `json:"seq,omitempty" required:"false" doc:"one event, by its seq"`
	State  webhook.DeliveryState `json:"state,omitempty" required:"false" enum:"failed,delivered,pending" doc:"those of a state; absent: failed"`
	Since  string                `json:"since,omitempty" required:"false" format:"date-time" doc:"of events at this time or later; absent: all that are kept"`
	DryRun bool                  `json:"dry_run,omitempty" required:"false" doc:"true: only count them"`
}

// ReplayAnswer is how many deliveries go again.
type ReplayAnswer struct {
	Replayed int  `json:"replayed" doc:"10000 at most, the oldest events; with dry_run: how many would go"`
	More     bool `json:"more,omitempty" doc:"there are others, for another replay"`
}

// replayer delivers events again.
type replayer interface {
	Replay(ctx context.Context, r webhook.Replay) (n int, more bool, err error)
	CountReplay(ctx context.Context, r webhook.Replay) (n int, more bool, err error)
}

// feedReader reads what happened, and what became of it at an endpoint.
type feedReader interface {
	webhook.Log
	Endpoint(ctx context.Context, account string, id sms.ID) (webhook.Endpoint, error)
}

// feed shows the events of an account, and their deliveries.
type feed struct {
	failures
	manager replayer
	store   feedReader
}

func (h *feed) register(r *router) {
	huma.Register(r.api, huma.Operation{
		OperationID: "deliveries", Method: http.MethodGet, Path: "/v1/webhooks/{id}/deliveries",
		Tags:      []string{"webhooks"},
		Summary:   "The log of an endpoint, newest first",
		Responses: r.answers(http.StatusOK, DeliveryList{}, 404),
	}, h.deliveries)
	huma.Register(r.api, huma.Operation{
		OperationID: "delivery", Method: http.MethodGet, Path: "/v1/webhooks/{id}/deliveries/{event}",
		Tags:      []string{"webhooks"},
		Summary:   "One delivery, with its attempts",
		Responses: r.answers(http.StatusOK, OneDelivery{}, 404),
	}, h.delivery)
	replay := &huma.RequestBody{Content: map[string]*huma.MediaType{}}
	huma.Register(r.api, huma.Operation{
		OperationID: "replay", Method: http.MethodPost, Path: "/v1/webhooks/{id}/replay",
		Tags:         []string{"webhooks"},
		Summary:      "Deliver events again",
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, RequestBody: replay,
		Responses: r.answers(http.StatusOK, ReplayAnswer{}, 400, 404, 408, 413, 415),
	}, h.replay)
	replay.Required = false // the library says otherwise of a body that we decode
	r.describe(replay, ReplayRequest{}, map[string]any{"state": "failed", "since": "2026-03-01T00:00:00Z"})
	huma.Register(r.api, huma.Operation{
		OperationID: "events", Method: http.MethodGet, Path: "/v1/events", Tags: []string{"webhooks"},
		Summary:     "What happened, oldest first, for callers that no webhook reaches",
		Description: "Keep next, and give it as after the next time. Events are kept for 30 days.",
		Responses:   r.answers(http.StatusOK, EventList{}),
	}, h.events)
}

func eventOf(e *webhook.Event) FeedEvent {
	return FeedEvent{ID: webhook.IDOf(e.Seq), Seq: e.Seq, Type: e.Type, Timestamp: e.At.UTC(), Data: e.Data}
}

type deliveriesInput struct {
	ID     string                `path:"id" doc:"the webhook's id"`
	State  webhook.DeliveryState `query:"state" enum:"pending,delivered,failed" doc:"deliveries in this state alone"`
	Limit  int                   `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"most entries of a page"`
	Cursor string                `query:"cursor" doc:"the next of the page before"`
}

type deliveriesOutput struct{ Body *DeliveryList }

func (h *feed) deliveries(ctx context.Context, in *deliveriesInput) (*deliveriesOutput, error) {
	account := callerOf(ctx).Account
	id, err := idOf(in.ID, webhook.ErrUnknown)
	if err == nil {
		_, err = h.store.Endpoint(ctx, account, id)
	}
	if err != nil {
		return nil, h.noWebhook(err, nil)
	}
	before, p := place(in.Cursor, "cursor")
	if p != nil {
		return nil, p
	}
	found, err := h.store.Deliveries(ctx, account, id, in.State, before, in.Limit+1)
	if err != nil {
		return nil, h.unread(err)
	}
	list := &DeliveryList{Items: []Delivery{}}
	if len(found) > in.Limit {
		found = found[:in.Limit]
		list.Next = cursorAt(found[len(found)-1].Event.Seq)
	}
	for i := range found {
		list.Items = append(list.Items, deliveryOf(&found[i]))
	}
	return &deliveriesOutput{list}, nil
}

func deliveryOf(d *webhook.Delivery) Delivery {
	shown := Delivery{
		Event: eventOf(&d.Event), State: d.State, Attempts: d.Attempts,
		LastAt: moment(d.Last.At), TookMS: d.Last.Took.Milliseconds(), Status: d.Last.Status,
		Error: d.Last.Error, Answer: d.Last.Answer,
	}
	if d.State == webhook.Pending {
		shown.NextAt = moment(d.NextAt)
	}
	return shown
}

func tryOf(t webhook.Try) Try {
	return Try{
		At: t.At.UTC(), TookMS: t.Took.Milliseconds(), Status: t.Status, Error: t.Error, Answer: t.Answer,
	}
}

type deliveryInput struct {
	ID    string `path:"id" doc:"the webhook's id"`
	Event string `path:"event" doc:"the event's id or its seq" example:"evt_42"`
}

type deliveryOutput struct{ Body *OneDelivery }

func (h *feed) delivery(ctx context.Context, in *deliveryInput) (*deliveryOutput, error) {
	id, err := idOf(in.ID, webhook.ErrUnknown)
	if err != nil {
		return nil, h.noWebhook(err, nil)
	}
	d, err := webhook.OneDelivery(ctx, h.store, callerOf(ctx).Account, id, in.Event)
	if errors.Is(err, webhook.ErrUnknown) {
		return nil, refusalOf(http.StatusNotFound, codeNoDelivery)
	}
	if err != nil {
		return nil, h.unread(err)
	}
	shown := &OneDelivery{Delivery: deliveryOf(&d), Tries: []Try{}}
	for _, t := range d.Tries() {
		shown.Tries = append(shown.Tries, tryOf(t))
	}
	return &deliveryOutput{shown}, nil
}

// cursorMark begins a cursor, so that nobody takes one for a seq and counts with it.
const cursorMark, cursorBase = "c", 36

// cursorAt is a place in the feed as callers keep it. What it says may change: several
// databases have a place each.
func cursorAt(seq int64) string { return cursorMark + strconv.FormatInt(seq, cursorBase) }

// place reads what cursorAt wrote, or a bare seq, as cursors were before; an empty one is 0.
func place(text, name string) (int64, *refusal) {
	if text == "" {
		return 0, nil
	}
	base := 10
	digits, marked := strings.CutPrefix(text, cursorMark)
	if marked {
		base = cursorBase
	}
	seq, err := strconv.ParseInt(digits, base, 64)
	if err != nil || seq < 0 {
		return 0, badParameter(name, reason.Of(sayCursor, nil))
	}
	return seq, nil
}

type replayInput struct {
	ID      string `path:"id" doc:"the webhook's id"`
	RawBody []byte `contentType:"application/json" required:"false"`
}

type replayOutput struct{ Body *ReplayAnswer }

var replayKeys = jsonbody.KeysOf(reflect.TypeFor[ReplayRequest]())

func (h *feed) replay(ctx context.Context, in *replayInput) (*replayOutput, error) {
	var r ReplayRequest
	if len(bytes.TrimSpace(in.RawBody)) > 0 {
		if err := decode(in.RawBody, &r, replayKeys); err != nil {
			return nil, h.fail(err, in.RawBody)
		}
	}
	id, err := idOf(in.ID, webhook.ErrUnknown)
	if err != nil {
		return nil, h.noWebhook(err, nil)
	}
	wanted := webhook.Replay{Account: callerOf(ctx).Account, Endpoint: id, Seq: r.Seq, State: r.State}
	switch r.State {
	case "", webhook.Failed, webhook.Delivered, webhook.Pending:
	default:
		return nil, refuse(in.RawBody, "/state", reason.Of(codeDeliveryState, nil))
	}
	if r.Since != "" {
		if wanted.Since, err = time.Parse(time.RFC3339, r.Since); err != nil {
			return nil, refuse(in.RawBody, "/since", reason.Of(codeSince, nil))
		}
	}
	do := h.manager.Replay
	if r.DryRun {
		do = h.manager.CountReplay
	}
	n, more, err := do(ctx, wanted)
	if err != nil {
		return nil, h.noWebhook(err, in.RawBody)
	}
	return &replayOutput{&ReplayAnswer{n, more}}, nil
}

type eventsInput struct {
	After string         `query:"after" doc:"next of the piece before; absent: from the oldest that is kept"`
	Types []webhook.Type `query:"types" doc:"types of event, with commas; absent: all"`
	Limit int            `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"most entries of a page"`
}

type eventsOutput struct{ Body *EventList }

func (h *feed) events(ctx context.Context, in *eventsInput) (*eventsOutput, error) {
	after, p := place(in.After, "after")
	if p != nil {
		return nil, p
	}
	if err := webhook.CheckTypes(in.Types); err != nil {
		return nil, badParameter("types", err.Reason.As(codeParameter))
	}
	found, err := h.store.Feed(ctx, callerOf(ctx).Account, after, in.Types, in.Limit)
	if err != nil {
		return nil, h.unread(err)
	}
	list := &EventList{Items: make([]FeedEvent, len(found)), Next: cursorAt(after)}
	for i := range found {
		list.Items[i] = eventOf(&found[i])
		list.Next = cursorAt(found[i].Seq)
	}
	return &eventsOutput{list}, nil
}
