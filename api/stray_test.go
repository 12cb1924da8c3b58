package api_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestStrayKeys: a key that is not read as it was meant is told why, and is not repeated.
func TestStrayKeys(t *testing.T) {
	d := open(t) // @ stands for the key
	for _, tc := range []struct{ name, header, value, code, want string }{
		{"in quotes", "Authorization", `Bearer "@"`, "key_unknown", "stands in quotes"},
		{"in single quotes", "Authorization", `Bearer '@'`, "key_unknown", "stands in quotes"},
		{"in typographic quotes", "Authorization", "Bearer \u201c@\u201d", "key_unknown", "stands in quotes"},
		{"a quote at its end", "Authorization", `Bearer @"`, "key_unknown", "stands in quotes"},
		{"in angle brackets", "Authorization", "Bearer <@>", "key_unknown", "stands in brackets"},
		{"in braces", "Authorization", "Bearer {@}", "key_unknown", "stands in brackets"},
		{"a variable", "Authorization", "Bearer $RELAIS_KEY", "key_unknown", "was not filled in"},
		{"a variable in braces", "Authorization", "Bearer ${RELAIS_KEY}", "key_unknown", "was not filled in"},
		{"a variable of a template", "Authorization", "Bearer {{key}}", "key_unknown", "was not filled in"},
		{"a variable of Windows", "Authorization", "Bearer %RELAIS_KEY%", "key_unknown", "was not filled in"},
		{"Bearer twice", "Authorization", "Bearer Bearer @", "key_unknown", "Bearer stands there twice"},
		{"Bearer twice, one with a colon", "Authorization", "Bearer bearer:@", "key_unknown", "Bearer stands there twice"},
		{"a byte order mark", "Authorization", "Bearer \ufeff@", "key_unknown", "U+FEFF"},
		{"a space without width behind", "Authorization", "Bearer @\u200b", "key_unknown", "U+200B"},
		{"a mark inside", "Authorization", "Bearer K\u00adEY", "key_unknown", "U+00AD"},
		{"its name", "Authorization", "Bearer RELAIS_KEY=@", "key_unknown", "a name and = or :"},
		{"a name and a colon", "Authorization", "Bearer token:@", "key_unknown", "a name and = or :"},
		{"a line end as an escape", "Authorization", `Bearer @\n`, "key_unknown", "an escape"},
		{"a line end as in a URL", "Authorization", "Bearer @%0A", "key_unknown", "an escape"},
		{"two keys", "Authorization", "Bearer @ @", "key_unknown", "white space inside"},
		{"a comma behind", "Authorization", "Bearer @,", "key_unknown", "ends with a mark"},
		{"another key", "Authorization", "Bearer relais_@", "key_unknown", "No key like the one sent"},
		{"the word of the examples", "Authorization", "Bearer KEY", "key_unknown", "The word KEY"},
		{"all in quotes", "Authorization", `"Bearer @"`, "key_missing", "stands in quotes"},
		{"a mark before all", "Authorization", "\ufeffBearer @", "key_missing", "U+FEFF"},
		{"a colon behind Bearer", "Authorization", "Bearer: @", "key_missing", "a space and nothing else"},
		{"= behind Bearer", "Authorization", "Bearer=@", "key_missing", "a space and nothing else"},
		{"no space", "Authorization", "Bearer@", "key_missing", "a space and nothing else"},
		{"the header's name twice", "Authorization", "Authorization: Bearer @", "key_missing", "name of the header stands in its value"},
		{"Token", "Token", "@", "key_missing", "in the header Token"},
		{"Access-Token", "Access-Token", "@", "key_missing", "in the header Access-Token"},
		{"Authentication", "Authentication", "Bearer @", "key_missing", "in the header Authentication"},
		{"Proxy-Authorization", "Proxy-Authorization", "Bearer @", "key_missing", "in the header Proxy-Authorization"},
		{"X-Token", "X-Token", "@", "key_missing", "in the header X-Token"},
		{"a cookie", "Cookie", "token=@", "key_missing", "no key goes into a cookie"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			value := strings.ReplaceAll(tc.value, "@", townKey)
			got := d.in(t).do(withHeader(withKey(message(good), "-"), tc.header, value))
			p := got.problem(401, tc.code)
			if !strings.Contains(p.Detail, tc.want) || !strings.Contains(p.Detail, "Bearer KEY") &&
				tc.name != "another key" {
				t.Errorf("detail = %q, want %q", p.Detail, tc.want)
			}
			if strings.Contains(string(got.body), townKey) {
				t.Errorf("the answer repeats the key: %s", got.body)
			}
		})
	}
}

// TestWhiteSpaceAroundKeys: there is one way to read it.
func TestWhiteSpaceAroundKeys(t *testing.T) {
	d := open(t)
	for _, tc := range []struct{ name, value string }{
		{"a tab", "Bearer\t" + townKey},
		{"spaces", "Bearer   " + townKey + "  "},
		{"no-break spaces", "Bearer \u00a0" + townKey + "\u00a0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := d.in(t).do(
				withHeader(withKey(get("/v1/messages"), "-"), "Authorization", tc.value),
			); got.StatusCode != http.StatusOK {
				t.Errorf("%d %s", got.StatusCode, got.body)
			}
		})
	}
}
