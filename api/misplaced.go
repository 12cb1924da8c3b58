package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// keyHeaders are where other APIs want their keys.
var keyHeaders = []string{"X-Api-Key", "X-Api-Token", "X-Auth-Token", "Api-Key", "Apikey", "X-Access-Token", "X-Authorization"}

// keyParameters are where other APIs want theirs in a URL.
var keyParameters = []string{"key", "api_key", "apikey", "api-key", "token", "access_token", "auth"}

// keyMissing tells where the key stands that was sent elsewhere than where it goes. It
// repeats nothing of it.
func keyMissing(r *http.Request) *Problem {
	const right = "Send the header Authorization: Bearer KEY."
	detail := right + " `relais keys create` makes a key."
	given := strings.TrimSpace(r.Header.Get("Authorization"))
	scheme, rest, _ := strings.Cut(given, " ")
	switch {
	case strings.EqualFold(scheme, "Basic"):
		detail = "Authorization is of the kind Basic, with a user name and a password. " + right
	case strings.EqualFold(scheme, "Bearer"):
		detail = "Authorization has no key behind Bearer. " + right
	case given != "" && rest == "":
		detail = "Authorization lacks the word Bearer before the key. " + right
	case given != "":
		detail = "Authorization is of another kind than Bearer. " + right
	default:
		if name := keyHeader(r.Header); name != "" {
			detail = "A key stands in the header " + name + ", which is not read. " + right
		} else if name := keyParameter(r.URL.RawQuery); name != "" {
			detail = "A key stands in the URL, as " + name + ", which is not read, and which logs keep. " + right
		}
	}
	return problem(http.StatusUnauthorized, "key_missing", detail).at(authorization)
}

func keyHeader(h http.Header) string {
	for _, name := range keyHeaders {
		if h.Get(name) != "" {
			return name
		}
	}
	return ""
}

func keyParameter(query string) string {
	values, _ := url.ParseQuery(query) // what can be read is enough for a hint
	for name := range values {
		if at := slices.Index(keyParameters, strings.ToLower(name)); at >= 0 {
			return keyParameters[at]
		}
	}
	return ""
}
