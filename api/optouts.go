package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"relais/gateway"
	"relais/number"
	"relais/plaintext"
	"relais/sms"
)

// OptOut is a number that gets no marketing.
type OptOut struct {
	Number sms.Number     `json:"number" doc:"E.164"`
	Sender sms.Sender     `json:"sender,omitempty" doc:"the only sender that is stopped; absent: all"`
	Source gateway.Source `json:"source" enum:"reply,operator,receipt,api,import,decision"`
	Since  time.Time      `json:"since"`

	Provisional bool `json:"provisional,omitempty" doc:"a reply may be a STOP, and nobody has decided yet"`
}

// OptOutProof is one change of the list, and why.
type OptOutProof struct {
	Change  string         `json:"change" enum:"added,removed"`
	Sender  sms.Sender     `json:"sender,omitempty"`
	Source  gateway.Source `json:"source" enum:"reply,operator,receipt,api,import,decision"`
	Actor   string         `json:"actor" doc:"who: api:KEY, operator:CONNECTOR, cli"`
	Message *sms.ID        `json:"message,omitempty" format:"uuid" doc:"the message that was answered"`
	Inbound *sms.ID        `json:"inbound,omitempty" format:"uuid" doc:"the reply"`

	Provisional bool `json:"provisional,omitempty" doc:"added: until a person decided; removed: only what was provisional"`

	Note string    `json:"note,omitempty" doc:"the word that was read, the operator's code, or the reason given"`
	At   time.Time `json:"at"`
}

// OptOutState is where a number stands, with every change.
type OptOutState struct {
	Number   sms.Number    `json:"number"`
	OptedOut bool          `json:"opted_out"`
	Entries  []OptOut      `json:"entries"`
	Proofs   []OptOutProof `json:"proofs" doc:"oldest first; only an erasure of the person deletes them"`
}

// OptOutList is a page of the list, by number.
type OptOutList struct {
	Items []OptOut `json:"items"`
	Next  string   `json:"next,omitempty" doc:"cursor of the next page; absent on the last"`
}

// OptOutRequest is the body of PUT; it may be empty.
type OptOutRequest struct {
	Sender string `json:"sender,omitempty" required:"false" doc:"stop this sender alone"`
	Reason string `json:"reason,omitempty" required:"false" maxLength:"255" doc:"kept with the proof"`
}

// ImportAnswer is what became of an import.
type ImportAnswer struct {
	Added   int             `json:"added"`
	Known   int             `json:"known" doc:"were on the list"`
	Refused []RefusedNumber `json:"refused"`
}

