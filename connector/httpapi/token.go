package httpapi

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// vouches reports whether a token (RFC 7519) is about this push: signed by HMAC with SHA-256 whatever
// the token says of itself, of now, with the claims of the declaration and the hashes of what came.
func (s *signature) vouches(p *signedPush, given, key string, now time.Time) bool {
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(given, claims, func(*jwt.Token) (any, error) { return []byte(key), nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithExpirationRequired(),
		jwt.WithLeeway(s.within), jwt.WithTimeFunc(func() time.Time { return now }))
	if err != nil {
		return false
	}
	for name, want := range s.claims {
		if claims[name] != want {
			return false
		}
	}
	return s.hashes(claims, s.urlClaim, p.address) &&
		(len(p.body) == 0 || s.hashes(claims, s.bodyClaim, string(p.body)))
}

// hashes reports whether a claim has the hash of a text; a declaration without the claim does not ask.
func (s *signature) hashes(claims jwt.MapClaims, name, text string) bool {
	if name == "" {
		return true
	}
	sum := sha256.Sum256([]byte(text))
	said, ok := claims[name].(string)
	return ok && strings.EqualFold(said, hex.EncodeToString(sum[:]))
}
