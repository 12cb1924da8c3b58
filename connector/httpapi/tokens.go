package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"relais/connector"
)

// tokenCall obtains a token: by OAuth 2 (RFC 6749, 4.4), or by a login of the operator's own.
type tokenCall struct {
	call
	auth     auth
	token    place
	lasts    place
	lifetime time.Duration // where no answer says it; 0: it must
}

// Bounds of a token: none that is documented comes near them.
const (
	longestToken    = 8 << 10
	longestLifetime = 366 * 24 * time.Hour
)

// tokenCall compiles [token].
func (j *judge) tokenCall(w *writtenToken) *tokenCall {
	if w == nil {
		return nil
	}
	c := &tokenCall{call: j.asks("token", &w.writtenCall), auth: j.auth("token.auth", &w.Auth)}
	c.token, c.lasts = j.place("token.at", w.At, c.answers), j.place("token.lasts", w.Lasts, c.answers)
	if w.At == "" {
		j.complain("token.at", whyMissing, nil)
	}
	if w.Lasts == "" && w.Lifetime == "" {
		j.complain("token.lasts", whyMissing, nil)
	}
	if w.Lifetime == "" {
		return c
	}
	var err error
	if c.lifetime, err = time.ParseDuration(w.Lifetime); err != nil || c.lifetime < time.Second || c.lifetime > longestLifetime {
		j.complain("token.lifetime", whyLifetime, nil)
	}
	return c
}

// tokenIsAsked complains of a token that no call needs, that nobody obtains, or that is needed to
// obtain itself.
func (j *judge) tokenIsAsked(d *Declaration) {
	asks := func(all []named) (key string, found bool) {
		i := slices.IndexFunc(all, func(t named) bool { return slices.Contains(t.names(), "token") })
		if i < 0 {
			return "", false
		}
		return all[i].key, true
	}
	if d.token != nil {
		own := append(d.token.templates("token"), named{"token.auth.user", d.token.auth.user}, named{"token.auth.value", d.token.auth.value})
		if key, found := asks(own); found {
			j.complain(key, whyTokenItself, nil)
		}
	}
	key, found := asks(d.calls())
	switch {
	case found && d.token == nil:
		j.complain(key, whyTokenUnasked, nil)
	case !found && d.token != nil:
		j.complain("token", whyIdleKey, nil)
	}
}

// calls are the templates of every request but that for a token.
func (d *Declaration) calls() []named {
	all := append(d.send.templates("send"), named{"auth.user", d.auth.user}, named{"auth.value", d.auth.value})
	if d.credit != nil {
		all = append(all, d.credit.templates("credit")...)
	}
	if d.lookup != nil {
		all = append(all, d.lookup.templates("lookup")...)
	}
	if d.check != nil {
		all = append(all, d.check.templates("check")...)
	}
	for _, c := range d.told() {
		for i := range c.polls {
			all = append(all, c.polls[i].templates("poll")...)
		}
	}
	return all
}

// tokens keeps the token of an instance.
type tokens struct {
	turn chan struct{} // whoever holds it obtains one; the others wait for theirs

	mu     sync.Mutex
	token  string // empty: none
	until  time.Time
	hidden []string // forms of the last ones, which no words may show
}

func newTokens() *tokens { return &tokens{turn: make(chan struct{}, 1)} }

// kept is the token that is good for a while yet.
func (t *tokens) kept(now time.Time) (token string, there bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.token, t.token != "" && now.Before(t.until)
}

// keep keeps a token for nine tenths of its life, so that it does not end on the way; of a long life
// for all but its last minute.
func (t *tokens) keep(token string, now time.Time, lasts time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token, t.until = token, now.Add(lasts-min(lasts/10, time.Minute))
	const mostHidden = 20 // of four tokens
	t.hidden = append(forms(token), t.hidden...)
	t.hidden = t.hidden[:min(len(t.hidden), mostHidden)]
}

// forget drops a token, unless another one came meanwhile.
func (t *tokens) forget(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == token {
		t.token = ""
	}
}

func (t *tokens) secrets() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.hidden)
}

// token is the one to call with, and whether it was kept from before. One call obtains it, whoever
// needs one at a time. No error of it is in doubt: the message has not left.
func (c *client) token(ctx context.Context) (token string, kept bool, err error) {
	if token, kept = c.tokens.kept(c.now()); kept {
		return token, true, nil
	}
	select {
	case c.tokens.turn <- struct{}{}:
		defer func() { <-c.tokens.turn }()
	case <-ctx.Done():
		return "", false, &connector.Error{Fault: connector.Temporary, Detail: "no token came in time", Err: ctx.Err()}
	}
	if token, kept = c.tokens.kept(c.now()); kept {
		return token, true, nil
	}
	token, lasts, err := c.obtain(ctx)
	if err != nil {
		return "", false, err
	}
	c.tokens.keep(token, c.now(), lasts)
	return token, false, nil
}

// obtain asks the operator for a token.
func (c *client) obtain(ctx context.Context) (token string, lasts time.Duration, err error) {
	of := c.declaration.token
	s := c.source(nil)
	r, err := of.request(ctx, c.baseURL, &of.auth, s)
	if err != nil {
		return "", 0, err
	}
	answer, err := connector.Exchange(c.http, r)
	if err != nil { // whatever became of the call, the message has not left
		return "", 0, &connector.Error{Fault: connector.Temporary, Code: connector.CodeOf(err), Detail: "the operator gives no token", Err: err}
	}
	return c.given(of, of.read(answer), s)
}

// given reads a token and how long it lasts.
func (c *client) given(of *tokenCall, answer *document, s *source) (token string, lasts time.Duration, err error) {
	token, _ = answer.at(of.token)
	if !of.statuses.have(answer.status) || !all(of.where, answer, s) || token == "" {
		return "", 0, c.noToken(answer)
	}
	if len(token) > longestToken || !printable7(token) {
		return "", 0, &connector.Error{Fault: connector.Temporary, Code: statusCode(answer.status), Detail: "the token is none that a header could hold"}
	}
	lasts = of.lifetime
	if text, there := answer.at(of.lasts); there {
		if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds >= 1 {
			lasts = time.Duration(min(seconds, longestLifetime.Seconds()) * float64(time.Second))
		}
	}
	if lasts == 0 {
		return "", 0, &connector.Error{Fault: connector.Temporary, Code: statusCode(answer.status), Detail: "the answer does not say how long the token lasts"}
	}
	return token, lasts, nil
}

// noToken is the fault of an answer without a token. RFC 6749, 5.2: 400 and 401 are about the
// credentials; that 403 is too is inferred.
func (c *client) noToken(answer *document) error {
	e := &connector.Error{Fault: connector.Temporary, Code: statusCode(answer.status), Detail: "the operator gives no token"}
	switch answer.status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		e.Fault, e.Detail = connector.Blocked, standardDetail[thenAuth]
	case http.StatusTooManyRequests:
		e.Fault, e.Detail, e.RetryAfter = connector.Throttled, standardDetail[thenThrottled], c.retryAfter(answer.header)
	}
	return e
}

// printable7 reports whether a text is of visible ASCII alone.
func printable7(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}
