package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"
)

// secretPrefix marks a secret, as Standard Webhooks asks (section "Signature
// scheme").
const secretPrefix = "whsec_"

// NewSecret makes a signing secret of 256 random bits, in the form that it is
// shown in.
func NewSecret() (string, error) {
	var random [32]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", err
	}
	return secretOf(random), nil
}

// secretOf writes a key as a secret.
func secretOf(key [32]byte) string { return secretPrefix + base64.StdEncoding.EncodeToString(key[:]) }

// keyOf is the key inside a secret.
func keyOf(secret []byte) ([]byte, error) {
	text, ok := strings.CutPrefix(string(secret), secretPrefix)
	if !ok {
		return nil, errors.New("the signing secret has not the form of one")
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("the signing secret has not the form of one")
	}
	return key, nil
}

// sign is the signature of a body: HMAC-SHA256 over id, seconds and body,
// joined with dots (Standard Webhooks, "Signature scheme", version v1).
func sign(key []byte, id string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id))
	mac.Write([]byte{'.'})
	mac.Write(strconv.AppendInt(nil, at.Unix(), 10))
	mac.Write([]byte{'.'})
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// IDOf is the name of an event in webhook-id and in the feed: the same at each
// attempt and for each endpoint.
func IDOf(seq int64) string { return eventPrefix + strconv.FormatInt(seq, 10) }

// eventPrefix begins the names of events.
const eventPrefix = "evt_"