// RefusedNumber is a line of an import that names no number.
type RefusedNumber struct {
	Line   int    `json:"line"`
	Number string `json:"number" doc:"as it stands there"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

func (h *Handler) registerOptOuts() {
	huma.Register(h.api, huma.Operation{
		OperationID: "opt-outs", Method: http.MethodGet, Path: "/v1/opt-outs", Tags: []string{"opt-outs"},
		Summary: "The suppression list, by number", Responses: h.answers(http.StatusOK, OptOutList{}),
	}, h.optOuts)
	huma.Register(h.api, huma.Operation{
		OperationID: "opt-out", Method: http.MethodGet, Path: "/v1/opt-outs/{number}", Tags: []string{"opt-outs"},
		Summary: "Whether a number gets marketing, and the proof of every change", Responses: h.answers(http.StatusOK, OptOutState{}),
	}, h.optOut)
	body := &huma.RequestBody{Content: map[string]*huma.MediaType{}}
	huma.Register(h.api, huma.Operation{
		OperationID: "add-opt-out", Method: http.MethodPut, Path: "/v1/opt-outs/{number}", Tags: []string{"opt-outs"},
		Summary:      "Put a number on the list",
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, RequestBody: body,
		Responses: h.answers(http.StatusOK, OptOutState{}, 400, 408, 413, 415),
	}, h.addOptOut)
	body.Required = false // the library says otherwise of a body that we decode
	h.describe(body, OptOutRequest{}, map[string]any{"reason": "asked at the desk"})
	huma.Register(h.api, huma.Operation{
		OperationID: "remove-opt-out", Method: http.MethodDelete, Path: "/v1/opt-outs/{number}", Tags: []string{"opt-outs"},
		Summary:   "Take a number off the list, with the person's consent",
		Responses: h.answers(http.StatusOK, OptOutState{}),
	}, h.removeOptOut)
	h.mux.HandleFunc("GET /v1/opt-outs.csv", h.exportOptOuts)
	h.mux.HandleFunc("POST /v1/opt-outs.csv", h.importOptOuts)
	h.describeCSV()
}

// describeCSV documents the two routes that speak CSV, which the library does
// not register.
func (h *Handler) describeCSV() {
	file := func() map[string]*huma.MediaType {
		return map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}, Example: "number,sender\n+33639980001,\n"}}
	}
	export := h.answers(http.StatusOK, OptOutList{})
	export["200"].Content = file()
	h.api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "export-opt-outs", Method: http.MethodGet, Path: "/v1/opt-outs.csv", Tags: []string{"opt-outs"},
		Summary: "The whole list as CSV", Responses: export,
	})
	h.api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "import-opt-outs", Method: http.MethodPost, Path: "/v1/opt-outs.csv", Tags: []string{"opt-outs"},
		Summary: "Put the numbers of a CSV file on the list",
		Description: "The columns are number and, where it is there, sender; commas or semicolons. A line that begins with # is a comment. " +
			"A line without a number is told apart and stops nothing.",
		Parameters: []*huma.Param{{
			Name: "dry_run", In: "query", Description: "true: tell what would be added, and add nothing", Schema: &huma.Schema{Type: huma.TypeBoolean},
		}},
		RequestBody: &huma.RequestBody{Required: true, Content: file()},
		Responses:   h.answers(http.StatusOK, ImportAnswer{}, 400, 413),
	})
}

type optOutsInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Cursor string `query:"cursor" doc:"the next of the page before"`
}

type optOutsOutput struct{ Body *OptOutList }

func (h *Handler) optOuts(ctx context.Context, in *optOutsInput) (*optOutsOutput, error) {
	q := gateway.OptOutQuery{Account: callerOf(ctx).Account, Limit: in.Limit}
	if in.Cursor != "" {
		q.After = sms.Number("+" + in.Cursor)
		if strings.Trim(in.Cursor, "0123456789") != "" {
			return nil, badCursor()
		}
	}
	found, more, err := h.Reader.OptOuts(ctx, q)
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

func (h *Handler) optOut(ctx context.Context, in *optOutInput) (*optOutOutput, error) {
	account := callerOf(ctx).Account
	n, err := h.handset("number", in.Number, account)
	if err != nil {
		return nil, err
	}
	return h.optOutState(ctx, account, n)
}

func (h *Handler) optOutState(ctx context.Context, account string, n sms.Number) (*optOutOutput, error) {
	entries, changes, err := h.Reader.OptOutProofs(ctx, account, n)
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

func optOutOf(o *gateway.OptOut) OptOut {
	return OptOut{Number: o.Number, Sender: o.Sender, Source: o.Source, Since: o.Since.UTC(), Provisional: o.Provisional}
}

func proofOf(c *gateway.OptOutChange) OptOutProof {
	data := c.Data()
	p := OptOutProof{
		Change: "removed", Sender: c.Sender, Source: c.Source, Actor: c.Actor, Message: data.Message, Inbound: data.Inbound,
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

var optOutKeys = keysOf(reflect.TypeFor[OptOutRequest]())

func (h *Handler) addOptOut(ctx context.Context, in *addOptOutInput) (*optOutOutput, error) {
	var r OptOutRequest
	if len(bytes.TrimSpace(in.RawBody)) > 0 {
		if err := decode(in.RawBody, &r, optOutKeys); err != nil {
			return nil, h.fail(err, in.RawBody)
		}
	}
	if utf8.RuneCountInString(r.Reason) > maxReason {
		return nil, refuse(in.RawBody, "reason_too_long", "/reason", fmt.Sprintf("The reason is longer than %d characters.", maxReason))
	}
	return h.changeOptOut(ctx, in.Number, gateway.OptOutChange{Added: true, Sender: sms.Sender(r.Sender), Note: r.Reason})
}

// maxReason is the longest reason of a change, in characters.
const maxReason = 255

type removeOptOutInput struct {
	Number string `path:"number" doc:"written as in a submission; + is %2B"`
	Sender string `query:"sender" doc:"this sender alone; absent: every sender"`
	Reason string `query:"reason" maxLength:"255" doc:"kept with the proof"`
}

func (h *Handler) removeOptOut(ctx context.Context, in *removeOptOutInput) (*optOutOutput, error) {
	return h.changeOptOut(ctx, in.Number, gateway.OptOutChange{Sender: sms.Sender(in.Sender), Note: in.Reason})
}

// changeOptOut makes one change; the same change again changes nothing.
func (h *Handler) changeOptOut(ctx context.Context, written string, c gateway.OptOutChange) (*optOutOutput, error) {
	caller := callerOf(ctx)
	var err error
	if c.Number, err = h.handset("number", written, caller.Account); err != nil {
		return nil, err
	}
	c.Account, c.Source, c.Actor = caller.Account, gateway.FromAPI, "api:"+caller.Name
	if _, err := h.Gateway.ChangeOptOuts(ctx, []gateway.OptOutChange{c}); err != nil {
		return nil, h.fail(err, nil)
	}
	return h.optOutState(ctx, caller.Account, c.Number)
}

// csvHead is the first line of an export, and what an import understands.
var csvHead = []string{"number", "sender", "source", "since", "provisional"}

// exportOptOuts writes the whole list as CSV (RFC 4180), page by page.
func (h *Handler) exportOptOuts(w http.ResponseWriter, r *http.Request) {
	const page = 1000
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="opt-outs.csv"`)
	out := csv.NewWriter(w)
	out.Write(csvHead) //nolint:errcheck // Flush tells
	q := gateway.OptOutQuery{Account: callerOf(r.Context()).Account, Limit: page}
	for more := true; more; {
		var found []gateway.OptOut
		var err error
		if found, more, err = h.Reader.OptOuts(r.Context(), q); err != nil {
			h.Log.Error("an export of opt-outs broke off", "error", err)
			panic(http.ErrAbortHandler) // the caller must see that it is not whole
		}
		for _, o := range found {
			out.Write([]string{string(o.Number), string(o.Sender), string(o.Source), o.Since.UTC().Format(time.RFC3339), yesOrEmpty(o.Provisional)}) //nolint:errcheck // Flush tells
			q.After = o.Number
		}
		if out.Flush(); out.Error() != nil {
			return
		}
	}
}

