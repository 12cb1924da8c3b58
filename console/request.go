package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"relais/auth"
	"relais/internal/origin"
	"relais/reason"
	"relais/sms"
)

// request is a request of somebody, for one account.
type request struct {
	*http.Request

	console *Console
	session auth.Session // zero: nobody is signed in
	account string       // that the person looks at; empty: none
	has     []string     // accounts that the person may look at
	lang    reason.Language
	form    url.Values // of a POST; the fields are those of its page
	live    *live      // of a page that is kept up to date
	wire    *http.ResponseController
}

// actor is how timelines name the person.
func (q *request) actor() sms.Actor { return q.session.User.Actor() }

// may reports whether the person has a right in the account that is looked at.
func (q *request) may(right auth.Right) bool {
	return right == self || right == selfSure || q.session.May(right, q.account)
}

// signedIn reports whether somebody is signed in, though a step may be missing.
func (q *request) signedIn() bool { return q.session.User.ID != "" }

// browser is where the request comes from.
func (q *request) browser() auth.Browser {
	return auth.Browser{Address: origin.Client(q.Request), Agent: q.UserAgent()}
}

// token is that of the session.
func (q *request) token() string { return q.cookie(q.console.sessionCookie()) }

// ctx is the context of the request.
func (q *request) ctx() context.Context { return q.Context() }

// during is the request for as long as a context lasts, which may be longer.
func (q *request) during(ctx context.Context) *request {
	other := *q
	other.Request = q.WithContext(ctx)
	return &other
}

// field is what was typed into a field, without the space around it.
func (q *request) field(name string) string { return strings.TrimSpace(q.form.Get(name)) }

// read reads the form of a POST. It must have these fields and no others, each once at
// most, beside the one that every form has; a page that sends more was forged, or is of
// another version.
func (q *request) read(fields ...string) error {
	if err := q.ParseForm(); err != nil {
		return &problem{http.StatusBadRequest, reason.Of(sayFormUnreadable, nil)}
	}
	for name, values := range q.PostForm {
		if name != accountField && !slices.Contains(fields, name) || len(values) > 1 {
			return &problem{http.StatusBadRequest, reason.Of(sayFormForeign, nil)}
		}
	}
	q.form = q.PostForm
	return nil
}

// id is the id in the path. What is none names nothing.
func (q *request) id() (sms.ID, error) {
	id, err := sms.ParseID(q.PathValue("id"))
	if err != nil {
		return sms.ID{}, notFound()
	}
	return id, nil
}

// now is the moment of the request, in the zone of the console.
func (q *request) now() time.Time { return q.console.Now().In(q.console.Zone) }

// next is where to go after a form that stands on every page: an address of the console,
// else its home.
func next(path string) string {
	if !strings.HasPrefix(path, Home) || strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }) {
		return Home
	}
	return path
}
