package config

import (
	"regexp"
	"strings"

	"relais/config/section"
)

// headerName is a field name of RFC 9110, section 5.1.
var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

func (t Traces) check() []section.Finding {
	return section.Findings(path{"traces"}, []section.Judged{
		{Key: "endpoint", Wrong: section.WrongURL(t.Endpoint)},
		{Key: "endpoint", Wrong: section.Unless(!strings.HasSuffix(strings.TrimSuffix(t.Endpoint, "/"), "/v1/traces"), whyTracesPath)},
		{Key: "sample", Wrong: section.Unless(t.Sample >= 0 && t.Sample <= 1, whyTracesSample)},
		{Key: "header", Wrong: section.Unless(headerName.MatchString(t.Header), whyTracesHeader)},
		{Key: "token", Wrong: section.Unless(!strings.ContainsAny(t.Token.Reveal(), "\r\n\x00"), whyOneLine)},
	})
}
