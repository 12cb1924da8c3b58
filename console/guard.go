package console

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"relais/auth"
	"relais/contact"
	"relais/internal/origin"
	"relais/reason"
	"relais/sheet"
)

// maxForm is the largest form, in bytes.
const maxForm = 1 << 20

// largeForms are the routes whose forms may be larger: they are read as they arrive.
var largeForms = map[string]int64{
	campaignUpload: sheet.Usual.Bytes + maxForm, listUpload: contact.MaxBytes + maxForm,
}

// policy is what a page may load and where its forms may go: nothing from elsewhere, no
// script and no style within a page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// headers are those of every answer.
func (c *Console) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if c.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// guard lets a request through to a route: with a session where it needs one, and with
// the right that it needs.
func (c *Console) guard(at route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit, large := largeForms[at.pattern]
		if !large {
			limit = maxForm
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		q := &request{Request: r, console: c, lang: languageOf(r), wire: http.NewResponseController(w)}
		done, err := c.export(at)
		defer done()
		var shown answer
		if err == nil {
			shown, err = c.admitted(q, at) //nolint:contextcheck // the request has it
		}
		if err != nil {
			shown = c.refusal(q, err)
		}
		shown.write(w, q)
	})
}

// admitted is the answer of a route to somebody who may have it.
func (c *Console) admitted(q *request, at route) (answer, error) {
	if !c.Secure && !onThisMachine(q.Request) {
		return nil, &problem{http.StatusForbidden, reason.Of(sayPlainHTTP, nil)}
	}
	if err := c.atHome(q); err != nil {
		return nil, err
	}
	if err := c.recognise(q); err != nil {
		return nil, err
	}
	switch {
	case at.needs == open:
		return at.answer(q)
	case !q.signedIn():
		return atEnd(q)
	case q.session.Step != auth.StepNone:
		return redirect{to: Home + "step"}, nil
	case q.otherAccount(at.needs):
		return toAccount(q, q.PostForm.Get(accountField)), nil
	case !q.may(at.needs):
		return nil, forbidden()
	case q.wantsProof(at.needs):
		return toProof(q)
	}
	return at.answer(q)
}

// atHome refuses a request that was sent to another host than that of the public address:
// the cookie of a session would be for a host that is not ours.
func (c *Console) atHome(q *request) error {
	if !c.Secure {
		return nil
	}
	at, err := url.Parse(c.PublicURL)
	if err != nil {
		return err
	}
	if sameHost(q.Host, at.Host) {
		return nil
	}
	address := reason.Name(c.PublicURL + Home)
	return &problem{http.StatusMisdirectedRequest, reason.Of(sayOtherHost, reason.Args{"address": address})}
}

// sameHost reports whether two hosts are one over HTTPS.
func sameHost(a, b string) bool {
	plain := func(host string) string { return strings.TrimSuffix(strings.TrimSuffix(host, ":443"), ".") }
	return strings.EqualFold(plain(a), plain(b))
}

// onThisMachine reports whether a request comes from this machine, and to a name that
// only this machine has: a page elsewhere could have a name that leads here.
func onThisMachine(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	for _, mark := range []string{"X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via"} {
		if r.Header.Get(mark) != "" {
			return false // a proxy on this machine brings it from elsewhere
		}
	}
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && remote.Addr().Unmap().IsLoopback() &&
		(host == "localhost" || origin.Loopback(strings.Trim(host, "[]")))
}

// recognise finds the session of a request, and the account that the person looks at.
// Without a session, or with one that has ended, nobody is signed in.
func (c *Console) recognise(q *request) error {
	if q.token() == "" {
		return nil
	}
	s, err := q.look()
	if auth.HasCode(err, auth.CodeSessionEnded) {
		return nil
	}
	if err != nil {
		return err
	}
	q.session = s
	q.Request = q.WithContext(auth.WithBy(q.ctx(), auth.By{Actor: q.actor(), Address: q.browser().Address}))
	if s.User.Language != "" && q.cookie(languageCookie) == "" {
		q.lang = s.User.Language
	}
	q.has, q.account, err = q.accountsOf(s.User)
	return err
}

// accountsOf are the accounts that a user may look at, and the one that this browser
// shows.
func (q *request) accountsOf(u auth.User) (has []string, shown string, err error) {
	accounts, err := q.console.Reader.Accounts(q.ctx())
	if err != nil {
		return nil, "", err
	}
	names := make([]string, len(accounts))
	for i, a := range accounts {
		names[i] = a.Name
	}
	has = u.Accounts(auth.SeeCounts, names)
	return has, chosen(has, q.cookie(accountCookie)), nil
}

// chosen is the account that was chosen, else the first one that the person has.
func chosen(has []string, wanted string) string {
	for _, name := range has {
		if name == wanted {
			return name
		}
	}
	if len(has) == 0 {
		return ""
	}
	return has[0]
}

// forbidden answers what the person may not do.
func forbidden() error { return &problem{http.StatusForbidden, reason.Of(sayForbidden, nil)} }

// notFound answers what is not there, and what is another account's: nobody can tell one
// from the other.
func notFound() error { return &problem{http.StatusNotFound, reason.Of(sayNotFound, nil)} }

// toSignIn sends somebody to sign in, and then on to the page that was asked for.
func toSignIn(q *request) answer {
	to := Home + "signin"
	if q.Method == http.MethodGet && q.URL.Path != Home {
		to += "?next=" + escaped(q.URL.RequestURI())
	}
	return redirect{to: to}
}

// languageOf is the language of somebody who is not signed in: the one that was chosen,
// else the browser's.
func languageOf(r *http.Request) reason.Language {
	if c, err := r.Cookie(languageCookie); err == nil {
		for _, l := range reason.Languages() {
			if string(l) == c.Value {
				return l
			}
		}
	}
	return reason.Match(r.Header.Get("Accept-Language"))
}

// withoutCancel is a context for what must be finished once it has begun.
func withoutCancel(q *request) context.Context { return context.WithoutCancel(q.ctx()) }
