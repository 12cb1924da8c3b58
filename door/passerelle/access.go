package passerelle

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// The kinds of caller, as a right of Passerelle has them (inferred).
const (
	Open      = "open" // nothing but the address
	APIKey    = "apikey"
	Signature = "signature"
	Basic     = "basic"
)

// Caller is one that may send through an instance: what was the right
// can_send_messages of an API user.
type Caller struct {
	ID        string // shown in the timeline
	Kind      string
	Secret    string
	Orig      string // of a signature
	Username  string // of Basic
	Addresses Networks
}

// Networks are addresses; none means all.
type Networks []netip.Prefix

func (n Networks) hold(address netip.Addr) bool {
	for _, network := range n {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// allows reports whether the caller may call from an address.
func (c *Caller) allows(address netip.Addr) bool {
	return len(c.Addresses) == 0 || c.Addresses.hold(address)
}

// recognise finds who calls. What does not fit is 403, 401 for a user name and
// password, and the log says why, without what was sent.
func (d *Door) recognise(r *http.Request, instance *Instance) (caller string, refused *failure) {
	found, err := d.spent(r.Context(), d.identify(r, instance))
	if err != nil {
		d.Log.Error("cannot check a caller", "door", prefix, "instance", instance.Name, "error", err)
		return "", busy()
	}
	if found.caller != nil {
		return found.caller.ID, nil
	}
	d.Log.Warn("a caller was refused", "door", prefix, "instance", instance.Name, "reason", found.why)
	if found.why == wrongPassword {
		f := denied()
		f.status = http.StatusUnauthorized
		return "", f
	}
	return "", denied()
}

const wrongPassword = "the user name or the password is wrong"

// identified is who calls an instance, as far as the request tells.
type identified struct {
	caller *Caller // nil: nobody who may
	why    string  // nobody may
	signed *signed // that it is known by; its nonce is still to be spent
	open   *Caller // that it is in any case; nil: none
}

// identify judges what the caller brings. Where an instance is open to an
// address, what it brings does not matter, as in Passerelle.
func (d *Door) identify(r *http.Request, instance *Instance) (found identified) {
	address := instance.address(r)
	values, malformed := url.ParseQuery(r.URL.RawQuery)
	username, password, basic := r.BasicAuth()
	switch {
	case isSigned(r.URL.RawQuery):
		found = d.bySignature(r.URL.RawQuery, instance, address)
	case basic:
		found.caller, found.why = instance.bySecret(Basic, username, password, address), wrongPassword
	case malformed == nil && values.Has("apikey"):
		found.caller, found.why = instance.bySecret(APIKey, "", values.Get("apikey"), address),
			"the apikey is unknown, or not allowed from this address"
	default:
		found.why = "it brought no signature, no apikey and no password"
	}
	found.open = instance.open(address)
	if found.caller == nil {
		found.caller = found.open
	}
	return found
}

// keptNonce is how long a nonce is remembered. A signature is valid for far less:
// the rest is for a node whose clock is ahead, which would drop the nonce too
// early for the others, and for a clock that is set back.
const keptNonce = time.Hour

// spent uses up the nonce of a signature. The signature covers neither the path
// nor the body, so that a nonce is used once for all instances together.
func (d *Door) spent(ctx context.Context, found identified) (identified, error) {
	if found.signed == nil {
		return found, nil
	}
	s := found.signed
	fresh, err := d.Store.SpendNonce(ctx, prefix, s.orig+" "+s.nonce, d.Now(), s.at.Add(keptNonce))
	if err != nil {
		return found, err
	}
	if !fresh {
		found.caller, found.why = found.open, "the nonce was already used"
	}
	return found, nil
}

// bySecret compares with every caller, so that the time it takes tells neither
// which one it was nor how much of a secret was right.
func (i *Instance) bySecret(kind, username, secret string, address netip.Addr) (found *Caller) {
	for n := range i.Callers {
		c := &i.Callers[n]
		same := equal(c.Username, username) & equal(c.Secret, secret)
		if c.Kind == kind && c.Secret != "" && same == 1 && c.allows(address) {
			found = c
		}
	}
	return found
}

func equal(a, b string) int {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:])
}

func (i *Instance) open(address netip.Addr) *Caller {
	for n := range i.Callers {
		if c := &i.Callers[n]; c.Kind == Open && c.allows(address) {
			return c
		}
	}
	return nil
}

// bySignature verifies a signed query.
func (d *Door) bySignature(query string, instance *Instance, address netip.Addr) identified {
	s, wrong := parseSigned(query)
	if wrong != "" {
		return identified{why: wrong}
	}
	caller, known := instance.byOrig(s.orig)
	right := s.matches(caller.Secret) // an unknown orig costs the same
	switch {
	case !known:
		return identified{why: "the orig is unknown"}
	case !right:
		return identified{why: "the signature is wrong"}
	case !s.fresh(d.Now()):
		return identified{why: "the timestamp is more than 30 seconds from now; are both clocks right?"}
	case !caller.allows(address):
		return identified{why: "the source address is not allowed"}
	}
	return identified{caller: caller, signed: &s}
}

func (i *Instance) byOrig(orig string) (*Caller, bool) {
	for n := range i.Callers {
		if c := &i.Callers[n]; c.Kind == Signature && c.Secret != "" && c.Orig == orig {
			return c, true
		}
	}
	return &Caller{Secret: "as long as a secret that is one"}, false
}

// address is where the request came from: the last address that no proxy of
// ours stands at.
func (i *Instance) address(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	at := peer.Addr().Unmap()
	forwarded := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	if forwarded == "" {
		return at
	}
	hops := strings.Split(forwarded, ",")
	for n := len(hops) - 1; n >= 0 && i.Proxies.hold(at); n-- {
		before, err := netip.ParseAddr(strings.TrimSpace(hops[n]))
		if err != nil {
			return netip.Addr{} // in no network
		}
		at = before.Unmap()
	}
	return at
}
