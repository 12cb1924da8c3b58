package console

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"relais/auth"
	"relais/reason"
)

// newProofPage asks once more who somebody is, before they do what an open browser alone
// must not do.
type proofPage struct {
	frame
	problems

	Next   string
	Kept   string // a form that was sent when the proof was too old, sealed; empty: none
	ByCode bool   // the person has a second step
	Codes  bool   // of which there are codes to type

	Passkey *passkeyForm // nil: the person has none, or it does not work here
	// Elsewhere is the provider of identities by which the person may prove it; empty: none.
	Elsewhere string
	Password  bool // the person has one
}

// wantsProof reports whether somebody must prove who they are before they use a right.
func (q *request) wantsProof(right auth.Right) bool {
	return (right == selfSure || right.NeedsProof()) && !q.session.Fresh(q.console.Now())
}

// toProof asks for a proof. Pages with forms ask before they are shown, so that nothing
// is typed in vain; a form whose proof ran out meanwhile is kept, and goes on after it.
func toProof(q *request) (answer, error) {
	if q.Method == http.MethodGet || q.Method == http.MethodHead {
		return redirect{to: Home + "proof?next=" + escaped(q.URL.RequestURI())}, nil
	}
	if err := q.ParseForm(); err != nil || strings.HasPrefix(q.Header.Get("Content-Type"), "multipart/") {
		return nil, &problem{http.StatusForbidden, reason.Of(sayProof, nil)}
	}
	kept, err := q.console.keep(q, q.session.User.ID, q.account, q.PostForm)
	if err != nil {
		return nil, err
	}
	return view{"proof", newProofPage(q, Home, kept), http.StatusForbidden}, nil
}

func newProofPage(q *request, to, kept string) *proofPage {
	u := q.session.User
	p := &proofPage{Next: to, Kept: kept, ByCode: u.HasSecondStep(), Codes: takesCodes(u), Password: u.HasPassword}
	if there := q.console.Elsewhere; there != nil && u.Identity.Subject != "" {
		p.Elsewhere = there.Name
	}
	if u.PasskeyCount > 0 {
		p.Passkey = q.passkeyForm("proof/passkey", "passkey_use", hiddenField{"next", to}, hiddenField{"kept", kept})
	}
	return p
}

func showProof(q *request) (answer, error) {
	to := next(q.URL.Query().Get("next"))
	if !q.wantsProof(selfSure) {
		return redirect{to: to}, nil
	}
	return view{name: "proof", data: newProofPage(q, to, "")}, nil
}

// takeProof takes a password or a code, and goes on to the page that was asked for, or
// with the form that was kept.
func takeProof(q *request) (answer, error) {
	if err := q.read("password", "code", "next", "kept"); err != nil {
		return nil, err
	}
	proof := auth.Proof{Password: q.form.Get("password"), Code: q.field("code")}
	return q.prove(func() (string, auth.Session, error) {
		return q.console.People.Prove(q.ctx(), q.token(), proof, q.browser())
	})
}

// prove goes on after a proof, if it is one.
func (q *request) prove(try func() (string, auth.Session, error)) (answer, error) {
	p := newProofPage(q, next(q.field("next")), q.field("kept"))
	form, err := q.console.kept(q, p.Kept)
	if err != nil {
		return nil, err
	}
	if form != nil && !q.wantsProof(selfSure) { // proved meanwhile, in another window
		return replay{q.token(), form}, nil
	}
	token, _, err := try()
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		if refused.Reason.Code == auth.CodeSessionEnded {
			return redirect{to: Home + "signin?next=" + escaped(p.Next)}, nil
		}
		p.refuse(p.field(), refused.Reason.In(q.lang))
		return refuseForm("proof", p, refused), nil
	}
	if err != nil {
		return nil, err
	}
	if form == nil {
		return q.renewed(token, redirect{to: p.Next}), nil
	}
	return replay{token, form}, nil
}

// field is that in which the proof is typed.
func (p *proofPage) field() string {
	if p.ByCode {
		return "code"
	}
	return "password"
}

// replay answers a form that was kept, under the session that the proof began.
type replay struct {
	token string
	form  *keptForm
}

func (a replay) write(w http.ResponseWriter, q *request) {
	q.console.setSession(w, a.token)
	r := q.Clone(q.ctx())
	r.Form, r.PostForm = nil, nil
	r.URL = &url.URL{Path: a.form.Path}
	r.RequestURI = a.form.Path
	body := a.form.Fields.Encode()
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	r.Header.Del("Cookie")
	for _, c := range q.Cookies() {
		if c.Name == q.console.sessionCookie() {
			c.Value = a.token
		}
		r.AddCookie(c)
	}
	q.console.routes.ServeHTTP(w, r)
}
