package httpapi

import (
	"context"
	"net/http"
	"time"

	"relais/connector"
	"relais/sms"
)

// client is an instance: a declaration with the settings of a section.
type client struct {
	declaration *Declaration
	settings    settings
	sender      string
	baseURL     string
	callback    string // address that the operator may call; empty: it cannot
	http        *http.Client
	now         func() time.Time
	tokens      *tokens
	secrets     []string // what no error may show, in every form that an operator could repeat
}

// The abilities that a declaration may give to an instance, each a type, so that an instance has
// those of its declaration alone.
type (
	listener struct{ *client }
	purse    struct{ *client }
	inquirer struct{ *client }
)

// Abilities are those of the declaration.
func (c *client) Abilities() connector.Capabilities {
	d := c.declaration
	can := connector.Capabilities{Checker: c}
	if d.pushes() {
		can.NewsParser = &listener{c}
	}
	if d.polled() {
		can.NewsPoller = &poller{c}
	}
	if d.credit != nil {
		can.Balancer = &purse{c}
	}
	if d.lookup != nil {
		can.Reconciler = &inquirer{c}
	}
	return can
}

func (c *client) source(m *sms.Message) *source {
	return &source{
		declaration: c.declaration, settings: c.settings, callback: c.callback, sender: c.sender, message: m,
		now: c.now(),
	}
}

// exchange makes a call and reads its answer. Where a token lets us in, one that was kept may have
// ended at the operator meanwhile: an answer that says so proves that nothing was done, and the
// call is made once more with a new one.
func (c *client) exchange(ctx context.Context, of *call, s *source) (*document, error) {
	if c.declaration.token == nil {
		return c.call(ctx, of, s)
	}
	var kept bool
	var err error
	if s.token, kept, err = c.token(ctx); err != nil {
		return nil, err
	}
	answer, err := c.call(ctx, of, s)
	if err != nil || !kept || !c.outdated(of, answer, s) {
		return answer, err
	}
	c.tokens.forget(s.token)
	if s.token, _, err = c.token(ctx); err != nil {
		return nil, err
	}
	return c.call(ctx, of, s)
}

// outdated reports whether an answer refuses the token. Of a message its rule must say so.
func (c *client) outdated(of *call, answer *document, s *source) bool {
	if answer.status != http.StatusUnauthorized {
		return false
	}
	if of != &c.declaration.send {
		return true
	}
	by := c.ruleFor(answer, s)
	return by != nil && by.then == thenAuth
}

func (c *client) call(ctx context.Context, of *call, s *source) (*document, error) {
	r, err := of.request(ctx, c.baseURL, &c.declaration.auth, s)
	if err != nil {
		return nil, err
	}
	answer, err := connector.Exchange(c.http, r)
	if err != nil {
		return nil, err
	}
	return of.read(answer), nil
}

func (c *call) read(answer connector.Answer) *document {
	d := &document{status: answer.Status, header: answer.Header}
	name := ""
	for known, m := range charsets {
		if c.charset != nil && m == c.charset {
			name = known
		}
	}
	d.read(answer.Body, c.answers, name)
	return d
}
