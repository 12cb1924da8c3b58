package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/gateway"
	"relais/reason"
)

// batchGateway takes several messages at once.
type batchGateway interface {
	SubmitBatch(ctx context.Context, b gateway.Batch, answer func([]gateway.Outcome) ([]byte, error)) (
		*gateway.BatchResult, error,
	)
	MostRecipients() int
	Currency() string
}

// batches sends several messages in one request.
type batches struct {
	failures
	intake  *intake
	gateway batchGateway
}

// BatchRequest is several messages in one request.
type BatchRequest struct {
	Messages []SubmitRequest `json:"messages" minItems:"1" maxItems:"1000" doc:"each as in POST /v1/messages; at most 10,000 recipients in all"`
}

// BatchAnswer is what became of each message of a batch.
type BatchAnswer struct {
	Items []BatchItem `json:"items" doc:"one for each message, in the order asked"`
}

// BatchItem is what became of one message of a batch, as if it had come alone.
type BatchItem struct {
	Messages []Message     `json:"messages" doc:"accepted, in the order asked"`
	Rejected []Refused     `json:"rejected" doc:"recipients that get no message"`
	Warnings []Warning     `json:"warnings" doc:"what to know that stopped nothing"`
	Problem  *BatchProblem `json:"problem,omitempty" doc:"why nothing of it was stored; absent: something was"`
}

// BatchProblem is a refusal of one message of a batch.
type BatchProblem struct {
	Status     int          `json:"status" doc:"the HTTP status that it would have had alone"`
	Code       string       `json:"code" doc:"stable word for programs"`
	Title      string       `json:"title" doc:"what the code means"`
	Detail     string       `json:"detail" doc:"what is wrong here, and what would be right"`
	RetryAfter int          `json:"retry_after,omitempty" doc:"seconds after which it may be sent again; absent: sending it again does not help"`
	Errors     []FieldError `json:"errors,omitempty" doc:"the values at fault"`
}

func (h *batches) register(r *router) {
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	huma.Register(r.api, huma.Operation{
		OperationID: "submit-batch", Method: http.MethodPost, Path: "/v1/batches", Tags: []string{"messages"},
		Summary: "Send up to 1,000 different messages",
		Description: "Each message is judged for itself, as if they came one after the other, and gets an " +
			"answer of its own, in order. What is acceptable is stored at once: all of it, or nothing. 202 " +
			"when something was, 422 when nothing was. With an Idempotency-Key, one for the whole, the " +
			"same request may be sent again and gives the same answer.",
		DefaultStatus: http.StatusAccepted, MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout,
		SkipValidateBody: true, RequestBody: body,
		Responses: r.answers(http.StatusAccepted, BatchAnswer{}, 400, 408, 409, 413, 415, 429),
	}, h.submit)
	r.describe(body, BatchRequest{}, map[string]any{"messages": []map[string]any{
		{"to": "+33639980001", "text": "Your appointment is on Monday at 9.", "reference": "appointment-7"},
		{"to": "+33639980002", "text": "Your appointment is on Monday at 10.", "reference": "appointment-8"},
	}})
}

func (h *batches) submit(ctx context.Context, in *submitInput) (*encoded, error) {
	entries, err := batchEntriesOf(in.RawBody)
	if err == nil {
		err = h.checkBatch(entries)
	}
	if err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	b := &batch{
		batches: h, body: in.RawBody, languages: in.Languages, entries: entries,
		items: make([]BatchItem, len(entries)),
	}
	if err := b.read(ctx); err != nil {
		return nil, h.fail(err, nil)
	}
	wanted := gateway.Batch{Account: callerOf(ctx).Account, Submissions: b.submissions}
	if in.Key != "" {
		if wanted.Key, err = idempotencyKey(in.Key, in.RawBody); err != nil {
			return nil, err
		}
	}
	result, err := h.gateway.SubmitBatch(ctx, wanted, b.encode)
	if err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	if result.Replay != nil {
		return &encoded{ContentType: jsonType, Replayed: "true", Body: result.Replay}, nil
	}
	answer, err := b.encode(result.Outcomes)
	if err != nil {
		return nil, h.fail(err, nil)
	}
	if result.Accepted() == 0 {
		return nil, b.nothing()
	}
	return &encoded{ContentType: jsonType, Body: answer}, nil
}

