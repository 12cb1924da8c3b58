package ovh

import (
	"strings"
	"testing"
)

// The vectors were computed apart from this code, with the scheme of the guide
// "First Steps with the OVHcloud APIs".
func TestSignatureVectors(t *testing.T) {
	const secret, consumer, stamp = "0123456789abcdef0123456789ABCDEF",
		"fedcba9876543210fedcba9876543210", "1700000000"
	for _, tc := range []struct{ name, method, url, body, want string }{
		{"no body", "GET", "https://eu.api.ovh.com/1.0/sms", "", "$1$6a4a335d4567ce6e6ddda6af45a76f25c6f031aa"},
		{
			"utf-8 body", "POST", "http://127.0.0.1:8089/1.0/sms/sms-ab12345-1/jobs",
			`{"message":"Héllo","receivers":["+33600000000"],"sender":"Acme"}`,
			"$1$4720dbdc878171720accaf53949d7a80f8a17a18",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Sign(secret, consumer, tc.method, tc.url, []byte(tc.body), stamp); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestRulesMatchLiterally(t *testing.T) {
	for _, tc := range []struct {
		name, rule, path string
		want             bool
	}{
		{"same", "/sms", "/sms", true},
		{"the slash trap", "/sms/", "/sms", false},
		{"the other slash trap", "/sms", "/sms/", false},
		{"a star needs its slash", "/sms/*", "/sms", false},
		{"a star may be nothing", "/sms/*", "/sms/", true},
		{"a star spans slashes", "/sms/*", "/sms/a/jobs/1", true},
		{"a star inside", "/sms/*/jobs", "/sms/a/jobs", true},
		{"a star inside, more after", "/sms/*/jobs", "/sms/a/jobs/1", false},
		{"two stars", "/*/a/*", "/x/y/a/z", true},
		{"parts may not overlap", "/ab*bc", "/abc", false},
		{"everything", "/*", "/me", true},
		{"a tab is a character", "/sms\t", "/sms", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := matches(tc.rule, tc.path); got != tc.want {
				t.Errorf("matches(%q, %q) = %v", tc.rule, tc.path, got)
			}
		})
	}
}

func FuzzRulesWithoutStarsAreLiteral(f *testing.F) {
	f.Add("/sms", "/sms/")
	f.Add("/sms/*", "/sms/x")
	f.Fuzz(func(t *testing.T, rule, path string) {
		if !strings.Contains(rule, "*") && matches(rule, path) != (rule == path) {
			t.Errorf("matches(%q, %q)", rule, path)
		}
		if !matches("*", path) || !matches(
			strings.ReplaceAll(path, "*", "")+"*", strings.ReplaceAll(path, "*", ""),
		) {
			t.Errorf("a star does not cover %q", path)
		}
	})
}
