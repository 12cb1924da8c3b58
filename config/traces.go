package config

import (
	"regexp"
	"strings"
)

// headerName is a field name of RFC 9110, section 5.1.
var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

func (t Traces) check() []finding {
	return findings(path{"traces"}, []judged{
		{"endpoint", wrongURL(t.Endpoint)},
		{"endpoint", unless(!strings.HasSuffix(strings.TrimSuffix(t.Endpoint, "/"), "/v1/traces"), "leave /v1/traces out; it is added")},
		{"sample", unless(t.Sample >= 0 && t.Sample <= 1, "want a share from 0 to 1, such as 0.1")},
		{"header", unless(headerName.MatchString(t.Header), `want the name of a header, such as "Authorization"`)},
		{"token", unless(!strings.ContainsAny(t.Token.Reveal(), "\r\n\x00"), "want one line")},
	})
}
