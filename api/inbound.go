package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/gateway"
	"relais/number"
	"relais/sms"
)

// Inbound is a text from a handset (MO) as the API shows it.
type Inbound struct {
	ID         sms.ID         `json:"id" format:"uuid" doc:"UUIDv7"`
	From       sms.Number     `json:"from" doc:"E.164, or as the operator wrote it where that cannot be read; ~ and 26 characters where a pseudonym stands for it, ~ alone once it was erased"`
	To         sms.Sender     `json:"to,omitempty" doc:"the number or short code that it was sent to, where known"`
	Text       string         `json:"text"`
	Intent     gateway.Intent `json:"intent" enum:"reply,stop,start,unsure" doc:"stop and start change the suppression list; unsure may be a stop: no marketing until a person decided"`
	Decision   gateway.Intent `json:"decision,omitempty" enum:"reply,stop" doc:"what a person made of unsure; absent: it waits"`
	DecidedBy  string         `json:"decided_by,omitempty" doc:"who: api:KEY; operator:CONNECTOR when the person wrote a plain STOP or START since"`
	DecidedAt  *time.Time     `json:"decided_at,omitempty"`
	Message    *sms.ID        `json:"message,omitempty" format:"uuid" doc:"the message that it answers"`
	LinkedBy   string         `json:"linked_by,omitempty" enum:"operator_id,reference,number" doc:"how that message was found; number: whoever wrote to the handset last"`
	Connector  string         `json:"connector"`
	At         time.Time      `json:"at" doc:"by the operator's clock"`
	ReceivedAt time.Time      `json:"received_at" doc:"when the gateway stored it"`
}

// InboundList is a page of replies, newest first.
type InboundList struct {
	Items []Inbound `json:"items"`
	Next  string    `json:"next,omitempty" doc:"cursor of the next page; absent on the last"`
}

func inboundOf(in *gateway.Inbound) Inbound {
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

type inboundInput struct {
	From      string         `query:"from" doc:"a number, written as in a submission"`
	Message   string         `query:"message" doc:"id of the message that they answer"`
	Intent    gateway.Intent `query:"intent" enum:"reply,stop,start,unsure"`
	Undecided bool           `query:"undecided" doc:"true: only those that may be a STOP and wait for a person"`
	Connector string         `query:"connector"`
	Since     time.Time      `query:"since" doc:"received at this time or later"`
	Until     time.Time      `query:"until" doc:"received before this time"`
	Limit     int            `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Cursor    string         `query:"cursor" doc:"the next of the page before"`
}

type inboundOutput struct{ Body *InboundList }

func (h *Handler) registerInbound() {
	huma.Register(h.api, huma.Operation{
		OperationID: "inbound", Method: http.MethodGet, Path: "/v1/inbound", Tags: []string{"inbound"},
		Summary: "Replies, newest first", Responses: h.answers(http.StatusOK, InboundList{}),
	}, h.inbound)
	h.registerDecision()
}

func (h *Handler) inbound(ctx context.Context, in *inboundInput) (*inboundOutput, error) {
	account := callerOf(ctx).Account
	q := gateway.InboundQuery{
		Account: account, Intent: in.Intent, Undecided: in.Undecided, Connector: in.Connector, Since: in.Since, Until: in.Until, Limit: in.Limit,
	}
	var err error
	if in.From != "" {
		if q.From, err = h.handset("from", in.From, account); err != nil {
			return nil, err
		}
		q.HiddenFrom = h.Gateway.Pseudonym(ctx, account, q.From)
	}
	if in.Message != "" {
		if q.Message, err = sms.ParseID(in.Message); err != nil {
			return nil, badParameter("message", "The id is not that of a message.")
		}
	}
	if in.Cursor != "" {
		if q.Before, err = sms.ParseRef(in.Cursor); err != nil {
			return nil, badCursor()
		}
	}
	found, more, err := h.Reader.Inbounds(ctx, q)
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

// handset reads a number of the URL in the account's country.
func (h *Handler) handset(name, written, account string) (sms.Number, error) {
	// A + that nobody escaped arrives as a space.
	if rest, ok := strings.CutPrefix(written, " "); ok {
		written = "+" + rest
	}
	parsed, err := number.Every.Parse(written, h.Gateway.Region(account))
	if err != nil {
		return "", badParameter(name, detailOf(err))
	}
	return parsed.Number, nil
}

func badCursor() *Problem {
	return badParameter("cursor", "The cursor is not one of ours; use the value of next as it is.")
}
