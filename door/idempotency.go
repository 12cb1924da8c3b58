package door

import (
	"crypto/sha256"
	"errors"
	"net/http"

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
