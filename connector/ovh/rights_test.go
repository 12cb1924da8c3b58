package ovh

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestCovers(t *testing.T) {
	for _, tc := range []struct {
		name, rule, path string
		want             bool
	}{
		{"everything", "/*", "/sms/a/jobs", true},
		{"literal", "/sms", "/sms", true},
		{"star covers slashes", "/sms/*", "/sms/a/jobs/1", true},
		{"star in the middle", "/sms/*/jobs", "/sms/a/users/b/jobs", true},
		{"star covers nothing", "/sms*", "/sms", true},
		{"star then slash", "/sms/*", "/sms", false},
		{"slash trap", "/sms/", "/sms", false},
		{"slash trap on jobs", "/sms/*/jobs/", "/sms/a/jobs", false},
		{"longer path", "/sms/*/jobs", "/sms/a/jobs/1", false},
		{"a dot is a dot", "/sms.", "/sms1", false},
		{"two stars", "/*/jobs/*", "/sms/a/jobs/1", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := (Rule{"GET", tc.rule}).Covers("GET", tc.path); got != tc.want {
				t.Errorf("got %v", got)
			}
			if (Rule{"GET", tc.rule}).Covers("POST", tc.path) {
				t.Error("another method is covered")
			}
		})
	}
}

// The standard library's regular expressions are the oracle.
func FuzzMatchStar(f *testing.F) {
	f.Add("/sms/*/jobs", "/sms/a/jobs/jobs")
	f.Add("**a*", "aab")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		if len(pattern) > 40 || strings.Count(pattern, "*") > 8 {
			return
		}
		quoted := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*")
		oracle, err := regexp.Compile(`\A(?s:` + quoted + `)\z`)
		if err != nil || strings.ContainsRune(pattern+path, '\uFFFD') ||
			strings.ToValidUTF8(pattern+path, "") != pattern+path {
			return
		}
		if got, want := matchStar(pattern, path), oracle.MatchString(path); got != want {
			t.Errorf("matchStar(%q, %q) = %v", pattern, path, got)
		}
	})
}

// Rights is exactly what the gateway calls: no call without its rule, no rule
// without a call. GET /auth/currentCredential is Check's own.
func TestRightsAreExact(t *testing.T) {
	for _, rule := range Rights {
		if rule.Method != http.MethodGet && rule != (Rule{http.MethodPost, "/sms/*/jobs"}) {
			t.Errorf("%v: a key that sends and reads needs no more", rule)
		}
	}
	for _, user := range []string{"", "/users/hall"} {
		c := &Client{account: "/sms/a", jobs: "/sms/a" + user}
		used := map[Rule]bool{Rights[0]: true}
		for _, n := range (checkup{c}).needs() {
			if !n.rule.Covers(n.method, n.path) {
				t.Errorf("%v does not cover %s %s", n.rule, n.method, n.path)
			}
			used[n.rule] = true
		}
		for _, rule := range Rights {
			if !used[rule] {
				t.Errorf("nothing needs %v", rule)
			}
		}
	}
}
