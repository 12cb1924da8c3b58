package console_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"relais/auth"
	"relais/console/consoletest"
)

// behindProxy asks a gateway as a proxy on this machine does, for a browser elsewhere.
func behindProxy(t *testing.T, w *consoletest.World, method, path, host, form string, hops ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, w.App.URL()+path, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, hop := range hops {
		r.Header.Add("X-Forwarded-For", hop)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// TestHost answers under the host of the public address alone, and health under any.
func TestHost(t *testing.T) {
	w := consoletest.Start(t, "public_url = \"https://sms.town.example\"\n")
	for host, want := range map[string]int{
		"sms.town.example": http.StatusOK, "SMS.town.example:443": http.StatusOK,
		"sms.town.example.evil.example": http.StatusMisdirectedRequest, "127.0.0.1": http.StatusMisdirectedRequest,
		"localhost:8080": http.StatusMisdirectedRequest, "sms.town.example:8443": http.StatusMisdirectedRequest,
	} {
		status, text := behindProxy(t, w, http.MethodGet, "/console/signin", host, "")
		if status != want {
			t.Errorf("the console as %s: %d, want %d", host, status, want)
		}
		if told := strings.Contains(text, "https://sms.town.example/console/"); told != (want == http.StatusMisdirectedRequest) {
			t.Errorf("the console as %s says its address: %t\n%s", host, told, text)
		}
		if status, _ := behindProxy(t, w, http.MethodGet, "/healthz", host, ""); status != http.StatusOK {
			t.Errorf("health as %s: %d", host, status)
		}
	}
}

// TestTrustedProxies believes the addresses of proxies that are configured, from the end
// of what they tell, and of nobody else.
func TestTrustedProxies(t *testing.T) {
	for more, want := range map[string]string{
		"":                                     "203.0.113.7",
		"trusted_proxies = []\n":               "127.0.0.1",
		"trusted_proxies = [\"10.0.0.0/8\"]\n": "127.0.0.1",
		"trusted_proxies = [\"127.0.0.1\", \"203.0.113.0/24\"]\n": "198.51.100.1",
	} {
		w := consoletest.Start(t, "public_url = \"https://sms.town.example\"\n"+more)
		w.User("anne", auth.Grant{Account: "sandbox", Role: auth.Agent})
		status, text := behindProxy(t, w, http.MethodPost, "/console/signin", "sms.town.example",
			"name=anne&password=wrong&next=", "192.0.2.1", "198.51.100.1, 203.0.113.7")
		if status != http.StatusUnprocessableEntity {
			t.Fatalf("%d %s", status, text)
		}
		acts, _, err := w.People.Acts(t.Context(), auth.ActQuery{Limit: 1})
		if err != nil || len(acts) != 1 || acts[0].Code != auth.SignInFailed || acts[0].Address != want {
			t.Errorf("%q: %+v, %v; want the address %s", more, acts, err, want)
		}
	}
}
