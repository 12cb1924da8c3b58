package httpapi

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
	"hash"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
)

// Kinds of signature. The others are in sums.
const (
	kindHMAC    = "hmac-sha256"
	kindEd25519 = "ed25519"
	kindJWT     = "jwt-hs256"
)

// sums are the kinds with a secret that both sides have.
var sums = map[string]func(key, text string, sum []byte) bool{
	kindHMAC:      hmacOf(sha256.New),
	"hmac-sha1":   hmacOf(sha1.New),
	"hmac-sha512": hmacOf(sha512.New),
	"hmac-md5":    hmacOf(md5.New),
	"md5": func(key, text string, sum []byte) bool { // with the secret behind the text
		want := md5.Sum([]byte(text + key))
		return subtle.ConstantTimeCompare(want[:], sum) == 1
	},
}

func hmacOf(algorithm func() hash.Hash) func(key, text string, sum []byte) bool {
	return func(key, text string, sum []byte) bool {
		mac := hmac.New(algorithm, []byte(key))
		mac.Write([]byte(text))
		return hmac.Equal(mac.Sum(nil), sum)
	}
}

// ed25519 checks a signature (RFC 8032) by the operator's public key.
func (s *signature) ed25519(text, key string, sum []byte) bool {
	public, ok := s.publicKey(key)
	return ok && ed25519.Verify(public, []byte(text), sum)
}

// publicKey is the key of a section, which is written as signatures are.
func (s *signature) publicKey(text string) (ed25519.PublicKey, bool) {
	key, err := s.decode(text)
	return key, err == nil && len(key) == ed25519.PublicKeySize
}

// misses names the setting whose value is no public key, where pushes are checked by one.
func (s *signature) misses(given map[string]string) (setting string, ok bool) {
	if s == nil || s.kind != kindEd25519 {
		return "", true
	}
	for _, name := range s.key.names() {
		if given[name] == "" {
			continue
		}
		if _, ok := s.publicKey(given[name]); !ok {
			return name, false
		}
	}
	return "", true
}

// Parts that a signature can be over, beside "header:NAME".
const (
	partBody       = "body"
	partURL        = "url"
	partMethod     = "method"
	partForm       = "form"       // names and values of the form, sorted by name, without anything between
	partParameters = "parameters" // &name=value of the query and the form, sorted, without the signature
	partMD5        = "body_md5"   // of the body, in hexadecimal
)

var signedParts = []string{partBody, partURL, partMethod, partForm, partParameters, partMD5}

// covers reports whether all that is read of a push is signed: else a signature that was seen once
// lets anything in.
func (s *signature) covers(c *callback) bool {
	return !slices.ContainsFunc(c.places(), func(p place) bool { return p.in != "" && !s.coversPlace(p, c.body.kind) })
}

// coversPlace reports whether what stands at a place of a push of a shape is signed.
func (s *signature) coversPlace(p place, shape string) bool {
	if p.in == inHeader {
		return slices.ContainsFunc(s.over, func(part string) bool {
			name, ok := strings.CutPrefix(part, ofHeader)
			return ok && textproto.CanonicalMIMEHeaderKey(name) == p.name
		})
	}
	if p.in == inQuery {
		shape = shapeQuery
	}
	switch {
	case s.kind == kindJWT && shape == shapeQuery:
		return s.urlClaim != ""
	case s.kind == kindJWT:
		return s.bodyClaim != ""
	}
	return slices.ContainsFunc(s.over, func(part string) bool { return slices.Contains(coveredBy[shape], part) })
}

// coveredBy are the parts that hold all of a shape.
var coveredBy = map[string][]string{
	shapeQuery: {partURL, partParameters}, shapeForm: {partForm, partParameters, partBody, partMD5},
	shapeJSON: {partBody, partMD5}, shapeXML: {partBody, partMD5},
}

// readsForm reports whether a signature is over values of a form.
func (s *signature) readsForm() bool {
	return slices.Contains(s.over, partForm) || slices.Contains(s.over, partParameters)
}

// text is what a signature is over.
func (p *signedPush) text(s *signature) string {
	parts := make([]string, len(s.over))
	for i, part := range s.over {
		switch part {
		case partBody:
			parts[i] = string(p.body)
		case partURL:
			parts[i] = p.address
		case partMethod:
			parts[i] = p.Method
		case partForm:
			parts[i] = sortedForm(p.body)
		case partParameters:
			parts[i] = sortedParameters(p.parameters, s.parameter)
		case partMD5:
			sum := md5.Sum(p.body)
			parts[i] = hex.EncodeToString(sum[:])
		default:
			parts[i] = p.at(part)
		}
	}
	return strings.Join(parts, s.join)
}

func sortedForm(body []byte) string {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return ""
	}
	var b strings.Builder
	for _, name := range sortedKeys(form) {
		for _, value := range form[name] {
			b.WriteString(name + value)
		}
	}
	return b.String()
}

// sortedParameters writes parameters as Vonage signs them (documented): in a value, what divides
// parameters is an underscore.
func sortedParameters(all url.Values, without string) string {
	divides := strings.NewReplacer("&", "_", "=", "_")
	var b strings.Builder
	for _, name := range sortedKeys(all) {
		if name == without {
			continue
		}
		for _, value := range all[name] {
			b.WriteString("&" + name + "=" + divides.Replace(value))
		}
	}
	return b.String()
}
