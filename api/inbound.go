package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/gateway"
	"relais/inbox"
	"relais/reason"
	"relais/sms"
)

// Inbound is a text from a handset (MO) as the API shows it.
type Inbound struct {
	ID         sms.ID       `json:"id" format:"uuid" doc:"UUIDv7"`
	From       sms.Number   `json:"from" doc:"E.164, or as the operator wrote it where that cannot be read; ~ and 26 characters where a pseudonym stands for it, ~ alone once it was erased"`
	To         sms.Sender   `json:"to,omitempty" doc:"the number or short code that it was sent to, where known"`
	Text       string       `json:"text" doc:"absent once the person was erased"`
	Intent     inbox.Intent `json:"intent" enum:"reply,stop,start,unsure" doc:"stop and start change the suppression list; unsure may be a stop: no marketing until a person decided"`
	Decision   inbox.Intent `json:"decision,omitempty" enum:"reply,stop" doc:"what a person made of unsure; absent: it waits"`
	DecidedBy  sms.Actor    `json:"decided_by,omitempty" doc:"who: api:KEY; operator:CONNECTOR when the person wrote a plain STOP or START since"`
	DecidedAt  *time.Time   `json:"decided_at,omitempty" doc:"when a person decided"`
	Message    *sms.ID      `json:"message,omitempty" format:"uuid" doc:"the message that it answers"`
	LinkedBy   string       `json:"linked_by,omitempty" enum:"operator_id,reference,number" doc:"how that message was found; number: whoever wrote to the handset last"`
	Connector  string       `json:"connector" doc:"the instance that received it"`
	At         time.Time    `json:"at" doc:"by the operator's clock"`
	ReceivedAt time.Time    `json:"received_at" doc:"when the gateway stored it"`
}

// InboundList is a page of replies, newest first.
type InboundList struct {
	Items []Inbound `json:"items" doc:"newest first"`
	Next  string    `json:"next,omitempty" doc:"cursor of the next page; absent on the last"`
}

// replyReader finds replies.
type replyReader interface {
	Inbounds(ctx context.Context, q inbox.InboundQuery) (found []inbox.Inbound, more bool, err error)
}

// replyInbox takes a person's word on a reply.
type replyInbox interface {
	DecideReply(ctx context.Context, d inbox.ReplyDecision) (inbox.Inbound, error)
}

// replies shows the texts from handsets.
type replies struct {
	failures
	reader  replyReader
	regions regions
	inbox   replyInbox
	hidden  pseudonyms
}

func (h *replies) register(r *router) {
	huma.Register(r.api, huma.Operation{
		OperationID: "inbound", Method: http.MethodGet, Path: "/v1/inbound", Tags: []string{"inbound"},
		Summary: "Replies, newest first", Responses: r.answers(http.StatusOK, InboundList{}),
	}, h.list)
	h.registerDecision(r)
}

type inboundInput struct {
	From      string       `query:"from" doc:"a number, written as in a submission"`
	Message   string       `query:"message" doc:"id of the message that they answer"`
	Intent    inbox.Intent `query:"intent" enum:"reply,stop,start,unsure" doc:"replies with this intent alone"`
	Undecided bool         `query:"undecided" doc:"true: only those that may be a STOP and wait for a person"`
	Connector string       `query:"connector" doc:"those that came by this connector alone"`
	Since     time.Time    `query:"since" doc:"received at this time or later"`
	Until     time.Time    `query:"until" doc:"received before this time"`
	Limit     int          `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"most entries of a page"`
	Cursor    string       `query:"cursor" doc:"the next of the page before"`
}

type inboundOutput struct{ Body *InboundList }

