package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"relais/auth"
	"relais/internal/origin"
)

type callerKey struct{}

func callerOf(ctx context.Context) auth.Key {
	key, _ := ctx.Value(callerKey{}).(auth.Key)
	return key
}

// keyRing knows the API keys.
type keyRing interface {
	Admit(ctx context.Context, key, address string, needs auth.KeyRight) (auth.Key, error)
}

// callers admits callers that have a key.
type callers struct {
	keys  keyRing
	route func(r *http.Request) (pattern string)
	needs func(pattern string) auth.KeyRight
	// inadmissible refuses a request of a caller whose key is good; nil: it is admitted.
	inadmissible func(w http.ResponseWriter, r *http.Request, pattern string) *refusal
	log          *slog.Logger
}

// only lets only requests with a good key, and with the right that their route needs,
// reach /v1/. That comes before everything else, the first answer of an Idempotency-Key
// included: it too is for those alone who may ask.
func (c *callers) only(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/v1/") {
			next.ServeHTTP(w, r)
			return
		}
		pattern := c.route(r)
		key, err := c.recognise(r, pattern)
		if err != nil {
			c.refuse(w, r, err)
			return
		}
		if p := c.inadmissible(w, r, pattern); p != nil {
			drain(w, r)
			p.write(w, r)
			return
		}
		next.ServeHTTP(w, r.WithContext(withCaller(r.Context(), key, origin.Client(r))))
	})
}

// withCaller is the context of what a key does.
func withCaller(ctx context.Context, key auth.Key, address string) context.Context {
	ctx = context.WithValue(ctx, callerKey{}, key)
	return auth.WithBy(ctx, auth.By{Actor: key.Actor(), Address: address, Via: key.ID})
}

var errNoKey = errors.New("no key")

func (c *callers) recognise(r *http.Request, pattern string) (auth.Key, error) {
	text := auth.Bearer(r.Header.Get("Authorization"))
	if text == "" {
		return auth.Key{}, errNoKey
	}
	return c.keys.Admit(r.Context(), text, origin.Client(r), c.needs(pattern))
}

// authorization is the header at fault when a key is.
var authorization = FieldError{Field: "Authorization"}

func (c *callers) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := refusalOf(http.StatusServiceUnavailable, sayUncheckedKey)
	p.retryAfter = "5"
	switch {
	case errors.Is(err, errNoKey):
		p = keyMissing(r)
	case errors.Is(err, auth.ErrUnknown):
		p = keyUnknown(r)
	case auth.HasCode(err, auth.CodeKeyExpired):
		p = refusalFor(http.StatusUnauthorized, auth.Said(err)).at(authorization)
	case auth.HasCode(err, auth.CodeKeyAddress, auth.CodeKeyRight):
		p = refusalFor(http.StatusForbidden, auth.Said(err))
	case errors.Is(err, auth.ErrRevoked):
		p = refusalOf(http.StatusUnauthorized, codeKeyRevoked).at(authorization)
	default:
		c.log.Error("cannot check an API key", "error", err)
	}
	if p.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="relais"`)
	}
	drain(w, r)
	p.write(w, r)
}