// batch is a request with several messages on its way.
type batch struct {
	batches     *batches
	body        []byte
	languages   string
	entries     []entry
	submissions []gateway.Submission // of the entries that could be read
	at          []int                // the entry of each submission
	items       []BatchItem
}

// entry is one message in the body of a batch.
type entry struct {
	json []byte
	spot
	request    SubmitRequest
	unreadable *refusal
}

// spot is somewhere in a body: bytes from 0, lines and characters from 1.
type spot struct{ offset, line, column int }

// to moves the spot ahead to an offset.
func (p spot) to(body []byte, offset int) spot {
	between := body[p.offset:offset]
	if lines := bytes.Count(between, []byte("\n")); lines > 0 {
		return spot{
			offset, p.line + lines, 1 + utf8.RuneCount(between[bytes.LastIndexByte(between, '\n')+1:]),
		}
	}
	return spot{offset, p.line, p.column + utf8.RuneCount(between)}
}

// in turns a fault within an entry into one within the whole body.
func (p spot) in(f FieldError, index int) FieldError {
	f.Field = "/messages/" + strconv.Itoa(index) + f.Field
	if f.Position == 0 {
		f.Position, f.Line, f.Column = p.offset+1, p.line, p.column
		return f
	}
	f.Position += p.offset
	if f.Line == 1 {
		f.Column += p.column - 1
	}
	f.Line += p.line - 1
	return f
}

var batchKeys = func() jsonbody.Keys {
	keys := jsonbody.KeysOf(reflect.TypeFor[BatchRequest]())
	keys.Hint = func(key string) (why reason.Reason, known bool) {
		return reason.Of(sayFieldMessage, nil), submitKeys.Has(key)
	}
	return keys
}()

// batchEntriesOf parts the body of a batch, and reads each of its messages. The error is a
// *Problem with the whole.
func batchEntriesOf(body []byte) ([]entry, error) {
	var whole struct {
		Messages []json.RawMessage `json:"messages"`
	}
	if f := jsonbody.DecodeObject(body, &whole, batchKeys); f != nil {
		return nil, misread(f)
	}
	entries := make([]entry, 0, len(whole.Messages))
	d := json.NewDecoder(bytes.NewReader(body))
	d.Token() //nolint:errcheck // it was decoded before: this pass finds where things are
	here, seen := spot{line: 1, column: 1}, false
	for d.More() {
		keyAt := nextAt(d, body, " \t\r\n,")
		key, _ := d.Token()
		switch {
		case key != batchKeys.Names[0]: // encoding/json takes another case too
			name := key.(string)
			at := jsonbody.PlaceAt(body, keyAt, jsonbody.Pointer(name))
			return nil, misread(batchKeys.Unknown(name, at))
		case seen:
			return nil, misread(jsonbody.Twice(jsonbody.PlaceAt(body, keyAt, "/messages")))
		}
		seen = true
		if open, _ := d.Token(); open != json.Delim('[') {
			return nil, refuse(body, "/messages",
				reason.Of(sayList, reason.Args{"field": reason.Name("/messages")}))
		}
		for i := 0; d.More(); i++ {
			here = here.to(body, nextAt(d, body, " \t\r\n,"))
			var raw json.RawMessage
			d.Decode(&raw) //nolint:errcheck // it was decoded before
			entries = append(entries, readEntry(raw, here, i))
		}
		d.Token() //nolint:errcheck // it was decoded before
	}
	return entries, nil
}

// nextAt is the offset of the next token.
func nextAt(d *json.Decoder, body []byte, between string) int {
	rest := body[d.InputOffset():]
	return len(body) - len(bytes.TrimLeft(rest, between))
}

func readEntry(raw []byte, at spot, index int) entry {
	e := entry{json: raw, spot: at}
	if raw[0] != '{' {
		why := reason.Of(sayEntry, reason.Args{"index": reason.Count(index)})
		e.unreadable = refusalFor(http.StatusUnprocessableEntity, why).at(FieldError{})
		return e
	}
	if p, bad := errors.AsType[*refusal](decode(raw, &e.request, submitKeys)); bad {
		e.unreadable = p
	}
	return e
}

