package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/reason"
	"relais/webhook"
)

// RotateRequest says how long the secret before signs too.
type RotateRequest struct {
	Overlap string `json:"overlap,omitempty" required:"false" example:"24h" doc:"how long the secret that is replaced signs too, beside the new one: 0s to 168h; absent: 24h"`
}

// RotatedWebhook is an endpoint with its new secret.
type RotatedWebhook struct {
	Webhook
	Secret      string     `json:"secret" doc:"signs from now on; shown this once" example:"whsec_…"`
	FormerUntil *time.Time `json:"former_until,omitempty" doc:"until then the secret before signs too: webhook-signature has both; absent: it signs no more"`
}

// SecretAnswer is the account's secret for addresses that requests name.
type SecretAnswer struct {
	Secret      string     `json:"secret" example:"whsec_…" doc:"signs for addresses which webhook_url and rules name"`
	FormerUntil *time.Time `json:"former_until,omitempty" doc:"after a replacement: until then the secret before signs too; absent: it signs no more"`
}

// secretManager holds the secrets that sign.
type secretManager interface {
	SigningSecret(ctx context.Context, account string) (string, error)
	Rotate(
		ctx context.Context, r webhook.NewRotation,
	) (secret string, until time.Time, replayed bool, err error)
}

// secrets shows and replaces the secrets that sign.
type secrets struct {
	failures
	webhooks *webhooks
	manager  secretManager
}

func (h *secrets) register(r *router) {
	const about = "For the overlap each request is signed with both secrets, as Standard Webhooks allows: " +
		"receivers change from one to the other when they like. With an Idempotency-Key the same request " +
		"may be sent again and gives the same secret."
	huma.Register(r.api, huma.Operation{
		OperationID: "signing-secret", Method: http.MethodGet, Path: "/v1/webhook-secret",
		Tags:      []string{"webhooks"},
		Summary:   "The secret that signs for addresses which webhook_url and rules name",
		Responses: r.answers(http.StatusOK, SecretAnswer{}),
	}, h.show)
	body := &huma.RequestBody{Content: map[string]*huma.MediaType{}}
	huma.Register(r.api, huma.Operation{
		OperationID: "rotate-webhook", Method: http.MethodPost, Path: "/v1/webhooks/{id}/rotate",
		Tags:    []string{"webhooks"},
		Summary: "Give an endpoint a new secret", Description: about,
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, RequestBody: body,
		Responses: r.answers(http.StatusOK, RotatedWebhook{}, 400, 404, 408, 409, 413, 415),
	}, h.rotateEndpoint)
	huma.Register(r.api, huma.Operation{
		OperationID: "replace-signing-secret", Method: http.MethodPost, Path: "/v1/webhook-secret",
		Tags:         []string{"webhooks"},
		Summary:      "Replace the secret that signs for addresses which webhook_url and rules name",
		Description:  about,
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, RequestBody: body,
		Responses: r.answers(http.StatusOK, SecretAnswer{}, 400, 408, 409, 413, 415),
	}, h.replace)
	body.Required = false // the library says otherwise of a body that we decode
	r.describe(body, RotateRequest{}, map[string]any{"overlap": "24h"})
}

type secretOutput struct{ Body *SecretAnswer }

func (h *secrets) show(ctx context.Context, _ *struct{}) (*secretOutput, error) {
	secret, err := h.manager.SigningSecret(ctx, callerOf(ctx).Account)
	if err != nil {
		return nil, h.noWebhook(err, nil)
	}
	return &secretOutput{&SecretAnswer{Secret: secret}}, nil
}

type rotateInput struct {
	Key     string `header:"Idempotency-Key" doc:"1 to 255 visible ASCII characters; kept until the next rotation"`
	RawBody []byte `contentType:"application/json" required:"false"`
}

type rotateWebhookInput struct {
	ID      string `path:"id" doc:"the webhook's id"`
	Key     string `header:"Idempotency-Key" doc:"1 to 255 visible ASCII characters; kept until the next rotation"`
	RawBody []byte `contentType:"application/json" required:"false"`
}

type rotatedOutput struct {
	Replayed string `header:"Idempotency-Replayed"`
	Body     *RotatedWebhook
}

var rotateKeys = jsonbody.KeysOf(reflect.TypeFor[RotateRequest]())

// rotation reads what is asked for.
func (in *rotateInput) rotation(account string) (r webhook.NewRotation, err error) {
	r = webhook.NewRotation{
		Account: account, Overlap: webhook.Overlap, Key: in.Key, Request: sha256.Sum256(in.RawBody),
	}
	if in.Key != "" {
		if _, err := idempotencyKey(in.Key, in.RawBody); err != nil {
			return r, err
		}
	}
	var asked RotateRequest
	if len(in.RawBody) > 0 {
		if err := decode(in.RawBody, &asked, rotateKeys); err != nil {
			return r, err
		}
	}
	if asked.Overlap != "" {
		if r.Overlap, err = time.ParseDuration(asked.Overlap); err != nil {
			return r, overlapInvalid(in.RawBody)
		}
	}
	return r, nil
}

func overlapInvalid(body []byte) *refusal {
	return refuse(body, "/overlap", reason.Of(codeOverlap, nil))
}

func (h *secrets) rotate(
	ctx context.Context, in *rotateInput, r webhook.NewRotation,
) (secret string, until time.Time, replayed string, err error) {
	secret, until, again, err := h.manager.Rotate(ctx, r)
	switch {
	case errors.Is(err, webhook.ErrOverlap):
		err = overlapInvalid(in.RawBody)
	case errors.Is(err, webhook.ErrKeyReused):
		err = keyReused()
	case errors.Is(err, webhook.ErrOfRequest):
		err = refusalOf(http.StatusConflict, codeOfRequest)
	case err != nil:
		err = h.noWebhook(err, in.RawBody)
	}
	if again {
		replayed = "true"
	}
	return secret, until, replayed, err
}

func (h *secrets) rotateEndpoint(ctx context.Context, in *rotateWebhookInput) (*rotatedOutput, error) {
	rotation := &rotateInput{in.Key, in.RawBody}
	r, err := rotation.rotation(callerOf(ctx).Account)
	if err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	if r.Endpoint, err = idOf(in.ID, webhook.ErrUnknown); err != nil {
		return nil, h.noWebhook(err, nil)
	}
	secret, until, replayed, err := h.rotate(ctx, rotation, r)
	if err != nil {
		return nil, err
	}
	shown, err := h.webhooks.show(ctx, &webhookIDInput{ID: in.ID})
	if err != nil {
		return nil, err
	}
	return &rotatedOutput{replayed, &RotatedWebhook{*shown.Body, secret, moment(until)}}, nil
}

type replacedOutput struct {
	Replayed string `header:"Idempotency-Replayed"`
	Body     *SecretAnswer
}

func (h *secrets) replace(ctx context.Context, in *rotateInput) (*replacedOutput, error) {
	r, err := in.rotation(callerOf(ctx).Account)
	if err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	secret, until, replayed, err := h.rotate(ctx, in, r)
	if err != nil {
		return nil, err
	}
	return &replacedOutput{replayed, &SecretAnswer{secret, moment(until)}}, nil
}
