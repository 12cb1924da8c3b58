package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"relais/gateway"
	"relais/sms"
)

// DecisionRequest is the body of POST /v1/inbound/{id}/decision.
type DecisionRequest struct {
	Decision gateway.Intent `json:"decision" enum:"stop,reply" doc:"stop: the person wants no more marketing; reply: it was a mere reply, and marketing goes on"`
	Reason   string         `json:"reason,omitempty" required:"false" maxLength:"255" doc:"kept with the proof"`
}

func (h *Handler) registerDecision() {
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	huma.Register(h.api, huma.Operation{
		OperationID: "decide-reply", Method: http.MethodPost, Path: "/v1/inbound/{id}/decision", Tags: []string{"inbound"},
		Summary:      "Decide whether a reply is a STOP",
		Description:  "For a person who has read a reply with the intent unsure. Until then its number gets no marketing. A STOP that was confirmed stays; a mere reply may still be made a STOP.",
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, RequestBody: body,
		Responses: h.answers(http.StatusOK, Inbound{}, 400, 404, 408, 409, 413, 415),
	}, h.decideReply)
	h.describe(body, DecisionRequest{}, map[string]any{"decision": "stop", "reason": "called back"})
}

type decisionInput struct {
	Languages string `header:"Accept-Language" doc:"fr gives sentences for people in French"`
	ID        string `path:"id" doc:"the reply's id"`
	RawBody   []byte `contentType:"application/json"`
}

type decisionOutput struct{ Body *Inbound }

var decisionKeys = keysOf(reflect.TypeFor[DecisionRequest]())

func (h *Handler) decideReply(ctx context.Context, in *decisionInput) (*decisionOutput, error) {
	var r DecisionRequest
	if err := decode(in.RawBody, &r, decisionKeys); err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	if r.Decision != gateway.IntentStop && r.Decision != gateway.IntentReply {
		return nil, refuse(in.RawBody, "decision_unknown", "/decision", `The decision must be "stop" or "reply".`)
	}
	if utf8.RuneCountInString(r.Reason) > maxReason {
		return nil, refuse(in.RawBody, "reason_too_long", "/reason", fmt.Sprintf("The reason is longer than %d characters.", maxReason))
	}
	caller := callerOf(ctx)
	id, err := sms.ParseID(in.ID)
	if err != nil {
		return nil, unknownReply()
	}
	decided, err := h.Gateway.DecideReply(ctx, gateway.ReplyDecision{
		Account: caller.Account, Inbound: id, Intent: r.Decision, Actor: "api:" + caller.Name, Note: r.Reason,
	})
	if errors.Is(err, gateway.ErrNotFound) {
		return nil, unknownReply()
	}
	if err != nil {
		return nil, h.fail(speak(err, in.Languages), in.RawBody)
	}
	shown := inboundOf(&decided)
	return &decisionOutput{&shown}, nil
}

func unknownReply() *Problem {
	return problem(http.StatusNotFound, "reply_unknown", "The account has no reply with that id.")
}
