package door

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"time"

	"relais/gateway"
)

// ErrIdempotencyKey is returned for a header that is no key.
var ErrIdempotencyKey = errors.New("Idempotency-Key wants 1 to 255 visible ASCII characters")

// IdempotencyKey reads the header that the native API has; nil: there is none. The same key with another body, or at
// another door, is refused.
func IdempotencyKey(r *http.Request, name string, body []byte) (*gateway.IdempotencyKey, error) {
	const longest = 255
	given := r.Header.Values("Idempotency-Key")
	if len(given) == 0 {
		return nil, nil
	}
	valid := len(given) == 1 && given[0] != "" && len(given[0]) <= longest
	for _, b := range []byte(given[0]) {
		valid = valid && b > ' ' && b < 0x7f
	}
	if !valid {
		return nil, ErrIdempotencyKey
	}
	return &gateway.IdempotencyKey{Key: given[0], Request: sha256.Sum256(append([]byte(name+"\n"), body...))}, nil
}

// SpanKeys are the keys by which a request is known that says the same as an earlier one of the same caller: those of the spans
// of time before and after, and as the last that of the span that it came in, by which what is new is stored. Whoever asks for
// all finds what came within a span, and at most within two. The span after is that of a node whose clock is ahead.
func SpanKeys(door, caller string, body []byte, span time.Duration, now time.Time) []*gateway.IdempotencyKey {
	request := sha256.Sum256(append([]byte(door+"\n"+caller+"\n"), body...))
	of := now.UnixNano() / int64(span)
	key := func(n int64) *gateway.IdempotencyKey {
		return &gateway.IdempotencyKey{Key: door + "-same:" + hex.EncodeToString(request[:]) + ":" + strconv.FormatInt(n, 10), Request: request}
	}
	return []*gateway.IdempotencyKey{key(of - 1), key(of + 1), key(of)}
}
