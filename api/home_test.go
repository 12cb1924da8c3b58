package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"relais/api"
	"relais/gateway"
)

const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

func openHome(t *testing.T, home api.Home) *door {
	t.Helper()
	return open(t, func(_ *gateway.Options, o *api.Options) { o.Home = home })
}

var sandboxHome = api.Home{
	Sandbox: "http://127.0.0.1:8081", Key: "sandbox",
	Doors: []api.Door{{For: "Kannel", Path: "/cgi-bin/sendsms", Credentials: []string{
		"username=sandbox", "password=sandbox",
	}}},
}

// TestHomeTellsWhereThingsAre asks for / as browsers, programs and people at a
// terminal do, without a key.
func TestHomeTellsWhereThingsAre(t *testing.T) {
	for _, tc := range []struct {
		name, accept, language string
		home                   api.Home
		kind                   string
		want, not              []string
	}{
		{
			"a browser", browser, "en-GB,en", sandboxHome, "text/html; charset=utf-8",
			[]string{
				`<html lang="en">`, "ready to take messages", `href="/docs"`,
				"http://relais.example/v1/messages", "Bearer sandbox",
				"http://127.0.0.1:8081/handsets", "username=sandbox",
			},
			[]string{"<script", "keys create"},
		},
		{
			"a French browser", browser, "fr-FR,fr;q=0.9,en;q=0.5", sandboxHome, "text/html; charset=utf-8",
			[]string{`<html lang="fr">`, "prête à prendre des messages", `href="/docs"`},
			[]string{"ready to take"},
		},
		{
			"without a sandbox", browser, "",
			api.Home{Doors: []api.Door{{For: "Kannel", Path: "/cgi-bin/sendsms"}}},
			"text/html; charset=utf-8",
			[]string{"Bearer KEY", "NUMBER", "relais keys create", "/cgi-bin/sendsms"},
			[]string{"handsets", "sandbox"},
		},
		{
			"behind a proxy", browser, "",
			api.Home{PublicURL: "https://sms.town.example"},
			"text/html; charset=utf-8",
			[]string{"https://sms.town.example/v1/messages"},
			[]string{"relais.example"},
		},
		{
			"curl", "*/*", "", sandboxHome, "text/plain; charset=utf-8",
			[]string{
				"http://relais.example/docs", "Bearer sandbox",
				"/cgi-bin/sendsms  username=sandbox password=sandbox",
			},
			[]string{"<"},
		},
		{
			"curl in French", "", "fr", sandboxHome, "text/plain; charset=utf-8",
			[]string{"le manuel de l'API"},
			[]string{"the manual"},
		},
		{
			"a program", "application/json", "", sandboxHome, "application/json",
			[]string{`"docs":"/docs"`, `"openapi":"/openapi.json"`, `"ready":true`, `"key":"sandbox"`},
			[]string{"<html"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := openHome(t, tc.home).do(request{method: "GET", path: "/", key: "-", header: map[string]string{
				"Accept": tc.accept, "Accept-Language": tc.language,
			}})
			if kind := got.Header.Get("Content-Type"); got.StatusCode != http.StatusOK || kind != tc.kind {
				t.Fatalf("answer %d %s, want 200 %s", got.StatusCode, kind, tc.kind)
			}
			text := strings.ReplaceAll(string(got.body), "&#39;", "'")
			for _, want := range tc.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is missing in:\n%s", want, text)
				}
			}
			for _, not := range tc.not {
				if strings.Contains(text, not) {
					t.Errorf("%q stands in:\n%s", not, text)
				}
			}
			if vary := got.Header.Get("Vary"); vary != "Accept, Accept-Language" {
				t.Errorf("Vary: %q", vary)
			}
		})
	}
}

// TestHomeIsAccessible reads the page as a screen reader does: one language, one
// title, headings in order, a header for each row and column.
func TestHomeIsAccessible(t *testing.T) {
	got := openHome(t, sandboxHome).do(
		request{method: "GET", path: "/", header: map[string]string{"Accept": browser}},
	)
	count, last := map[string]int{}, 0
	tokens := html.NewTokenizer(strings.NewReader(string(got.body)))
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			break
		}
		token := tokens.Token()
		if kind != html.StartTagToken {
			continue
		}
		count[token.Data]++
		switch level := strings.Index("123456", strings.TrimPrefix(token.Data, "h")) + 1; {
		case len(token.Data) == 2 && token.Data[0] == 'h' && level > last+1:
			t.Errorf("<%s> comes after a heading of level %d", token.Data, last)
		case len(token.Data) == 2 && token.Data[0] == 'h' && level > 0:
			last = level
		case token.Data == "th" && (len(token.Attr) == 0 || token.Attr[0].Key != "scope"):
			t.Error("a header of the table has no scope")
		case token.Data == "link" || token.Data == "script" || token.Data == "img":
			t.Errorf("<%s>: the page uses nothing from elsewhere", token.Data)
		}
	}
	for _, one := range []string{"title", "h1", "main"} {
		if count[one] != 1 {
			t.Errorf("%d <%s>, want one", count[one], one)
		}
	}
}

func TestHomeAndWhatItIsNot(t *testing.T) {
	d := openHome(t, sandboxHome)
	d.do(request{method: "POST", path: "/"}).problem(http.StatusMethodNotAllowed, "method_wrong")
	d.get("/nowhere").problem(http.StatusNotFound, "route_unknown")
	d.Stopping()
	var home struct{ Ready bool }
	got := d.do(request{method: "GET", path: "/", header: map[string]string{"Accept": "application/json"}})
	if err := json.Unmarshal(got.body, &home); err != nil || home.Ready {
		t.Errorf("a gateway that stops is ready: %s, %v", got.body, err)
	}
	r := request{method: "GET", path: "/"}.http(t.Context(), "http://relais.example")
	r.Host = "x' ; rm -rf"
	odd := d.send(r)
	if strings.Contains(string(odd.body), "rm -rf") {
		t.Errorf("a host name that is none stands in a command to copy:\n%s", odd.body)
	}
}
