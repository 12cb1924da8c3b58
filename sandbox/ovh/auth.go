package ovh

import (
	"crypto/sha1" //nolint:gosec // the signature scheme of the API is SHA-1
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// authorize checks the headers, the clock, the signature, the consumer key and
// its rules. Rules are matched on the path only (inferred).
func (o *Operator) authorize(r *http.Request, path string, body []byte) (*key, error) {
	app := r.Header.Get("X-Ovh-Application")
	stamp := r.Header.Get("X-Ovh-Timestamp")
	signature := r.Header.Get("X-Ovh-Signature")
	consumer, named := r.Header["X-Ovh-Consumer"]
	if app == "" || stamp == "" || signature == "" || !named {
		return nil, errLogin
	}
	if app != ApplicationKey {
		return nil, errKey
	}
	if !o.timely(stamp) {
		return nil, errClock
	}
	// An empty consumer key is told as a bad signature (observed: tailwarden/komiser issue 1490).
	if consumer[0] == "" || !signed(r, consumer[0], body, stamp, signature) {
		return nil, errSign
	}
	return o.grant(consumer[0], r.Method, path)
}

func (o *Operator) grant(consumer, method, path string) (*key, error) {
	key, ok := o.keys.use(consumer)
	if !ok {
		return nil, errNoKey
	}
	if key.state != stateValidated {
		return nil, errState
	}
	if strings.HasPrefix(path, "/auth/") {
		return key, nil // observed: needs no rule (ovh/terraform-provider-ovh pull 29)
	}
	for _, rule := range key.rules {
		if rule.Method == method && matches(rule.Path, path) {
			return key, nil
		}
	}
	return nil, errGrant
}

func (o *Operator) timely(stamp string) bool {
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return false
	}
	skew := o.world.Clock.Now().Sub(time.Unix(seconds, 0))
	return skew.Abs() <= o.tolerance
}

// signed tries the URLs that a client may have signed: the two schemes, since a
// proxy may stand before the sandbox, and the host with and without its port,
// which node clients leave out (observed). The raw request target counts byte for
// byte.
func signed(r *http.Request, consumer string, body []byte, stamp, signature string) bool {
	hosts := [2]string{r.Host}
	if name, _, err := net.SplitHostPort(r.Host); err == nil {
		hosts[1] = name
	}
	for _, host := range hosts {
		for _, scheme := range [...]string{"http://", "https://"} {
			if host == "" {
				continue
			}
			want := Sign(ApplicationSecret, consumer, r.Method, scheme+host+r.RequestURI, body, stamp)
			if subtle.ConstantTimeCompare([]byte(want), []byte(signature)) == 1 {
				return true
			}
		}
	}
	return false
}

// Sign is the signature of a call, documented in the guide "First Steps with the
// OVHcloud APIs".
func Sign(secret, consumer, method, url string, body []byte, stamp string) string {
	text := make([]byte, 0, 160+len(url)+len(body))
	for _, part := range [...]string{secret, consumer, method, url} {
		text = append(text, part...)
		text = append(text, '+')
	}
	text = append(text, body...)
	text = append(text, '+')
	text = append(text, stamp...)
	sum := sha1.Sum(text) //nolint:gosec // as above
	return string(hex.AppendEncode([]byte("$1$"), sum[:]))
}

// matches reports whether a rule covers a path. A star stands for any run of
// characters, slashes included; everything else is literal, so that /sms/* does
// not cover /sms (observed: ovh/php-ovh-sms issues 1, 4, 33; ovh/node-ovh issue 22).
func matches(rule, path string) bool {
	parts := strings.Split(rule, "*")
	if len(parts) == 1 {
		return rule == path
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(path) < len(first)+len(last) || !strings.HasPrefix(path, first) || !strings.HasSuffix(path, last) {
		return false
	}
	rest := path[len(first) : len(path)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return true
}
