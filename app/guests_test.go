package app_test

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestGuestsComeAfterARestart has a sandbox print an address that signs in, also on the
// database of an earlier run, where the user is there already.
func TestGuestsComeAfterARestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	codes := map[string]bool{}
	for _, when := range []string{"first", "again"} {
		t.Run(when, func(t *testing.T) {
			a, _, logs := run(t, func(string) string {
				return fmt.Sprintf("listen = %[1]q\ndata = %[2]q\nsandbox = true\nsandbox_listen = %[1]q\n",
					"127.0.0.1:0", dir)
			})
			address, code, found := strings.Cut(a.ConsoleURL(), "#")
			if !found || codes[code] {
				t.Fatalf("the address is %s", a.ConsoleURL())
			}
			codes[code] = true
			for range 2 {
				comeIn(t, address, code)
			}
			if strings.Contains(logs.String(), code) {
				t.Error("the code stands in the log")
			}
		})
	}
}

// comeIn opens the address in a browser of its own.
func comeIn(t *testing.T, address, code string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: time.Minute}
	answer, err := browser.PostForm(address, url.Values{"link": {code}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK || answer.Request.URL.Path != "/console/" {
		t.Errorf("%s: %s", answer.Request.URL.Path, answer.Status)
	}
}

// TestNoGuestsBeyondThisMachine has no such address where others reach the gateway.
func TestNoGuestsBeyondThisMachine(t *testing.T) {
	a, _, _ := run(t, func(data string) string {
		return fmt.Sprintf("listen = %q\ndata = %q\nsandbox = true\nsandbox_listen = %q\n",
			"0.0.0.0:0", data, "127.0.0.1:0")
	})
	if strings.Contains(a.ConsoleURL(), "#") {
		t.Errorf("the address signs in: %s", a.ConsoleURL())
	}
}
