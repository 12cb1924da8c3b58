package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/gateway"
	"relais/number"
	"relais/sms"
	"relais/webhook"
)

func (h *Handler) registerMessages() {
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	previewed := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	huma.Register(h.api, huma.Operation{
		OperationID: "submit", Method: http.MethodPost, Path: "/v1/messages", Tags: []string{"messages"},
		Summary:     "Send one text to one or many recipients",
		Description: "Each recipient becomes a message with a life of its own. 202 means that they are on disk. With an Idempotency-Key the same request may be sent again and gives the same answer.",
		// The library refuses a body that is as large as its limit.
		DefaultStatus: http.StatusAccepted, MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, RequestBody: body,
		Responses: h.answers(http.StatusAccepted, SubmitAnswer{}, 400, 408, 409, 413, 415, 429),
	}, h.submit)
	huma.Register(h.api, huma.Operation{
		OperationID: "preview", Method: http.MethodPost, Path: "/v1/messages/preview", Tags: []string{"messages"},
		Summary:      "What would happen to a message, and why",
		Description:  "Takes the body of a submission, and at, the moment of which it tells; it stores nothing. The decisions are those that the timeline would show later.",
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, RequestBody: previewed,
		Responses: h.answers(http.StatusOK, PreviewAnswer{}, 400, 408, 413, 415),
	}, h.preview)
	h.describeBody(body, SubmitRequest{})
	h.describeBody(previewed, PreviewRequest{})
	huma.Register(h.api, huma.Operation{
		OperationID: "message", Method: http.MethodGet, Path: "/v1/messages/{id}", Tags: []string{"messages"},
		Summary: "A message with its timeline", Responses: h.answers(http.StatusOK, MessageWithTimeline{}, 404),
	}, h.message)
	huma.Register(h.api, huma.Operation{
		OperationID: "messages", Method: http.MethodGet, Path: "/v1/messages", Tags: []string{"messages"},
		Summary: "Search messages, newest first", Responses: h.answers(http.StatusOK, MessageList{}),
	}, h.messages)
	huma.Register(h.api, huma.Operation{
		OperationID: "cancel", Method: http.MethodPost, Path: "/v1/messages/{id}/cancel", Tags: []string{"messages"},
		Summary:     "Cancel a message that waits",
		Description: "Only a queued message can be canceled; later it may already be at the operator.",
		Responses:   h.answers(http.StatusOK, MessageWithTimeline{}, 404, 409),
	}, h.cancel)
	h.registerResolve()
}

// describeBody says what is in the body that submit and preview decode
// themselves. It must come after their registration, which calls it binary.
func (h *Handler) describeBody(body *huma.RequestBody, request any) {
	h.describe(body, request, map[string]any{
		"to": []string{"+33639980001", "06 39 98 00 02"}, "text": "Your appointment is on Monday at 9.",
		"class": "transactional", "reference": "appointment-7",
	})
}

func (h *Handler) describe(body *huma.RequestBody, request any, example map[string]any) {
	body.Content[jsonType] = &huma.MediaType{
		Schema: h.api.OpenAPI().Components.Schemas.Schema(typeOf(request), true, ""), Example: example,
	}
}

// noContent describes an operation whose success says nothing.
func (h *Handler) noContent(problems ...int) map[string]*huma.Response {
	answers := h.answers(http.StatusOK, struct{}{}, problems...)
	delete(answers, statusText(http.StatusOK))
	answers[statusText(http.StatusNoContent)] = &huma.Response{Description: http.StatusText(http.StatusNoContent)}
	return answers
}