func yesOrEmpty(on bool) string {
	if on {
		return "yes"
	}
	return ""
}

// importOptOuts reads CSV: one number a line, with a head that names the
// columns or without one. Lines that name no number are told apart and stop
// nothing.
func (h *Handler) importOptOuts(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		p := problem(http.StatusBadRequest, "body_cut", "The body ended before its announced length, or its chunks are malformed.")
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			p = bodyTooLarge()
		}
		p.write(w)
		return
	}
	caller := callerOf(r.Context())
	changes, answer, p := readImport(body, h.Gateway.Region(caller.Account))
	if p != nil {
		p.write(w)
		return
	}
	for i := range changes {
		changes[i].Account, changes[i].Source, changes[i].Actor = caller.Account, gateway.FromImport, "api:"+caller.Name
	}
	load := h.Gateway.ChangeOptOuts
	switch dry := r.URL.Query().Get("dry_run"); dry {
	case "", "false":
	case "true":
		load = h.missingOptOuts
	default:
		problem(http.StatusUnprocessableEntity, "invalid_parameter", "dry_run: want true or false.").at(Fault{Field: "dry_run"}).write(w)
		return
	}
	if answer.Added, err = load(r.Context(), changes); err != nil {
		h.fail(err, nil).write(w)
		return
	}
	answer.Known = len(changes) - answer.Added
	encoded, err := encode(answer)
	if err != nil {
		h.fail(err, nil).write(w)
		return
	}
	w.Header().Set("Content-Type", jsonType)
	w.Write(encoded) //nolint:errcheck // the client may have gone
}

