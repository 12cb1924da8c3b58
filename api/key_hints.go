package api

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"relais/auth"
)

// keyHeaders are where other APIs want their keys.
var keyHeaders = []string{
	"X-Api-Key", "X-Api-Token", "X-Auth-Token", "Api-Key", "Apikey", "X-Access-Token", "X-Authorization",
	"Token", "Access-Token", "Authentication", "Proxy-Authorization", "Auth-Token", "X-Token", "X-Key", "Private-Token", "Bearer",
}

// keyParameters are where other APIs want theirs in a URL.
var keyParameters = []string{"key", "api_key", "apikey", "api-key", "token", "access_token", "auth"}

const right = "Send the header Authorization: Bearer KEY."

// keyUnknown names what stands around a key that makes it another. It repeats nothing of it.
func keyUnknown(r *http.Request) *Problem {
	detail := "No key like the one sent exists. `relais keys list` shows those that do."
	if what := stray(auth.Bearer(r.Header.Get("Authorization"))); what != "" {
		detail = what + " " + right
	}
	return problem(http.StatusUnauthorized, "key_unknown", detail).at(authorization)
}

var (
	// unfilled are variables of shells, Windows and templates.
	unfilled = regexp.MustCompile(`^(?:\$|\{\{|<%|%[A-Za-z_]+%$)`)
	// named is a key behind its name, as in a file of settings.
	named = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*[=:][^=]`)
	// escaped is a line end or a space that somebody wrote as an escape.
	escaped = regexp.MustCompile(`\\[nrt]|%(?:0[AaDd9]|20)`)
)

// stray is a sentence on what was copied along with a key, "" when nothing is seen.
func stray(key string) string {
	const quotes = "\"'`\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"
	unseen := strings.IndexFunc(key, func(c rune) bool { return unicode.Is(unicode.Cf, c) || unicode.Is(unicode.Cc, c) })
	lower := strings.ToLower(key)
	switch {
	case key == "":
		return ""
	case key == "KEY":
		return "The word KEY of the examples stands where the key goes."
	case unfilled.MatchString(key):
		return "A variable, it seems, was not filled in with the key."
	case strings.Trim(key, quotes) != key:
		return "The key stands in quotes, which count as part of it; take them away."
	case strings.Trim(key, "<>[]{}()") != key:
		return "The key stands in brackets, which count as part of it; take them away."
	case strings.HasPrefix(lower, "bearer ") || strings.HasPrefix(lower, "bearer:"):
		return "The word Bearer stands there twice."
	case unseen >= 0:
		c, _ := utf8.DecodeRuneInString(key[unseen:])
		return fmt.Sprintf("A mark that cannot be seen (%U) was copied along with the key; write it anew.", c)
	case named.MatchString(key):
		return "In front of the key stands a name and = or :, which count as part of it; send the key alone."
	case escaped.MatchString(key):
		return "The key holds an escape, of a line end or a space; send the key alone."
	case strings.ContainsFunc(key, unicode.IsSpace):
		return "There is white space inside the key; send one key, as it was shown."
	case strings.TrimRight(key, ",;.") != key:
		return "The key ends with a mark of punctuation, which counts as part of it; take it away."
	}
	return ""
}

// keyMissing tells where the key stands that was sent elsewhere than where it goes. It
// repeats nothing of it.
func keyMissing(r *http.Request) *Problem {
	detail := right + " `relais keys create` makes a key."
	given := strings.TrimSpace(r.Header.Get("Authorization"))
	scheme, rest, _ := strings.Cut(given, " ")
	switch {
	case strings.EqualFold(scheme, "Basic"):
		detail = "Authorization is of the kind Basic, with a user name and a password. " + right
	case strings.EqualFold(scheme, "Bearer"):
		detail = "Authorization has no key behind Bearer. " + right
	case len(given) > len("Bearer") && strings.EqualFold(given[:len("Bearer")], "Bearer"):
		detail = "Between Bearer and the key stands a space and nothing else. " + right
	case strings.EqualFold(strings.TrimSuffix(scheme, ":"), "Authorization"):
		detail = "The name of the header stands in its value too. " + right
	case stray(scheme) != "":
		detail = stray(scheme) + " " + right
	case given != "" && rest == "":
		detail = "Authorization lacks the word Bearer before the key. " + right
	case given != "":
		detail = "Authorization is of another kind than Bearer. " + right
	default:
		if name := keyHeader(r.Header); name != "" {
			detail = "A key stands in the header " + name + ", which is not read. " + right
		} else if name := keyParameter(r.URL.RawQuery); name != "" {
			detail = "A key stands in the URL, as " + name + ", which is not read, and which logs keep. " + right
		} else if r.Header.Get("Cookie") != "" {
			detail = "The header Cookie is not read: no key goes into a cookie. " + right
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