// answers describes what an operation answers: its success and its problems.
func (h *Handler) answers(success int, example any, problems ...int) map[string]*huma.Response {
	schemas := h.api.OpenAPI().Components.Schemas
	answers := map[string]*huma.Response{statusText(success): {
		Description: http.StatusText(success),
		Content:     map[string]*huma.MediaType{"application/json": {Schema: schemas.Schema(typeOf(example), true, "")}},
	}}
	for _, status := range append(problems, 400, 401, 422, 500, 503) { // a body, a key, a parameter, a failure, no database
		answers[statusText(status)] = &huma.Response{
			Description: http.StatusText(status),
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: schemas.Schema(typeOf(Problem{}), true, "")}},
		}
		if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
			answers[statusText(status)].Headers = map[string]*huma.Header{"Retry-After": {
				Description: "seconds to wait", Schema: &huma.Schema{Type: huma.TypeInteger},
			}}
		}
	}
	return answers
}

type submitInput struct {
	Languages string `header:"Accept-Language" doc:"fr gives sentences for people in French"`
	Key       string `header:"Idempotency-Key" doc:"1 to 255 visible ASCII characters; kept for 7 days"`
	RawBody   []byte `contentType:"application/json"`
}

// encoded is an answer that is encoded already.
type encoded struct {
	ContentType string `header:"Content-Type"`
	Replayed    string `header:"Idempotency-Replayed"`
	Body        []byte
}

const jsonType = "application/json"

func (h *Handler) submit(ctx context.Context, in *submitInput) (*encoded, error) {
	s, webhookURL, err := submissionOf(in.RawBody)
	if err == nil {
		err = h.submission(ctx, &s, webhookURL, in.RawBody, true)
	}
	if err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	if in.Key != "" {
		if s.Key, err = idempotencyKey(in.Key, in.RawBody); err != nil {
			return nil, err
		}
	}
	encodeSubmit := encodeSubmitIn(french(in.Languages), h.Gateway.Currency())
	result, err := h.Gateway.Submit(ctx, s, encodeSubmit)
	if err != nil {
		return nil, h.fail(speak(err, in.Languages), in.RawBody)
	}
	if result.Replay != nil {
		return &encoded{ContentType: jsonType, Replayed: "true", Body: result.Replay}, nil
	}
	body, err := encodeSubmit(result)
	if err != nil {
		return nil, h.fail(err, nil)
	}
	return &encoded{ContentType: jsonType, Body: body}, nil
}

// encodeSubmitIn encodes the answer in a language. What is stored with the messages
// keeps both.
func encodeSubmitIn(french bool, currency string) func(*gateway.Result) ([]byte, error) {
	return func(r *gateway.Result) ([]byte, error) { return encode(submitAnswerIn(french, r, currency)) }
}

func submitAnswerIn(french bool, r *gateway.Result, currency string) *SubmitAnswer {
	if !french {
		return submitAnswerOf(r, currency)
	}
	answer := gateway.Result{
		Messages: slices.Clone(r.Messages), Warnings: slices.Clone(r.Warnings), Rejected: slices.Clone(r.Rejected),
	}
	inFrench(&answer)
	return submitAnswerOf(&answer, currency)
}

// speak gives the sentences of a refusal in the caller's language.
func speak(err error, languages string) error {
	if e, ok := errors.AsType[*gateway.Error](err); ok && french(languages) {
		e.Detail = either(e.French, e.Detail)
		refusalsInFrench(e.Rejected)
	}
	return err
}

// encode writes JSON that people can read: & and < stay as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// submission completes what a body asked for; with store the webhook that it names is
// registered.
func (h *Handler) submission(ctx context.Context, s *gateway.Submission, webhookURL string, body []byte, store bool) error {
	caller := callerOf(ctx)
	s.Account, s.Actor = caller.Account, "api:"+caller.Name
	if webhookURL == "" {
		return nil
	}
	if err := webhook.CheckURL(webhookURL, h.Webhooks.Policy); err != nil {
		return refuse(body, "webhook_url_invalid", "/webhook_url", err.Detail)
	}
	if !store {
		return nil
	}
	var err error
	if s.Endpoint, err = h.Webhooks.ForRequest(ctx, caller.Account, webhookURL); err != nil {
		return h.noWebhook(err, body)
	}
	return nil
}

