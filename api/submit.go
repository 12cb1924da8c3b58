package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/auth"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
	"relais/webhook"
)

// submitGateway takes messages.
type submitGateway interface {
	Submit(
		ctx context.Context, s gateway.Submission, answer func(*gateway.Result) ([]byte, error),
	) (*gateway.Result, error)
	Preview(ctx context.Context, s gateway.Submission, at time.Time) (*gateway.Result, error)
	Currency() string
}

// submissions sends a text, and previews it.
type submissions struct {
	failures
	intake  *intake
	gateway submitGateway
}

func (h *submissions) register(r *router) {
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	previewed := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	huma.Register(r.api, huma.Operation{
		OperationID: "submit", Method: http.MethodPost, Path: "/v1/messages", Tags: []string{"messages"},
		Summary: "Send one text to one or many recipients",
		Description: "Each recipient becomes a message with a life of its own. 202 means that they are on " +
			"disk. With an Idempotency-Key the same request may be sent again and gives the same answer.",
		DefaultStatus: http.StatusAccepted, SkipValidateBody: true, RequestBody: body,
		Responses:   r.answers(http.StatusAccepted, SubmitAnswer{}, 400, 408, 409, 413, 415, 429),
		Middlewares: huma.Middlewares{h.direct},
	}, h.submit)
	huma.Register(r.api, huma.Operation{
		OperationID: "preview", Method: http.MethodPost, Path: "/v1/messages/preview",
		Tags:    []string{"messages"},
		Summary: "What would happen to a message, and why",
		Description: "Takes the body of a submission, and at, the moment of which it tells; it stores " +
			"nothing. The decisions are those that the timeline would show later.",
		// The library refuses a body that is as large as its limit.
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true,
		RequestBody: previewed,
		Responses:   r.answers(http.StatusOK, PreviewAnswer{}, 400, 408, 413, 415),
	}, h.preview)
	describeSubmission(r, body, SubmitRequest{})
	describeSubmission(r, previewed, PreviewRequest{})
}

// describeSubmission says what is in the body that submit and preview decode
// themselves. It must come after their registration, which calls it binary.
func describeSubmission(r *router, body *huma.RequestBody, request any) {
	r.describe(body, request, map[string]any{
		"to": []string{"+33639980001", "06 39 98 00 02"}, "text": "Your appointment is on Monday at 9.",
		"class": "transactional", "reference": "appointment-7",
	})
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

func (h *submissions) submit(ctx context.Context, in *submitInput) (*encoded, error) {
	s, webhookURL, err := submissionOf(in.RawBody)
	if err == nil {
		err = h.intake.complete(ctx, &s, webhookURL, in.RawBody, true)
	}
	if err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	if in.Key != "" {
		if s.Key, err = idempotencyKey(in.Key, in.RawBody); err != nil {
			return nil, err
		}
	}
	encodeSubmit := encodeSubmitIn(reason.Match(in.Languages), h.gateway.Currency())
	result, err := h.gateway.Submit(ctx, s, encodeSubmit)
	if err != nil {
		return nil, h.fail(err, in.RawBody)
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

// encodeSubmitIn encodes the answer in a language.
func encodeSubmitIn(l reason.Language, currency string) func(*gateway.Result) ([]byte, error) {
	return func(r *gateway.Result) ([]byte, error) {
		if len(r.Rejected)+len(r.Warnings) == 0 {
			return appendAccepted(r, currency), nil
		}
		return encode(submitAnswerOf(r, currency, l))
	}
}

// encode writes JSON that people can read: & and < stay as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// endpointMaker registers the webhook that a request names.
type endpointMaker interface {
	ForRequest(ctx context.Context, account, url string) (sms.ID, error)
}

// intake completes what the body of a request asks for.
type intake struct {
	failures
	endpoints endpointMaker
	policy    webhook.Policy
}

// complete fills in what a body asked for; with store the webhook that it names is
// registered once the gateway takes the messages.
func (h *intake) complete(
	ctx context.Context, s *gateway.Submission, webhookURL string, body []byte, store bool,
) error {
	caller := callerOf(ctx)
	s.Account, s.Actor, s.Within = caller.Account, caller.Actor(), withinOf(caller)
	if webhookURL == "" {
		return nil
	}
	if err := webhook.CheckURL(webhookURL, h.policy); err != nil {
		return refuse(body, "/webhook_url", err.Reason)
	}
	if !store {
		return nil
	}
	s.Report = func(ctx context.Context) (sms.ID, error) {
		id, err := h.endpoints.ForRequest(ctx, caller.Account, webhookURL)
		if err != nil {
			return id, h.noWebhook(err, body)
		}
		return id, nil
	}
	return nil
}

// withinOf is what the key of a caller lets messages use.
func withinOf(caller auth.Key) gateway.Within {
	return gateway.Within{Connectors: caller.Limits.Connectors, Senders: caller.Limits.Senders}
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

func badIdempotencyKey() *refusal {
	return refusalOf(http.StatusUnprocessableEntity, codeKeyInvalid).at(FieldError{Field: "Idempotency-Key"})
}

type previewInput struct {
	Languages string `header:"Accept-Language" doc:"fr gives sentences for people in French"`
	RawBody   []byte `contentType:"application/json"`
}

type previewOutput struct{ Body *PreviewAnswer }

func (h *submissions) preview(ctx context.Context, in *previewInput) (*previewOutput, error) {
	s, webhookURL, at, err := previewOf(in.RawBody)
	if err == nil {
		err = h.intake.complete(ctx, &s, webhookURL, in.RawBody, false)
	}
	if err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	result, err := h.gateway.Preview(ctx, s, at)
	if err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	for i := range result.Messages {
		d := &result.Messages[i]
		d.Decisions = slices.Concat(reading(d.To, d.Decisions), result.Common, d.Decisions)
	}
	answer := previewAnswerOf(result, h.gateway.Currency(), reason.Match(in.Languages))
	return &previewOutput{answer}, nil
}
