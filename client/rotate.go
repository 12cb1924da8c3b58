package client

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// RotatedSecret is a secret that replaces another one.
type RotatedSecret struct {
	Secret string `json:"secret"`
	// FormerUntil is when the secret before stops signing; nil: it has stopped.
	FormerUntil *time.Time `json:"former_until,omitempty"`
}

// RotatedWebhook is an endpoint with its new secret.
type RotatedWebhook struct {
	Webhook
	RotatedSecret
}

// RotateWebhook gives an endpoint a new secret. The one before signs beside it for the
// overlap: 0 to 168 hours, by the second.
func (c webhooks) RotateWebhook(
	ctx context.Context, id string, overlap time.Duration,
) (*RotatedWebhook, error) {
	return ask[RotatedWebhook](
		ctx, c.Connection, rotation("/v1/webhooks/"+url.PathEscape(id)+"/rotate", overlap),
	)
}

// ReplaceWebhookSecret replaces the secret that signs for addresses which WebhookURL and
// rules name. The one before signs beside it for the overlap.
func (c webhooks) ReplaceWebhookSecret(ctx context.Context, overlap time.Duration) (*RotatedSecret, error) {
	return ask[RotatedSecret](ctx, c.Connection, rotation("/v1/webhook-secret", overlap))
}

func rotation(path string, overlap time.Duration) call {
	return call{
		method: http.MethodPost, path: path, body: map[string]string{"overlap": overlap.String()},
		idempotencyKey: rand.Text(),
	}
}

// webhookTolerance is how far the clocks of gateway and receiver may be apart.
const webhookTolerance = 5 * time.Minute

// ErrSignature is returned for a webhook that none of the secrets signed.
var ErrSignature = errors.New("the webhook is not signed by any of the secrets")

// ErrTimestamp is returned for a webhook that was signed too long ago, or in the future.
var ErrTimestamp = errors.New("the webhook's timestamp is more than five minutes off")

// VerifyWebhook checks that a request came from the gateway, as Standard Webhooks says.
// It is given the header and the body as they came. While a secret is replaced, give the
// one before and its successor, in any order; one of them must have signed.
func VerifyWebhook(header http.Header, body []byte, now time.Time, secrets ...string) error {
	seconds, err := strconv.ParseInt(header.Get("webhook-timestamp"), 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > webhookTolerance {
		return ErrTimestamp
	}
	signed := header.Get("webhook-id") + "." + header.Get("webhook-timestamp") + "."
	for _, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(strings.TrimSpace(secret), "whsec_"))
		if err != nil || len(key) == 0 {
			return errors.New("a webhook secret has not the form whsec_…")
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(signed))
		mac.Write(body)
		want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
		for given := range strings.FieldsSeq(header.Get("webhook-signature")) {
			if hmac.Equal([]byte(given), []byte(want)) {
				return nil
			}
		}
	}
	return ErrSignature
}