func idempotencyKey(key string, body []byte) (*gateway.IdempotencyKey, error) {
	const longest = 255
	valid := len(key) <= longest
	for _, c := range []byte(key) {
		valid = valid && c > ' ' && c < 0x7f
	}
	if !valid {
		return nil, badIdempotencyKey()
	}
	return &gateway.IdempotencyKey{Key: key, Request: sha256.Sum256(body)}, nil
}

func badIdempotencyKey() *Problem {
	return problem(http.StatusUnprocessableEntity, "idempotency_key_invalid",
		"The Idempotency-Key must be 1 to 255 visible ASCII characters, once.").at(Fault{Field: "Idempotency-Key"})
}

type previewInput struct {
	Languages string `header:"Accept-Language" doc:"fr gives sentences for people in French"`
	RawBody   []byte `contentType:"application/json"`
}

type previewOutput struct{ Body *PreviewAnswer }

func (h *Handler) preview(ctx context.Context, in *previewInput) (*previewOutput, error) {
	s, webhookURL, at, err := previewOf(in.RawBody)
	if err == nil {
		err = h.submission(ctx, &s, webhookURL, in.RawBody, false)
	}
	if err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	result, err := h.Gateway.Preview(ctx, s, at)
	if err != nil {
		return nil, h.fail(speak(err, in.Languages), in.RawBody)
	}
	for i := range result.Messages {
		d := &result.Messages[i]
		d.Decisions = slices.Concat(reading(d.To, d.Decisions), result.Common, d.Decisions)
	}
	if french(in.Languages) {
		inFrench(result)
	}
	return &previewOutput{previewAnswerOf(result, h.Gateway.Currency())}, nil
}

type idInput struct {
	Languages string `header:"Accept-Language" doc:"fr gives sentences for people in French"`
	ID        string `path:"id" doc:"the message's id"`
}

type messageOutput struct{ Body *MessageWithTimeline }

func (h *Handler) message(ctx context.Context, in *idInput) (*messageOutput, error) {
	m, err := h.find(ctx, in.ID)
	if err != nil {
		return nil, h.unread(err)
	}
	return h.withTimeline(ctx, m, in.Languages)
}

func (h *Handler) find(ctx context.Context, text string) (sms.Message, error) {
	id, err := sms.ParseID(text)
	if err != nil {
		return sms.Message{}, gateway.ErrNotFound // what is no id of ours names no message
	}
	return h.Reader.Message(ctx, callerOf(ctx).Account, id)
}

func (h *Handler) withTimeline(ctx context.Context, m sms.Message, languages string) (*messageOutput, error) {
	events, decisions, err := h.Reader.Timeline(ctx, m.Account, m.ID)
	if err != nil {
		return nil, h.unread(err)
	}
	decisions = slices.Concat(reading(m.To, decisions), decisions)
	if french(languages) {
		decisions, events = decisionsInFrench(decisions), h.Gateway.EventsInFrench(&m, events)
	}
	return &messageOutput{&MessageWithTimeline{Message: messageOf(&m, h.Gateway.Currency()), Notice: h.notice(&m, languages), Decisions: decisionsOf(decisions), Timeline: eventsOf(events)}}, nil
}

// notice says what keeps a message that waits, or is in doubt, from going on by
// itself.
func (h *Handler) notice(m *sms.Message, languages string) string {
	if h.Gateway.HasConnector(m.Connector) {
		return ""
	}
	words, known := connectorless[m.Status]
	if !known {
		return ""
	}
	if french(languages) {
		return fmt.Sprintf(words[1], m.Connector, m.ID)
	}
	return fmt.Sprintf(words[0], m.Connector, m.ID)
}

