package console

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"relais/auth"
	"relais/reason"
)

// accountField says in every form for which account its page was made. The account that
// somebody looks at is the browser's: another tab may have chosen another one meanwhile,
// and what is done here must not be done there.
const accountField = "for"

var postForm = regexp.MustCompile(`<form method="post"[^>]*>`)

// withAccount puts the field into each form of a template that changes something.
func withAccount(template string) string {
	const field = `{{if $.Account}}<input type="hidden" name="` + accountField + `" value="{{$.Account}}">{{end}}`
	return postForm.ReplaceAllStringFunc(template, func(form string) string { return form + field })
}

// otherAccount reports whether a form is of another account than the one that is looked
// at. It is no matter for what belongs to the person or to the whole gateway.
func (q *request) otherAccount(needs auth.Right) bool {
	if q.Method != http.MethodPost || needs == self || needs == selfSure || needs.WholeGateway() {
		return false
	}
	if strings.HasPrefix(q.Header.Get("Content-Type"), "multipart/") {
		return false // upload reads it, within the limits of its page
	}
	if q.ParseForm() != nil {
		return false // reading the form says what is wrong with it
	}
	of := q.PostForm.Get(accountField)
	return of != "" && of != q.account
}

// tabPage says that a form was of another account.
type tabPage struct {
	frame

	Of string // the account of the form; empty: the person has it no more
}

// toAccount offers to look at the account of a form again.
func toAccount(q *request, of string) answer {
	p := &tabPage{}
	if slices.Contains(q.has, of) {
		p.Of = of
	}
	return view{"tab", p, http.StatusConflict}
}

// Why is what happened.
func (p *tabPage) Why() string {
	if p.Of == "" {
		return p.say("tab_gone")
	}
	return reason.Of(Words+"/tab_other", reason.Args{
		"of": reason.Name(p.Of), "now": reason.Name(p.Account),
	}).In(p.Lang)
}
