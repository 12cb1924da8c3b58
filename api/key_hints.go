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
	"relais/reason"
)

// keyHeaders are where other APIs want their keys.
var keyHeaders = []string{
	"X-Api-Key", "X-Api-Token", "X-Auth-Token", "Api-Key", "Apikey", "X-Access-Token", "X-Authorization",
	"Token", "Access-Token", "Authentication", "Proxy-Authorization", "Auth-Token", "X-Token", "X-Key",
	"Private-Token", "Bearer",
}

// keyParameters are where other APIs want theirs in a URL.
var keyParameters = []string{"key", "api_key", "apikey", "api-key", "token", "access_token", "auth"}

// keyUnknown names what stands around a key that makes it another. It repeats nothing of it.
func keyUnknown(r *http.Request) *refusal {
	why := reason.Of(sayNoSuchKey, nil)
	if what := stray(auth.Bearer(r.Header.Get("Authorization"))); !what.IsZero() {
		why = what.With(reason.Of(sayBearer, nil))
	}
	return refusalFor(http.StatusUnauthorized, why.As(codeKeyUnknown)).at(authorization)
}

var (
	// unfilled are variables of shells, Windows and templates.
	unfilled = regexp.MustCompile(`^(?:\$|\{\{|<%|%[A-Za-z_]+%$)`)
	// named is a key behind its name, as in a file of settings.
	named = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*[=:][^=]`)
	// escaped is a line end or a space that somebody wrote as an escape.
	escaped = regexp.MustCompile(`\\[nrt]|%(?:0[AaDd9]|20)`)
)

// stray names what was copied along with a key; zero when nothing is seen.
func stray(key string) reason.Reason {
	const quotes = "\"'`\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"
	unseen := strings.IndexFunc(
		key, func(c rune) bool { return unicode.Is(unicode.Cf, c) || unicode.Is(unicode.Cc, c) },
	)
	lower := strings.ToLower(key)
	switch {
	case key == "":
		return reason.Reason{}
	case key == "KEY":
		return reason.Of(sayExample, nil)
	case unfilled.MatchString(key):
		return reason.Of(sayVariable, nil)
	case strings.Trim(key, quotes) != key:
		return reason.Of(sayQuotes, nil)
	case strings.Trim(key, "<>[]{}()") != key:
		return reason.Of(sayBrackets, nil)
	case strings.HasPrefix(lower, "bearer ") || strings.HasPrefix(lower, "bearer:"):
		return reason.Of(sayBearerTwice, nil)
	case unseen >= 0:
		c, _ := utf8.DecodeRuneInString(key[unseen:])
		return reason.Of(sayInvisible, reason.Args{"mark": reason.Name(fmt.Sprintf("%U", c))})
	case named.MatchString(key):
		return reason.Of(sayName, nil)
	case escaped.MatchString(key):
		return reason.Of(sayEscape, nil)
	case strings.ContainsFunc(key, unicode.IsSpace):
		return reason.Of(sayWhiteSpace, nil)
	case strings.TrimRight(key, ",;.") != key:
		return reason.Of(sayPunctuation, nil)
	}
	return reason.Reason{}
}

// keyMissing says where a key was sent that belongs in another place. It does not repeat the
// key.
func keyMissing(r *http.Request) *refusal {
	right := reason.Of(sayBearer, nil)
	why := right.With(reason.Of(sayMakeKey, nil))
	if what := elsewhere(r); !what.IsZero() {
		why = what.With(right)
	}
	return refusalFor(http.StatusUnauthorized, why.As(codeKeyMissing)).at(authorization)
}

// elsewhere is what is wrong with the header Authorization, or where else a key stands;
// zero when none is seen.
func elsewhere(r *http.Request) reason.Reason {
	given := strings.TrimSpace(r.Header.Get("Authorization"))
	scheme, rest, _ := strings.Cut(given, " ")
	switch {
	case strings.EqualFold(scheme, "Basic"):
		return reason.Of(sayBasic, nil)
	case strings.EqualFold(scheme, "Bearer"):
		return reason.Of(sayNoKey, nil)
	case len(given) > len("Bearer") && strings.EqualFold(given[:len("Bearer")], "Bearer"):
		return reason.Of(sayNoSpace, nil)
	case strings.EqualFold(strings.TrimSuffix(scheme, ":"), "Authorization"):
		return reason.Of(sayHeaderTwice, nil)
	case !stray(scheme).IsZero():
		return stray(scheme)
	case given != "" && rest == "":
		return reason.Of(sayNoScheme, nil)
	case given != "":
		return reason.Of(sayOtherScheme, nil)
	}
	if name := keyHeader(r.Header); name != "" {
		return reason.Of(sayOtherHeader, reason.Args{"header": reason.Name(name)})
	}
	if name := keyParameter(r.URL.RawQuery); name != "" {
		return reason.Of(sayKeyParameter, reason.Args{"parameter": reason.Name(name)})
	}
	if r.Header.Get("Cookie") != "" {
		return reason.Of(sayCookie, nil)
	}
	return reason.Reason{}
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