// connectorless says in English and French what a person can do about a message
// whose connector is not configured.
var connectorless = map[sms.Status][2]string{
	sms.Queued: {
		"No connector %[1]s is configured: it waits until there is one, or until its validity ends. " +
			"relais connectors reassign %[1]s NAME gives it to another.",
		"Aucun connecteur %[1]s n'est configuré : il attend qu'il y en ait un, ou que sa validité finisse. " +
			"relais connectors reassign %[1]s NOM le donne à un autre.",
	},
	sms.Uncertain: {
		"No connector %[1]s is configured: nobody can ask its operator whether it has the message. " +
			"Look there, and decide: relais resolve %[2]s taken, not_taken or given_up.",
		"Aucun connecteur %[1]s n'est configuré : personne ne peut demander à son opérateur s'il a le message. " +
			"Regardez chez lui, et décidez : relais resolve %[2]s taken, not_taken ou given_up.",
	},
}

func isConflict(err error) bool {
	e, ok := errors.AsType[*gateway.Error](err)
	return ok && e.Kind == gateway.Conflict
}

func (h *Handler) cancel(ctx context.Context, in *idInput) (*messageOutput, error) {
	const most = 3 // a lane had it since it was read, and put it back
	for tries := 1; ; tries++ {
		m, err := h.find(ctx, in.ID)
		if err != nil {
			return nil, h.unread(err)
		}
		err = h.Gateway.Cancel(ctx, m, "api:"+callerOf(ctx).Name)
		if err == nil {
			return h.message(ctx, in)
		}
		conflict := m.Status == sms.Queued && isConflict(err)
		if !conflict || tries == most {
			return nil, h.fail(speak(err, in.Languages), nil)
		}
	}
}

type searchInput struct {
	To        string     `query:"to" doc:"a number, written as in a submission"`
	Status    sms.Status `query:"status" enum:"queued,submitting,uncertain,submitted,delivered,undelivered,expired,rejected,canceled"`
	Class     sms.Class  `query:"class" enum:"otp,transactional,marketing"`
	Connector string     `query:"connector"`
	Reference string     `query:"reference"`
	Metadata  string     `query:"metadata" doc:"one key of the metadata and its value, key:value, or without doubt as JSON; since bounds the time that it takes" example:"counter:appointments"`
	Since     time.Time  `query:"since" doc:"accepted at this time or later"`
	Until     time.Time  `query:"until" doc:"accepted before this time"`
	Limit     int        `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Cursor    string     `query:"cursor" doc:"the next of the page before"`
}

type searchOutput struct{ Body *MessageList }

func (h *Handler) messages(ctx context.Context, in *searchInput) (*searchOutput, error) {
	account := callerOf(ctx).Account
	q := gateway.Query{
		Account: account, Status: in.Status, Class: in.Class, Connector: in.Connector, Reference: in.Reference,
		Since: in.Since, Until: in.Until, Limit: in.Limit,
	}
	var err error
	if in.To != "" {
		if q.To, err = h.handset("to", in.To, account); err != nil {
			return nil, err
		}
		q.Hidden = h.Gateway.Pseudonym(ctx, account, q.To)
	}
	if in.Metadata != "" {
		var ok bool
		if q.Metadata, ok = gateway.ParseMetadata(in.Metadata); !ok {
			return nil, badParameter("metadata", `Write key:value. A key or a value that holds a colon itself is certain as JSON: {"key":"value"}.`)
		}
	}
	if in.Cursor != "" {
		if q.Before, err = sms.ParseRef(in.Cursor); err != nil {
			return nil, badCursor()
		}
	}
	found, more, err := h.Reader.Search(ctx, q)
	if err != nil {
		return nil, h.unread(err)
	}
	list := &MessageList{Items: make([]Message, len(found))}
	for i := range found {
		list.Items[i] = messageOf(&found[i], h.Gateway.Currency())
	}
	if more {
		list.Next = found[len(found)-1].ID.Ref()
	}
	return &searchOutput{list}, nil
}

func detailOf(err error) string {
	if e, ok := errors.AsType[*number.Error](err); ok {
		return e.Detail
	}
	return err.Error()
}

func badParameter(name, detail string) *Problem {
	return problem(http.StatusUnprocessableEntity, "invalid_parameter", detail).at(Fault{Field: name})
}