func (h *replies) list(ctx context.Context, in *inboundInput) (*inboundOutput, error) {
	account := callerOf(ctx).Account
	q := inbox.InboundQuery{
		Account: account, Intent: in.Intent, Undecided: in.Undecided,
		Connector: in.Connector, Since: in.Since,
		Until: in.Until, Limit: in.Limit,
	}
	var err error
	if in.From != "" {
		if q.From, err = handset("from", in.From, h.regions.Region(account)); err != nil {
			return nil, err
		}
		q.HiddenFrom = h.hidden.Pseudonym(ctx, account, q.From)
	}
	if in.Message != "" {
		if q.Message, err = sms.ParseID(in.Message); err != nil {
			return nil, badParameter("message", reason.Of(sayMessageID, nil))
		}
	}
	if in.Cursor != "" {
		if q.Before, err = sms.ParseRef(in.Cursor); err != nil {
			return nil, badCursor()
		}
	}
	found, more, err := h.reader.Inbounds(ctx, q)
	if err != nil {
		return nil, h.unread(err)
	}
	list := &InboundList{Items: make([]Inbound, len(found))}
	for i := range found {
		list.Items[i] = inboundOf(&found[i])
	}
	if more {
		list.Next = found[len(found)-1].ID.Ref()
	}
	return &inboundOutput{list}, nil
}

func inboundOf(in *inbox.Inbound) Inbound {
	shown := Inbound{
		ID: in.ID, From: in.From, To: in.To, Text: in.Text, Intent: in.Intent, LinkedBy: in.LinkedBy,
		Connector: in.Connector, At: in.At.UTC(), ReceivedAt: in.ReceivedAt.UTC(),
	}
	if !in.Message.IsZero() {
		shown.Message = &in.Message
	}
	if in.Decided != "" {
		at := in.DecidedAt.UTC()
		shown.Decision, shown.DecidedBy, shown.DecidedAt = in.Decided, in.DecidedBy, &at
	}
	return shown
}

// DecisionRequest is the body of POST /v1/inbound/{id}/decision.
type DecisionRequest struct {
	Decision inbox.Intent `json:"decision" enum:"stop,reply" doc:"stop: the person wants no more marketing; reply: it was a mere reply, and marketing goes on"`
	Reason   string       `json:"reason,omitempty" required:"false" maxLength:"255" doc:"kept with the proof"`
}

func (h *replies) registerDecision(r *router) {
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	huma.Register(r.api, huma.Operation{
		OperationID: "decide-reply", Method: http.MethodPost, Path: "/v1/inbound/{id}/decision",
		Tags:    []string{"inbound"},
		Summary: "Decide whether a reply is a STOP",
		Description: "For a person who has read a reply with the intent unsure. Until then its number gets " +
			"no marketing. A STOP that was confirmed stays; a mere reply may still be made a STOP.",
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, RequestBody: body,
		Responses: r.answers(http.StatusOK, Inbound{}, 400, 404, 408, 409, 413, 415),
	}, h.decide)
	r.describe(body, DecisionRequest{}, map[string]any{"decision": "stop", "reason": "called back"})
}

type decisionInput struct {
	Languages string `header:"Accept-Language" doc:"fr gives sentences for people in French"`
	ID        string `path:"id" doc:"the reply's id"`
	RawBody   []byte `contentType:"application/json"`
}

type decisionOutput struct{ Body *Inbound }

var decisionKeys = jsonbody.KeysOf(reflect.TypeFor[DecisionRequest]())

func (h *replies) decide(ctx context.Context, in *decisionInput) (*decisionOutput, error) {
	var r DecisionRequest
	if err := decode(in.RawBody, &r, decisionKeys); err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	if r.Decision != inbox.IntentStop && r.Decision != inbox.IntentReply {
		return nil, refuse(in.RawBody, "/decision", reason.Of(codeDecision, nil))
	}
	if utf8.RuneCountInString(r.Reason) > maxReason {
		return nil, reasonTooLong(in.RawBody)
	}
	caller := callerOf(ctx)
	id, err := sms.ParseID(in.ID)
	if err != nil {
		return nil, unknownReply()
	}
	decided, err := h.inbox.DecideReply(ctx, inbox.ReplyDecision{
		Account: caller.Account, Inbound: id, Intent: r.Decision, Actor: caller.Actor(), Note: r.Reason,
	})
	if errors.Is(err, gateway.ErrNotFound) {
		return nil, unknownReply()
	}
	if err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	shown := inboundOf(&decided)
	return &decisionOutput{&shown}, nil
}

func unknownReply() *refusal {
	return refusalOf(http.StatusNotFound, codeReplyUnknown)
}
