package vonage

import (
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // a method of Vonage's
	"crypto/sha1" //nolint:gosec // a method of Vonage's
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"relais/gateway"
)

// Methods of a signature (documented: NXD; VON has the same by other names).
const (
	methodMD5Hash = "md5hash"
	methodMD5     = "md5"
	methodSHA1    = "sha1"
	methodSHA256  = "sha256"
	methodSHA512  = "sha512"
)

var hashes = map[string]func() hash.Hash{
	methodMD5: md5.New, methodSHA1: sha1.New, methodSHA256: sha256.New, methodSHA512: sha512.New,
}

// signature covers each field but the signature, in the order of their names, with & and = of their values as _ (documented:
// NXD, and VON's verifySignature). It is in small hexadecimal digits.
func signature(method, secret string, values map[string]string) string {
	var signed strings.Builder
	plain := strings.NewReplacer("&", "_", "=", "_")
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if name != "sig" {
			signed.WriteString("&" + name + "=" + plain.Replace(values[name]))
		}
	}
	if method == methodMD5Hash {
		sum := md5.Sum([]byte(signed.String() + secret)) //nolint:gosec // as above
		return hex.EncodeToString(sum[:])
	}
	mac := hmac.New(hashes[method], []byte(secret))
	mac.Write([]byte(signed.String()))
	return hex.EncodeToString(mac.Sum(nil))
}

// verify reports whether the signature among some fields is right. Capitals do not matter (documented: VON).
func verify(method, secret string, values map[string]string) bool {
	return hmac.Equal([]byte(strings.ToLower(values["sig"])), []byte(signature(method, secret, values)))
}

// sign adds time, nonce and signature to fields, where the account signs.
func (a *Account) sign(values map[string]string, nonce string, now time.Time) {
	if a.Signing == "" {
		return
	}
	values["timestamp"], values["nonce"] = decimal(now.Unix()), nonce
	values["sig"] = signature(a.Method, a.Signing, values)
}

// signedKey is the key by which a signed request is known: its signature. The request counts as its fields, wherever they stand,
// in the query or in a body, for several requests have one signature (& and = are signed as _).
func signedKey(key string, values map[string]string) *gateway.IdempotencyKey {
	sig := strings.ToLower(values["sig"])
	fields := url.Values{}
	for name, value := range values {
		fields.Set(name, value)
	}
	fields.Set("sig", sig)
	return &gateway.IdempotencyKey{Key: "vonage-sig:" + sig, Request: sha256.Sum256([]byte(Format + "\n" + key + "\n" + fields.Encode()))}
}
