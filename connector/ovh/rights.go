package ovh

import (
	"net/http"
	"slices"
	"strings"
	"unicode"

	"relais/reason"
)

// Rule grants a consumer key one method on the paths that match. A star stands
// for any run of characters, slashes included; everything else is literal
// (documented, "First Steps with the OVHcloud APIs").
type Rule struct {
	Method string `json:"method"`
	Path   string `json:"path"`
}

// Rights is what the gateway calls, and nothing else. GET /sms/* cannot be
// narrower while the account is unknown, for its star covers slashes; GET /sms
// is apart because /sms/* does not cover it. POST /sms/*/jobs also covers the
// jobs of an SMS user.
//
// PUT /sms/*, which sets callback addresses, is CallbackRight and asked for
// apart: it would also let a stolen key redirect replies, change credit alerts
// and open SMPP addresses. DELETE /sms/*/jobs/*
// is left out because the gateway does not call Cancel yet. A right comes with
// the code that uses it.
var Rights = []Rule{
	{http.MethodGet, "/auth/currentCredential"},
	{http.MethodGet, "/sms"},
	{http.MethodGet, "/sms/*"},
	{http.MethodPost, "/sms/*/jobs"},
}

// String writes the rule as people do: "GET /sms/*".
func (r Rule) String() string { return r.Method + " " + r.Path }

// Covers reports whether the rule allows a call. The query is not looked at
// (inferred).
func (r Rule) Covers(method, path string) bool {
	return r.Method == method && matchStar(r.Path, path)
}

// matchStar goes from star to star, and back to the last one on a mismatch.
func matchStar(pattern, path string) bool {
	star, retry := -1, 0
	p, i := 0, 0
	for i < len(path) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, retry = p, i
			p++
		case p < len(pattern) && pattern[p] == path[i]:
			p++
			i++
		case star >= 0:
			retry++
			p, i = star+1, retry
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// nearMiss says why a granted rule that looks right does not count, or nothing.
func nearMiss(granted []Rule, method, path string) reason.Reason {
	for _, rule := range granted {
		visible := strings.Map(func(r rune) rune {
			if unicode.IsPrint(r) && !unicode.IsSpace(r) {
				return r
			}
			return -1
		}, rule.Path)
		trimmed := Rule{rule.Method, strings.TrimSuffix(visible, "/")}
		near := reason.Args{"rule": reason.Name((Rule{rule.Method, visible}).String())}
		switch {
		case visible != rule.Path && (Rule{rule.Method, visible}).Covers(method, path):
			return reason.Of(foundRuleHidden, near)
		case trimmed.Covers(method, path):
			return reason.Of(foundRuleSlash, near)
		case strings.TrimSuffix(visible, "/*") == path && rule.Method == method:
			return reason.Of(foundRuleStar, near)
		}
	}
	return reason.Reason{}
}

func covered(granted []Rule, method, path string) bool {
	return slices.ContainsFunc(granted, func(r Rule) bool { return r.Covers(method, path) })
}
