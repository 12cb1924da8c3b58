package passerelle

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"net/url"
	"strings"
	"time"
)

// skew is how far the clocks of a caller and of this machine may stand apart
// (documented).
const skew = 30 * time.Second

const longestNonce = 128

// algorithms are those that a signature may name. w.c.s. sends sha256.
var algorithms = map[string]func() hash.Hash{
	"sha256": sha256.New, "sha384": sha512.New384,
	"sha512": sha512.New,
}

// signed is what a signed query holds. The signature covers the query as it
// came, byte for byte, up to its own parameter.
type signed struct {
	text      string
	signature []byte
	orig      string
	algorithm func() hash.Hash
	nonce     string
	at        time.Time
}

const signatureKey = "signature="

// isSigned reports whether a query carries a signature.
func isSigned(query string) bool {
	return strings.HasPrefix(query, signatureKey) || strings.Contains(query, "&"+signatureKey)
}

// parseSigned reads a signed query. wrong says what is wrong with it, and holds
// nothing of it.
func parseSigned(query string) (s signed, wrong string) {
	text, value, found := strings.Cut(query, "&"+signatureKey)
	if !found {
		return s, "nothing stands before the signature"
	}
	if strings.Contains(value, "&") {
		return s, "parameters follow the signature, which does not cover them"
	}
	values, err := url.ParseQuery(text)
	if err != nil {
		return s, "the query is malformed"
	}
	for _, key := range []string{"orig", "algo", "timestamp", "nonce"} {
		if len(values[key]) != 1 || values.Get(key) == "" {
			return s, key + " must stand in the query once"
		}
	}
	s = signed{
		text: text, orig: values.Get("orig"), nonce: values.Get("nonce"),
		algorithm: algorithms[values.Get("algo")],
	}
	if s.algorithm == nil {
		return s, "algo is none of sha256, sha384, sha512"
	}
	if len(s.nonce) > longestNonce {
		return s, "the nonce is longer than 128 characters"
	}
	if s.at, err = time.Parse("2006-01-02T15:04:05Z", values.Get("timestamp")); err != nil {
		return s, "the timestamp is not like 2025-01-15T08:30:00Z"
	}
	if s.signature, err = signatureOf(value); err != nil {
		return s, "the signature is not Base64"
	}
	return s, ""
}

// signatureOf decodes the parameter. A + that was not written %2B has become a
// space on the way of some callers.
func signatureOf(value string) ([]byte, error) {
	text, err := url.PathUnescape(value)
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(strings.ReplaceAll(text, " ", "+"))
}

// matches compares in a time that tells nothing of the secret.
func (s *signed) matches(secret string) bool {
	mac := hmac.New(s.algorithm, []byte(secret))
	mac.Write([]byte(s.text))
	return hmac.Equal(mac.Sum(nil), s.signature)
}

// fresh reports whether it was made just now.
func (s *signed) fresh(now time.Time) bool {
	age := now.Sub(s.at)
	return age >= -skew && age <= skew
}
