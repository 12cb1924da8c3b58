package declared

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// signer signs what the operator pushes; nil: it signs nothing.
type signer struct {
	*signature
	key     string
	private ed25519.PrivateKey
}

// algorithms are those with a key that both sides have.
var algorithms = map[string]func() hash.Hash{
	"hmac-sha256": sha256.New, "hmac-sha1": sha1.New, "hmac-sha512": sha512.New, "hmac-md5": md5.New, "jwt-hs256": sha256.New,
}

// newSigner makes the operator's own keys where the customer has the public one alone, and puts that
// into the settings in the place of the recorded one.
func newSigner(s *signature, account *settings) (*signer, error) {
	if s == nil {
		return nil, nil
	}
	own := *s
	if own.Kind == "" {
		own.Kind = "hmac-sha256"
	}
	if own.Kind == "ed25519" {
		seed := sha256.Sum256([]byte("the simulated operator's"))
		private := ed25519.NewKeyFromSeed(seed[:])
		account.SigningKey = own.encode(private.Public().(ed25519.PublicKey))
		return &signer{signature: &own, private: private}, nil
	}
	key := strings.NewReplacer(
		"{secret}", account.Secret, "{signing_key}", account.SigningKey, "{key}", account.Key,
	).Replace(own.Key)
	if algorithms[own.Kind] == nil && own.Kind != "md5" {
		return nil, errors.New("a signature of an unknown kind")
	}
	return &signer{signature: &own, key: key}, nil
}

func (s *signature) encode(sum []byte) string {
	if s.Encoding == "base64" {
		return base64.StdEncoding.EncodeToString(sum)
	}
	return hex.EncodeToString(sum)
}

// sign puts the signature into a request, and gives its body.
func (s *signer) sign(r *http.Request, body string, now time.Time) string {
	if s == nil {
		return body
	}
	body = s.stamp(r, body, now)
	if s.Kind == "jwt-hs256" {
		return s.place(r, body, s.token(r, body, now))
	}
	return s.place(r, body, s.encode(s.sum(s.text(r, body))))
}

// stamp puts the moment of signing where it stands.
func (s *signer) stamp(r *http.Request, body string, now time.Time) string {
	seconds := strconv.FormatInt(now.Unix(), 10)
	if name, ok := strings.CutPrefix(s.Time, "header:"); ok {
		r.Header.Set(name, seconds)
	}
	if name, ok := strings.CutPrefix(s.Time, "parameter:"); ok {
		return withParameter(r, body, name, seconds)
	}
	return body
}

func (s *signer) place(r *http.Request, body, signature string) string {
	if s.Parameter != "" {
		return withParameter(r, body, s.Parameter, s.Prefix+signature)
	}
	r.Header.Set(s.Header, s.Prefix+signature)
	return body
}

// withParameter sets a parameter of a form, or of the query where the body is none.
func withParameter(r *http.Request, body, name, text string) string {
	if shapeOf(body) == shapeForm {
		form, _ := url.ParseQuery(body) // ours
		form.Set(name, text)
		return form.Encode()
	}
	query := r.URL.Query()
	query.Set(name, text)
	r.URL.RawQuery = query.Encode()
	return body
}

func (s *signer) sum(text string) []byte {
	switch s.Kind {
	case "ed25519":
		sum, err := s.private.Sign(nil, []byte(text), crypto.Hash(0))
		if err != nil {
			return nil
		}
		return sum
	case "md5":
		sum := md5.Sum([]byte(text + s.key))
		return sum[:]
	}
	mac := hmac.New(algorithms[s.Kind], []byte(s.key))
	mac.Write([]byte(text)) // a hash takes everything
	return mac.Sum(nil)
}

// text is what a signature is over.
func (s *signer) text(r *http.Request, body string) string {
	parts := make([]string, len(s.Over))
	for i, part := range s.Over {
		switch part {
		case "body":
			parts[i] = body
		case "body_md5":
			sum := md5.Sum([]byte(body))
			parts[i] = hex.EncodeToString(sum[:])
		case "url":
			parts[i] = r.URL.String()
		case "method":
			parts[i] = r.Method
		case "form":
			form, _ := url.ParseQuery(body) // ours
			parts[i] = strings.Join(sorted(form, func(name, text string) string { return name + text }), "")
		case "parameters":
			all := r.URL.Query()
			if form, err := url.ParseQuery(body); err == nil && shapeOf(body) == shapeForm {
				maps.Copy(all, form)
			}
			delete(all, s.Parameter)
			divides := strings.NewReplacer("&", "_", "=", "_")
			parts[i] = strings.Join(sorted(all, func(name, text string) string { return "&" + name + "=" + divides.Replace(text) }), "")
		default:
			parts[i] = r.Header.Get(strings.TrimPrefix(part, "header:"))
		}
	}
	return strings.Join(parts, s.Join)
}

func sorted(all url.Values, write func(name, text string) string) []string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, text := range all[name] {
			parts = append(parts, write(name, text))
		}
	}
	return parts
}

// token is a JSON Web Token (RFC 7519) about a push.
func (s *signer) token(r *http.Request, body string, now time.Time) string {
	claims := map[string]any{"nbf": now.Unix() - 1, "exp": now.Unix() + 60, "jti": strconv.FormatInt(now.UnixNano(), 36)}
	for name, text := range s.Claims {
		claims[name] = text
	}
	hashed := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	if s.URLClaim != "" {
		claims[s.URLClaim] = hashed(r.URL.String())
	}
	if s.BodyClaim != "" && body != "" {
		claims[s.BodyClaim] = hashed(body)
	}
	written, _ := json.Marshal(claims) // texts and numbers always marshal
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
		base64.RawURLEncoding.EncodeToString(written)
	return head + "." + base64.RawURLEncoding.EncodeToString(s.sum(head))
}
