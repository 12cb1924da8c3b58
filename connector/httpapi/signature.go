package httpapi

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/reason"
)

// signature is how pushes prove who sent them, beside the secret in their address.
type signature struct {
	hash   func() hash.Hash
	header string
	prefix string
	decode func(string) ([]byte, error)
	key    template
	over   []string
	join   string
	time   string // header with the moment of signing; empty: none
	within time.Duration
}

// Parts that a signature can be over, beside "header:NAME".
const (
	partBody   = "body"
	partURL    = "url"
	partMethod = "method"
	partForm   = "form"     // names and values of the form, sorted by name, without anything between
	partMD5    = "body_md5" // of the body, in hexadecimal
)

var signedParts = []string{partBody, partURL, partMethod, partForm, partMD5}

// standardWithin is how old a signature may be where the declaration does not say.
const standardWithin = 5 * time.Minute

func (j *judge) signature(w *writtenSignature) *signature {
	if w == nil {
		return nil
	}
	s := &signature{hash: sha256.New, prefix: w.Prefix, join: w.Join, over: w.Over, decode: hex.DecodeString}
	if j.oneOf("signature.kind", w.Kind, "hmac-sha256", "hmac-sha1") == "hmac-sha1" {
		s.hash = sha1.New
	}
	if j.oneOf("signature.encoding", w.Encoding, "hex", "base64") == "base64" {
		s.decode = base64.StdEncoding.DecodeString
	}
	s.header = j.header("signature.header", w.Header, "").name
	s.key = j.needed("signature.key", w.Key)
	if len(w.Over) == 0 {
		j.complain("signature.over", whyMissing, nil)
	}
	for i, part := range w.Over {
		if name, ok := strings.CutPrefix(part, "header:"); !slices.Contains(signedParts, part) && (!ok || name == "") {
			j.complain(element("signature.over", i), whySignaturePart, reason.Args{"words": reason.Names(signedParts)})
		}
	}
	if w.Time != "" {
		name, ok := strings.CutPrefix(w.Time, "header:")
		if s.time = textproto.CanonicalMIMEHeaderKey(name); !ok || name == "" {
			j.complain("signature.time", whySignaturePart, reason.Args{"words": reason.Names([]string{"header:NAME"})})
		}
		if !slices.Contains(w.Over, w.Time) { // a moment that is not signed can be replaced
			j.complain("signature.over", whySignaturePart, reason.Args{"words": reason.Names([]string{w.Time})})
		}
	}
	j.idle("signature", map[string]bool{"within": w.Within != "" && w.Time == ""})
	s.within = j.duration("signature.within", w.Within, standardWithin)
	return s
}

var errSignature = errors.New("the signature is missing or wrong")

// verify checks who sent a push. An instance without the key has the secret of the address alone,
// and its check-up says so.
func (l *listener) verify(r *http.Request, body []byte) error {
	s := l.declaration.signature
	if s == nil {
		return nil
	}
	key, there := s.key.expand(l.source(nil))
	if !there {
		return nil
	}
	given, ok := strings.CutPrefix(r.Header.Get(s.header), s.prefix)
	sum, err := s.decode(given)
	if !ok || err != nil || len(sum) == 0 {
		return errSignature
	}
	if s.time != "" && !s.fresh(r.Header.Get(s.time), l.now()) {
		return fmt.Errorf("%w: its time is not within %s of ours", errSignature, s.within)
	}
	for _, address := range addresses(l.callback + r.URL.Path) {
		mac := hmac.New(s.hash, []byte(key))
		mac.Write([]byte(s.text(r, address, body)))
		if hmac.Equal(mac.Sum(nil), sum) {
			return nil
		}
	}
	return errSignature
}

func (s *signature) fresh(text string, now time.Time) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && now.Sub(time.Unix(n, 0)).Abs() <= s.within
}

// addresses are the forms in which an operator may have signed an address: as we gave it, and
// with the port that goes without saying (Twilio's own validators try both: documented).
func addresses(address string) []string {
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	port := map[string]string{"https": "443", "http": "80"}[u.Scheme]
	other := *u
	switch u.Port() {
	case "":
		other.Host = u.Host + ":" + port
	case port:
		other.Host = strings.TrimSuffix(u.Host, ":"+port)
	default:
		return []string{address}
	}
	return []string{address, other.String()}
}

func (s *signature) text(r *http.Request, address string, body []byte) string {
	if r.URL.RawQuery != "" {
		address += "?" + r.URL.RawQuery
	}
	parts := make([]string, len(s.over))
	for i, part := range s.over {
		switch part {
		case partBody:
			parts[i] = string(body)
		case partURL:
			parts[i] = address
		case partMethod:
			parts[i] = r.Method
		case partForm:
			parts[i] = sortedForm(body)
		case partMD5:
			sum := md5.Sum(body)
			parts[i] = hex.EncodeToString(sum[:])
		default:
			parts[i] = r.Header.Get(strings.TrimPrefix(part, "header:"))
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
