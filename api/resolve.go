package api

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"relais/gateway"
)

// ResolveRequest is the body of POST /v1/messages/{id}/resolve.
type ResolveRequest struct {
	Outcome gateway.Resolution `json:"outcome" enum:"taken,not_taken,given_up" doc:"taken: the operator has it, and its receipt may come; not_taken: it is sent again; given_up: it ends"`
}

func (h *Handler) registerResolve() {
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	huma.Register(h.api, huma.Operation{
		OperationID: "resolve", Method: http.MethodPost, Path: "/v1/messages/{id}/resolve", Tags: []string{"messages"},
		Summary:      "Decide what became of a message in doubt",
		Description:  "For a person who has looked at the operator's side. Only an uncertain message can be resolved; not_taken sends it again, so that a mistake makes two texts.",
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, RequestBody: body,
		Responses: h.answers(http.StatusOK, MessageWithTimeline{}, 400, 404, 408, 409, 413, 415),
	}, h.resolve)
	h.describe(body, ResolveRequest{}, map[string]any{"outcome": "taken"})
}

type resolveInput struct {
	Languages string `header:"Accept-Language" doc:"fr gives sentences for people in French"`
	ID        string `path:"id" doc:"the message's id"`
	RawBody   []byte `contentType:"application/json"`
}

var resolveKeys = keysOf(reflect.TypeFor[ResolveRequest]())

func (h *Handler) resolve(ctx context.Context, in *resolveInput) (*messageOutput, error) {
	var r ResolveRequest
	if err := decode(in.RawBody, &r, resolveKeys); err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	m, err := h.find(ctx, in.ID)
	if err != nil {
		return nil, h.unread(err)
	}
	if err := h.Gateway.Resolve(ctx, m, r.Outcome, "api:"+callerOf(ctx).Name); err != nil {
		return nil, h.fail(speak(err, in.Languages), in.RawBody)
	}
	return h.message(ctx, &idInput{ID: in.ID, Languages: in.Languages})
}