// checkBatch refuses what is too much, or nothing.
func (h *batches) checkBatch(entries []entry) error {
	if len(entries) == 0 {
		return refusalOf(http.StatusUnprocessableEntity, codeBatchEmpty).at(FieldError{Field: "/messages"})
	}
	if len(entries) > gateway.MaxBatch {
		return refusalFor(http.StatusUnprocessableEntity, reason.Of(codeBatchTooLarge, reason.Args{
			"messages": reason.Count(len(entries)), "most": reason.Count(gateway.MaxBatch),
		})).at(entries[gateway.MaxBatch].in(FieldError{}, gateway.MaxBatch))
	}
	recipients, most := 0, h.gateway.MostRecipients()
	for i := range entries {
		recipients += len(entries[i].request.To)
		if recipients > most {
			return refusalFor(http.StatusUnprocessableEntity, reason.Of(sayBatchRecipients, reason.Args{
				"messages": reason.Count(i + 1), "recipients": reason.Count(recipients),
				"most": reason.Count(most),
			})).at(entries[i].in(FieldError{Field: "/to"}, i))
		}
	}
	return nil
}

// read makes a submission of each entry. What is wrong with one stands in its item; the
// error is for all of them.
func (b *batch) read(ctx context.Context) error {
	for i := range b.entries {
		e := &b.entries[i]
		if e.unreadable != nil {
			b.refuse(i, e.unreadable)
			continue
		}
		s, webhookURL, err := e.request.submission(e.json)
		if err == nil {
			err = b.batches.intake.complete(ctx, &s, webhookURL, e.json, true)
		}
		p, refused := errors.AsType[*refusal](err)
		switch {
		case err == nil:
			b.submissions, b.at = append(b.submissions, s), append(b.at, i)
		case refused && p.status < http.StatusInternalServerError:
			b.refuse(i, p)
		default:
			return err
		}
	}
	return nil
}

func (b *batch) refuse(index int, refused *refusal) {
	p := refused.in(reason.Match(b.languages))
	shown := &BatchProblem{
		Status: p.Status, Code: p.Code, Title: p.Title, Detail: inEntry(p.Detail, p.Errors, index),
	}
	if refused.retryAfter != "" {
		shown.RetryAfter, _ = strconv.Atoi(refused.retryAfter)
	}
	for _, f := range p.Errors {
		f.Detail = inEntry(f.Detail, p.Errors, index)
		shown.Errors = append(shown.Errors, b.entries[index].in(f, index))
	}
	rejected := p.Rejected
	if rejected == nil {
		rejected = []Refused{}
	}
	b.items[index] = BatchItem{
		Messages: []Message{}, Rejected: rejected, Warnings: []Warning{}, Problem: shown,
	}
}

// inEntry moves the place of a field, with which a sentence begins, from the entry to the
// whole body.
func inEntry(detail string, faults []FieldError, index int) string {
	for _, f := range faults {
		if strings.HasPrefix(f.Field, "/") && strings.HasPrefix(detail, f.Field) {
			return "/messages/" + strconv.Itoa(index) + detail
		}
	}
	return detail
}

// encode writes the answer. What is stored for the key is in the language of the first
// request.
func (b *batch) encode(outcomes []gateway.Outcome) ([]byte, error) {
	for n := range outcomes {
		i := b.at[n]
		if refusal := outcomes[n].Refusal; refusal != nil {
			b.refuse(i, b.batches.fail(refusal, b.entries[i].json))
			continue
		}
		answer := submitAnswerOf(outcomes[n].Result, b.batches.gateway.Currency(), reason.Match(b.languages))
		b.items[i] = BatchItem{
			Messages: answer.Messages, Rejected: answer.Rejected, Warnings: answer.Warnings,
		}
	}
	return encode(&BatchAnswer{Items: b.items})
}

// nothing is the answer when no message was accepted. It says when to come again if that
// would help each of them.
func (b *batch) nothing() *refusal {
	wait := b.items[0].Problem.RetryAfter
	for i := range b.items {
		if wait = min(wait, b.items[i].Problem.RetryAfter); wait == 0 {
			break
		}
	}
	p := refusalOf(http.StatusUnprocessableEntity, codeBatchRefused)
	if wait > 0 {
		p.status, p.retryAfter = http.StatusTooManyRequests, strconv.Itoa(wait)
	}
	p.items = b.items
	return p
}
