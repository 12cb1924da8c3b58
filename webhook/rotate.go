package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"relais/sms"
)

// How long a secret that is replaced goes on signing beside its successor.
const (
	Overlap    = 24 * time.Hour // unless the request says otherwise
	MaxOverlap = 7 * 24 * time.Hour
)

// maxFormer is how many secrets sign beside the present one.
const maxFormer = 5

// Rotation replaces a secret.
type Rotation struct {
	Account  string
	Endpoint sms.ID // zero: the account's secret, which signs for addresses of requests
	Secret   []byte // the new one, sealed
	Now      time.Time
	Until    time.Time // until then the one before signs too; not after Now: not at all
	Key      string    // idempotency key; empty: none
	Request  [32]byte  // hash of the request that it came with
	Seen     string    // mark of the secret that it replaces; empty: whichever there is
}

// SecretMark tells sealed secrets apart, in forms and in rotations.
func SecretMark(sealed []byte) string {
	digest := sha256.Sum256(sealed)
	return hex.EncodeToString(digest[:8])
}

// By is how a store keeps which request made a rotation.
func (r *Rotation) By() string {
	if r.Key == "" {
		return ""
	}
	return r.Key + " " + hex.EncodeToString(r.Request[:])
}

// Known reports whether the last rotation, made by a request, was this one; ErrKeyReused
// when its key came with another request.
func (r *Rotation) Known(by string) (bool, error) {
	key, _, _ := strings.Cut(by, " ")
	switch {
	case r.Key == "" || key != r.Key:
		return false, nil
	case by != r.By():
		return false, ErrKeyReused
	}
	return true, nil
}

// Rotated is the present secret after a rotation.
type Rotated struct {
	Secret   []byte    // sealed
	Until    time.Time // when the one before stops; zero: it has
	Replayed bool      // the same request made it before
}

// Former is a secret that was replaced.
type Former struct {
	Secret []byte // sealed
	Until  time.Time
}

// ErrOfRequest is returned for an endpoint that has no secret of its own.
var ErrOfRequest = errors.New("the endpoint signs with the account's secret")

// ErrOverlap is returned for an overlap that is too long, or negative.
var ErrOverlap = fmt.Errorf("the overlap must be between 0s and %s", MaxOverlap)

// NewRotation is what a caller asks for.
type NewRotation struct {
	Account  string
	Endpoint sms.ID // zero: the account's secret
	Overlap  time.Duration
	Key      string
	Request  [32]byte
	Seen     string // as in Rotation
}

// Rotate gives an endpoint, or the account, a new secret. The one before signs beside it
// for the overlap: receivers may change from one to the other at any moment of it.
func (m *Manager) Rotate(
	ctx context.Context, wanted NewRotation,
) (secret string, until time.Time, replayed bool, err error) {
	if wanted.Overlap < 0 || wanted.Overlap > MaxOverlap {
		return "", time.Time{}, false, ErrOverlap
	}
	if wanted.Endpoint.IsZero() {
		err = m.keepFirst(ctx, wanted.Account)
	} else {
		var e Endpoint
		if e, err = m.Store.Endpoint(ctx, wanted.Account, wanted.Endpoint); err == nil &&
			e.Origin == OfRequest {
			err = ErrOfRequest
		}
	}
	if err != nil {
		return "", time.Time{}, false, err
	}
	fresh, err := NewSecret()
	if err != nil {
		return "", time.Time{}, false, err
	}
	now := m.Now()
	rotated, err := m.Store.Rotate(ctx, Rotation{
		Account: wanted.Account, Endpoint: wanted.Endpoint, Secret: m.Seal([]byte(fresh)), Now: now,
		Until: now.Add(wanted.Overlap),
		Key:   wanted.Key, Request: wanted.Request, Seen: wanted.Seen,
	})
	if err != nil {
		return "", time.Time{}, false, err
	}
	opened, err := m.Open(rotated.Secret)
	return string(opened), rotated.Until, rotated.Replayed, err
}

// signer is a key that signs until a time; zero: for good.
type signer struct {
	key   []byte
	until time.Time
}

// signers are the keys of an endpoint, the present one first.
func (c *caller) signers(ctx context.Context, e *Endpoint) ([]signer, error) {
	present, err := c.keyIn(e.Secret)
	if err != nil {
		return nil, err
	}
	all := []signer{{key: present}}
	if e.Format != "" {
		return all, nil // nothing is signed
	}
	former, err := c.Store.Former(ctx, e, c.Now(), maxFormer)
	if err != nil {
		return nil, err
	}
	for _, f := range former {
		key, err := c.keyIn(f.Secret)
		if err != nil { // sealed by a key that was lost: the present secret is another's
			c.Log.Warn("a secret that was replaced cannot be read, and signs no more",
				"endpoint", e.ID.String(),
				"error", err)
			continue
		}
		all = append(all, signer{key, f.Until})
	}
	return all, nil
}

func (c *caller) keyIn(sealed []byte) ([]byte, error) {
	secret, err := c.Open(sealed)
	if err != nil {
		return nil, err
	}
	return keyOf(secret)
}

// signAll is webhook-signature: one signature for each secret, with spaces between
// (Standard Webhooks, "Webhook Headers").
func signAll(signers []signer, id string, now time.Time, body []byte) string {
	var all []string
	for _, s := range signers {
		if s.until.IsZero() || s.until.After(now) {
			all = append(all, sign(s.key, id, now, body))
		}
	}
	return strings.Join(all, " ")
}
