package api

import (
	"bytes"
	"context"
	"net/http"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/inbox"
	"relais/reason"
	"relais/sms"
)

// OptOut is a number that gets no marketing.
type OptOut struct {
	Number sms.Number   `json:"number" doc:"E.164"`
	Sender sms.Sender   `json:"sender,omitempty" doc:"the only sender that is stopped; absent: all"`
	Source inbox.Source `json:"source" enum:"reply,operator,receipt,api,import,decision,console" doc:"how it came on the list"`
	Since  time.Time    `json:"since" doc:"when it was put there"`

	Provisional bool `json:"provisional,omitempty" doc:"a reply may be a STOP, and nobody has decided yet"`
}

// OptOutProof is one change of the list, and why.
type OptOutProof struct {
	Change  string       `json:"change" enum:"added,removed" doc:"what changed"`
	Sender  sms.Sender   `json:"sender,omitempty" doc:"the only sender that it is about; absent: all"`
	Source  inbox.Source `json:"source" enum:"reply,operator,receipt,api,import,decision,console" doc:"how the change came about"`
	Actor   sms.Actor    `json:"actor" doc:"who: api:KEY, user:NAME, operator:CONNECTOR, cli"`
	Message *sms.ID      `json:"message,omitempty" format:"uuid" doc:"the message that was answered"`
	Inbound *sms.ID      `json:"inbound,omitempty" format:"uuid" doc:"the reply"`

	Provisional bool `json:"provisional,omitempty" doc:"added: until a person decided; removed: only what was provisional"`

	Note string    `json:"note,omitempty" doc:"the word that was read, the operator's code, or the reason given"`
	At   time.Time `json:"at" doc:"when"`
}

// OptOutState is where a number stands, with every change.
type OptOutState struct {
	Number   sms.Number    `json:"number" doc:"E.164"`
	OptedOut bool          `json:"opted_out" doc:"whether the number gets no marketing, from any sender or from some"`
	Entries  []OptOut      `json:"entries" doc:"that stop the number now"`
	Proofs   []OptOutProof `json:"proofs" doc:"oldest first; only an erasure of the person deletes them"`
}

// OptOutList is a page of the list, by number.
type OptOutList struct {
	Items []OptOut `json:"items" doc:"by number"`
	Next  string   `json:"next,omitempty" doc:"cursor of the next page; absent on the last"`
}

// OptOutRequest is the body of PUT; it may be empty.
type OptOutRequest struct {
	Sender string `json:"sender,omitempty" required:"false" doc:"stop this sender alone"`
	Reason string `json:"reason,omitempty" required:"false" maxLength:"255" doc:"kept with the proof"`
}

// optOutReader reads the suppression list.
type optOutReader interface {
	OptOuts(ctx context.Context, q inbox.OptOutQuery) (found []inbox.OptOut, more bool, err error)
	OptOutProofs(
		ctx context.Context, account string, n sms.Number,
	) ([]inbox.OptOut, []inbox.OptOutChange, error)
}

// optOutInbox changes the suppression list.
type optOutInbox interface {
	ChangeOptOuts(ctx context.Context, changes []inbox.OptOutChange) (int, error)
}

// regions knows from where an account writes its numbers.
type regions interface{ Region(account string) string }

// optOuts shows the suppression list, and changes it.
type optOuts struct {
	failures
	reader  optOutReader
	regions regions
	inbox   optOutInbox
}

func (h *optOuts) register(r *router) {
	huma.Register(r.api, huma.Operation{
		OperationID: "opt-outs", Method: http.MethodGet, Path: "/v1/opt-outs", Tags: []string{"opt-outs"},
		Summary: "The suppression list, by number", Responses: r.answers(http.StatusOK, OptOutList{}),
	}, h.list)
	huma.Register(r.api, huma.Operation{
		OperationID: "opt-out", Method: http.MethodGet, Path: "/v1/opt-outs/{number}",
		Tags:      []string{"opt-outs"},
		Summary:   "Whether a number gets marketing, and the proof of every change",
		Responses: r.answers(http.StatusOK, OptOutState{}),
	}, h.show)
	body := &huma.RequestBody{Content: map[string]*huma.MediaType{}}
	huma.Register(r.api, huma.Operation{
		OperationID: "add-opt-out", Method: http.MethodPut, Path: "/v1/opt-outs/{number}",
		Tags:         []string{"opt-outs"},
		Summary:      "Put a number on the list",
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, RequestBody: body,
		Responses: r.answers(http.StatusOK, OptOutState{}, 400, 408, 413, 415),
	}, h.add)
	body.Required = false // the library says otherwise of a body that we decode
	r.describe(body, OptOutRequest{}, map[string]any{"reason": "asked at the desk"})
	huma.Register(r.api, huma.Operation{
		OperationID: "remove-opt-out", Method: http.MethodDelete, Path: "/v1/opt-outs/{number}",
		Tags:      []string{"opt-outs"},
		Summary:   "Take a number off the list, with the person's consent",
		Responses: r.answers(http.StatusOK, OptOutState{}),
	}, h.remove)
}

type optOutsInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"most entries of a page"`
	Cursor string `query:"cursor" doc:"the next of the page before"`
}

type optOutsOutput struct{ Body *OptOutList }

func (h *optOuts) list(ctx context.Context, in *optOutsInput) (*optOutsOutput, error) {
	q := inbox.OptOutQuery{Account: callerOf(ctx).Account, Limit: in.Limit}
	if in.Cursor != "" {
		q.After = sms.Number("+" + in.Cursor)
		if strings.Trim(in.Cursor, "0123456789") != "" {
			return nil, badCursor()
		}
	}
	found, more, err := h.reader.OptOuts(ctx, q)
	if err != nil {
		return nil, h.unread(err)
	}
	list := &OptOutList{Items: make([]OptOut, len(found))}
	for i, o := range found {
		list.Items[i] = optOutOf(&o)
	}
	if more {
		list.Next = strings.TrimPrefix(string(found[len(found)-1].Number), "+")
	}
	return &optOutsOutput{list}, nil
}

type optOutInput struct {
	Number string `path:"number" doc:"written as in a submission; + is %2B"`
}

type optOutOutput struct{ Body *OptOutState }

func (h *optOuts) show(ctx context.Context, in *optOutInput) (*optOutOutput, error) {
	account := callerOf(ctx).Account
	n, err := handset("number", in.Number, h.regions.Region(account))
	if err != nil {
		return nil, err
	}
	return h.state(ctx, account, n)
}

func (h *optOuts) state(ctx context.Context, account string, n sms.Number) (*optOutOutput, error) {
	entries, changes, err := h.reader.OptOutProofs(ctx, account, n)
	if err != nil {
		return nil, h.unread(err)
	}
	state := &OptOutState{Number: n, OptedOut: len(entries) > 0, Entries: []OptOut{}, Proofs: []OptOutProof{}}
	for _, o := range entries {
		state.Entries = append(state.Entries, optOutOf(&o))
	}
	for i := range changes {
		state.Proofs = append(state.Proofs, proofOf(&changes[i]))
	}
	return &optOutOutput{state}, nil
}

func optOutOf(o *inbox.OptOut) OptOut {
	return OptOut{
		Number: o.Number, Sender: o.Sender, Source: o.Source, Since: o.Since.UTC(),
		Provisional: o.Provisional,
	}
}

func proofOf(c *inbox.OptOutChange) OptOutProof {
	data := c.Data()
	p := OptOutProof{
		Change: "removed", Sender: c.Sender, Source: c.Source, Actor: c.Actor, Message: data.Message,
		Inbound:     data.Inbound,
		Provisional: c.Provisional, Note: c.Note, At: c.At.UTC(),
	}
	if c.Added {
		p.Change = "added"
	}
	return p
}

type addOptOutInput struct {
	Number  string `path:"number" doc:"written as in a submission; + is %2B"`
	RawBody []byte `contentType:"application/json" required:"false"`
}

var optOutKeys = jsonbody.KeysOf(reflect.TypeFor[OptOutRequest]())

func (h *optOuts) add(ctx context.Context, in *addOptOutInput) (*optOutOutput, error) {
	var r OptOutRequest
	if len(bytes.TrimSpace(in.RawBody)) > 0 {
		if err := decode(in.RawBody, &r, optOutKeys); err != nil {
			return nil, h.fail(err, in.RawBody)
		}
	}
	if utf8.RuneCountInString(r.Reason) > maxReason {
		return nil, reasonTooLong(in.RawBody)
	}
	return h.change(ctx, in.Number, inbox.OptOutChange{
		Added: true, Sender: sms.Sender(r.Sender), Note: r.Reason,
	})
}

// maxReason is the longest reason of a change, in characters.
const maxReason = 255

func reasonTooLong(body []byte) *refusal {
	return refuse(body, "/reason", reason.Of(codeReasonTooLong, reason.Args{"most": reason.Count(maxReason)}))
}

type removeOptOutInput struct {
	Number string `path:"number" doc:"written as in a submission; + is %2B"`
	Sender string `query:"sender" doc:"this sender alone; absent: every sender"`
	Reason string `query:"reason" maxLength:"255" doc:"kept with the proof"`
}

func (h *optOuts) remove(ctx context.Context, in *removeOptOutInput) (*optOutOutput, error) {
	return h.change(ctx, in.Number, inbox.OptOutChange{Sender: sms.Sender(in.Sender), Note: in.Reason})
}

// change makes one change; the same change again changes nothing.
func (h *optOuts) change(ctx context.Context, written string, c inbox.OptOutChange) (*optOutOutput, error) {
	caller := callerOf(ctx)
	var err error
	if c.Number, err = handset("number", written, h.regions.Region(caller.Account)); err != nil {
		return nil, err
	}
	c.Account, c.Source, c.Actor = caller.Account, inbox.FromAPI, caller.Actor()
	if _, err := h.inbox.ChangeOptOuts(ctx, []inbox.OptOutChange{c}); err != nil {
		return nil, h.fail(err, nil)
	}
	return h.state(ctx, caller.Account, c.Number)
}
