package inbox

import (
	"crypto/sha256"
	"encoding/base64"

	"relais/sms"
)

// Arrived are the parts of a long message that arrived, where each has a receipt of its own: a key for each, as
// stores keep them with the message. Empty: none is known. The last one is not among them, for the message is
// delivered by it.
type Arrived string

// keyLength is that of a key: 48 bits of a digest, in Base64. A message has 255 parts at most (GSM 03.40, 9.2.3.24.1).
const keyLength = 8

func keyOf(part string) Arrived {
	sum := sha256.Sum256([]byte(part))
	return Arrived(base64.RawURLEncoding.EncodeToString(sum[:keyLength*6/8]))
}

// has reports whether the part of a receipt is known to have arrived.
func (a Arrived) has(r *sms.Receipt) bool {
	key := keyOf(r.Part)
	for rest := a; len(rest) >= keyLength; rest = rest[keyLength:] {
		if rest[:keyLength] == key {
			return true
		}
	}
	return false
}

// With is a and the part of a receipt.
func (a Arrived) With(r *sms.Receipt) Arrived {
	if a.has(r) {
		return a
	}
	return a + keyOf(r.Part)
}

// count is how many parts arrived.
func (a Arrived) count() int { return len(a) / keyLength }
