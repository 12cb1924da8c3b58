package httpapi

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
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
	kind      string
	header    string // where it stands; empty: in the parameter
	parameter string // of the query or of the form
	prefix    string
	encoding  string
	key       template
	over      []string
	join      string
	time      string // where the moment of signing stands, as in over; empty: nowhere
	within    time.Duration

	claims              map[string]string
	urlClaim, bodyClaim string
}

// Where a signature, a part of what is signed, or its moment can stand.
const (
	ofHeader    = "header:"
	ofParameter = "parameter:"
)

// standardWithin is how old a signature may be where the declaration does not say, and
// standardLeeway how far the clock of who signs a token may be from ours.
const (
	standardWithin = 5 * time.Minute
	standardLeeway = 5 * time.Second
)

func (j *judge) signature(w *writtenSignature) *signature {
	if w == nil {
		return nil
	}
	s := &signature{
		kind:   j.oneOf("signature.kind", w.Kind, append(sortedKeys(sums), kindEd25519, kindJWT)...),
		prefix: w.Prefix, join: w.Join, over: w.Over, claims: w.Claims, urlClaim: w.URLClaim, bodyClaim: w.BodyClaim,
	}
	if w.Kind == "" {
		s.kind = kindHMAC
	}
	s.encoding = j.oneOf("signature.encoding", w.Encoding, inHex, inBase64)
	switch s.parameter = w.Parameter; {
	case w.Header == "" && w.Parameter == "", w.Header != "" && w.Parameter != "":
		j.complain("signature.header", whySignaturePlace, nil)
	case w.Header != "":
		s.header = j.header("signature.header", w.Header, "").name
	}
	s.key = j.needed("signature.key", w.Key)
	if s.kind == kindJWT {
		j.token(s, w)
	} else {
		j.signed(s, w)
	}
	return s
}

// signed compiles what a signature is over.
func (j *judge) signed(s *signature, w *writtenSignature) {
	j.idle("signature", map[string]bool{
		"claims": w.Claims != nil, "url_claim": w.URLClaim != "", "body_claim": w.BodyClaim != "",
		"within": w.Within != "" && w.Time == "",
	})
	if len(w.Over) == 0 {
		j.complain("signature.over", whyMissing, nil)
	}
	for i, part := range w.Over {
		if name, ok := strings.CutPrefix(part, ofHeader); !slices.Contains(signedParts, part) && (!ok || name == "") {
			j.complain(element("signature.over", i), whySignaturePart, reason.Args{"words": reason.Names(signedParts)})
		}
	}
	s.within = j.duration("signature.within", w.Within, standardWithin)
	if s.time = w.Time; w.Time == "" {
		return
	}
	name, inParameter := strings.CutPrefix(w.Time, ofParameter)
	if !inParameter {
		name, _ = strings.CutPrefix(w.Time, ofHeader)
	}
	if name == w.Time || name == "" {
		j.complain("signature.time", whySignaturePart, reason.Args{"words": reason.Names([]string{ofHeader + "NAME", ofParameter + "NAME"})})
	}
	part := w.Time
	if inParameter {
		part = partParameters
	}
	if !slices.Contains(w.Over, part) { // a moment that is not signed can be replaced
		j.complain("signature.over", whySignaturePart, reason.Args{"words": reason.Names([]string{part})})
	}
}

// token compiles what a token is about.
func (j *judge) token(s *signature, w *writtenSignature) {
	j.idle("signature", map[string]bool{
		"over": w.Over != nil, "join": w.Join != "", "time": w.Time != "", "encoding": w.Encoding != "",
	})
	if w.URLClaim == "" && w.BodyClaim == "" { // a token about nothing is good for every push
		j.complain("signature.body_claim", whyMissing, nil)
	}
	s.within = j.duration("signature.within", w.Within, standardLeeway)
}

// mostSignatures bounds how many a push can have.
const mostSignatures = 8

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
	p := &signedPush{Request: r, body: body, parameters: parametersOf(r, body)}
	if slices.Contains(s.over, partParameters) && p.hides() {
		return errSignature
	}
	given, ok := strings.CutPrefix(p.at(s.place()), s.prefix)
	if !ok || given == "" {
		return errSignature
	}
	if s.time != "" && !s.fresh(p.at(s.time), l.now()) {
		return fmt.Errorf("%w: its time is not within %s of ours", errSignature, s.within)
	}
	for _, address := range addresses(l.callback + r.URL.Path) {
		if p.address = address; r.URL.RawQuery != "" {
			p.address += "?" + r.URL.RawQuery
		}
		for _, one := range strings.SplitN(given, ",", mostSignatures) { // some sign by each of their keys (documented: Plivo)
			if s.proves(p, strings.TrimSpace(one), key, l.now()) {
				return nil
			}
		}
	}
	return errSignature
}

func (s *signature) place() string {
	if s.parameter != "" {
		return ofParameter + s.parameter
	}
	return ofHeader + s.header
}

// proves reports whether what was given is the signature of a push.
func (s *signature) proves(p *signedPush, given, key string, now time.Time) bool {
	if s.kind == kindJWT {
		return s.vouches(p, given, key, now)
	}
	sum, err := s.decode(given)
	if err != nil || len(sum) == 0 {
		return false
	}
	if s.kind == kindEd25519 {
		return s.ed25519(p.text(s), key, sum)
	}
	return sums[s.kind](key, p.text(s), sum)
}

// Encodings of a signature.
const (
	inHex    = "hex"
	inBase64 = "base64"
)

func (s *signature) decode(text string) ([]byte, error) {
	if s.encoding == inBase64 {
		return base64.StdEncoding.DecodeString(text)
	}
	return hex.DecodeString(text)
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

// signedPush is a push as its signature is over it.
type signedPush struct {
	*http.Request
	body       []byte
	parameters url.Values // of the query and of the form
	address    string     // as the operator has it
}

// parametersOf are those of the query and of a form, whatever the type of the body is said to be.
func parametersOf(r *http.Request, body []byte) url.Values {
	all := r.URL.Query()
	form, err := url.ParseQuery(string(body))
	if err != nil { // what would be read of it is not what is signed
		return nil
	}
	for name := range form {
		all[name] = append(all[name], form[name]...)
	}
	return all
}

// hides reports whether a name holds what divides parameters: it could hold others that were signed,
// which then are not read.
func (p *signedPush) hides() bool {
	for name := range p.parameters {
		if strings.ContainsAny(name, "&=") {
			return true
		}
	}
	return false
}

// at is what stands at a place such as header:X-Time.
func (p *signedPush) at(place string) string {
	if name, ok := strings.CutPrefix(place, ofParameter); ok {
		return p.parameters.Get(name)
	}
	return p.Header.Get(textproto.CanonicalMIMEHeaderKey(strings.TrimPrefix(place, ofHeader)))
}