// missingOptOuts counts the changes that would add something. It reads the whole
// list of the account.
func (h *Handler) missingOptOuts(ctx context.Context, changes []gateway.OptOutChange) (missing int, err error) {
	type entry struct {
		number sms.Number
		sender sms.Sender
	}
	known := map[entry]bool{}
	q := gateway.OptOutQuery{Account: callerOf(ctx).Account, Limit: 1000}
	for more := true; more; {
		var found []gateway.OptOut
		if found, more, err = h.Reader.OptOuts(ctx, q); err != nil {
			return 0, h.unread(err)
		}
		for _, o := range found {
			known[entry{o.Number, o.Sender}] = true
			q.After = o.Number
		}
	}
	for _, c := range changes {
		if e := (entry{c.Number, c.Sender}); !known[e] {
			known[e] = true
			missing++
		}
	}
	return missing, nil
}

// readImport understands commas and semicolons, and a byte order mark, as
// spreadsheets write them.
func readImport(body []byte, region string) ([]gateway.OptOutChange, *ImportAnswer, *Problem) {
	body, err := plaintext.Decode(body)
	if err != nil {
		return nil, nil, problem(http.StatusBadRequest, "body_not_utf8", "The file cannot be read: "+err.Error()+".")
	}
	if start := bytes.TrimSpace(body); len(start) > 0 {
		if what := plaintext.Other(plaintext.CSV, start); what != "" {
			return nil, nil, problem(http.StatusUnprocessableEntity, "csv_invalid", what).at(Fault{})
		}
	}
	in := csv.NewReader(bytes.NewReader(body))
	in.FieldsPerRecord, in.TrimLeadingSpace, in.Comment = -1, true, '#'
	if first, _, _ := bytes.Cut(body, []byte("\n")); bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		in.Comma = ';'
	}
	answer := &ImportAnswer{Refused: []RefusedNumber{}}
	var changes []gateway.OptOutChange
	numberAt, senderAt := 0, -1
	for first := true; ; first = false {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return changes, answer, nil
		}
		if err != nil {
			return nil, nil, badCSV(err)
		}
		if first {
			if n, s, head := columns(record); head {
				numberAt, senderAt = n, s
				continue
			}
		}
		line, _ := in.FieldPos(0)
		if numberAt >= len(record) {
			answer.Refused = append(answer.Refused, RefusedNumber{Line: line, Code: "number_missing", Detail: "The line has no such column."})
			continue
		}
		parsed, err := number.Every.Parse(record[numberAt], region)
		if err != nil {
			answer.Refused = append(answer.Refused, RefusedNumber{Line: line, Number: record[numberAt], Code: numberCode(err), Detail: detailOf(err)})
			continue
		}
		c := gateway.OptOutChange{Number: parsed.Number, Added: true}
		if senderAt >= 0 && senderAt < len(record) {
			c.Sender = sms.Sender(record[senderAt])
		}
		changes = append(changes, c)
	}
}

func badCSV(err error) *Problem {
	p := problem(http.StatusUnprocessableEntity, "csv_invalid", "The file is no CSV: a quote is opened and not closed, or stands inside a field.")
	if e, ok := errors.AsType[*csv.ParseError](err); ok {
		p = p.at(Fault{Line: e.Line, Column: e.Column, Detail: p.Detail})
	}
	return p
}

// columns finds the columns of a head: a line without a digit.
func columns(record []string) (numberAt, senderAt int, head bool) {
	if strings.ContainsAny(strings.Join(record, ""), "0123456789") {
		return 0, -1, false
	}
	senderAt = -1
	for i, name := range record {
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "sender", "emetteur", "émetteur":
			senderAt = i
		default:
			if number.Heading(name) {
				numberAt = i
			}
		}
	}
	return numberAt, senderAt, true
}

func numberCode(err error) string {
	if e, ok := errors.AsType[*number.Error](err); ok {
		return e.Code
	}
	return "number_unreadable"
}
