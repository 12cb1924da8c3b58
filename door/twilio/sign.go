package twilio

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the signature is HMAC-SHA1
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strings"

	"relais/door"
)

// signature covers the address and, in the order of their bytes, each field with its values, the values sorted
// and each once (documented: TWN, getExpectedTwilioSignature).
func signature(token, address string, fields url.Values) string {
	var signed strings.Builder
	signed.WriteString(address)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		values := slices.Clone(fields[name])
		slices.Sort(values)
		for _, value := range slices.Compact(values) {
			signed.WriteString(name + value)
		}
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(signed.String()))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// exactAddress reports whether a request goes to an address sign by sign as it is written: receivers check the
// signature with the address that they see. An escape that is missing would be added on the way.
func exactAddress(address string) bool {
	for _, b := range []byte(address) {
		if b <= ' ' || b >= 0x7f {
			return false
		}
	}
	address, _, _ = strings.Cut(address, "#")
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Opaque != "" || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	_, rest, _ := strings.Cut(address, ":")
	_, same, _ := strings.Cut(u.String(), ":")
	return rest == same
}

// called is the address that is called, and signed, for one that a client gave: without its fragment, which only asks
// Twilio for its retries (documented: TWE, connection overrides), and with the slash that a request has. A port that
// goes without saying stays out of it: validators try both (documented: TWN, validateRequest).
func called(address string) string {
	address, _, _ = strings.Cut(address, "#")
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	scheme, rest, _ := strings.Cut(address, "://")
	rest = strings.TrimPrefix(rest, u.Host)
	host := u.Host
	if u.Scheme == "http" {
		host = strings.TrimSuffix(host, ":80")
	} else {
		host = strings.TrimSuffix(host, ":443")
	}
	if !strings.HasPrefix(rest, "/") {
		rest = "/" + rest
	}
	return strings.ToLower(scheme) + "://" + host + rest
}

// hostOf is the endpoint of an address as it is called.
func hostOf(address string) string { return door.HostOf(called(address)) }
