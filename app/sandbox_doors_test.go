package app_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	official "github.com/ovh/go-ovh/ovh"

	"relais/app"
	"relais/client"
	"relais/sandbox"
)

// TestEveryDoorIsOpenInTheSandbox sends through each door with the credentials that
// are printed, and looks at the handset.
func TestEveryDoorIsOpenInTheSandbox(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, "")
	for i, tc := range []struct {
		name string
		send func(t *testing.T, to string)
	}{
		{"the API", func(t *testing.T, to string) {
			if _, err := client.New(w.app.URL(), "sandbox").Submit(t.Context(), client.SubmitRequest{
				To: []string{to}, Text: "Bonjour",
			}); err != nil {
				t.Fatal(err)
			}
		}},
		{"mail", func(t *testing.T, to string) { w.mail(t, "sandbox", "sandbox", to) }},
		{"mail, with an API key", func(t *testing.T, to string) { w.mail(t, "printer", "sandbox", to) }},
		{"Passerelle, instance ovh", func(t *testing.T, to string) {
			if got := publikPost(
				t, w.app.URL(), "/passerelle/ovh/send/?apikey=sandbox", "Bonjour", to,
			); got.Err != 0 {
				t.Fatalf("err %d", got.Err)
			}
		}},
		{"Passerelle, instance sfr", func(t *testing.T, to string) {
			if got := publikPost(
				t, w.app.URL(), "/passerelle/sfr/send/?apikey=sandbox", "Bonjour", to,
			); got.Err != 0 {
				t.Fatalf("err %d", got.Err)
			}
		}},
		{"Passerelle at its old address", func(t *testing.T, to string) {
			if got := publikPost(
				t, w.app.URL(), "/sfr-dmc/sfr/send/?apikey=sandbox", "Bonjour", to,
			); got.Err != 0 {
				t.Fatalf("err %d", got.Err)
			}
		}},
		{"Kannel", func(t *testing.T, to string) {
			got := page(t, w.app.URL()+"/cgi-bin/sendsms?"+url.Values{
				"username": {"sandbox"}, "password": {"sandbox"}, "to": {to}, "text": {"Bonjour"},
			}.Encode())
			if !strings.HasPrefix(got, "0: ") {
				t.Fatalf("answer %q", got)
			}
		}},
		{"Kannel, with an API key", func(t *testing.T, to string) {
			if status, said := byKamex(t, w.app.URL(), to); status != http.StatusAccepted {
				t.Fatalf("%d %q", status, said)
			}
		}},
		{"OVH", func(t *testing.T, to string) {
			c, err := official.NewClient(w.app.URL()+"/ovh/1.0", "sandbox", "sandbox", "sandbox")
			if err != nil {
				t.Fatal(err)
			}
			var services []string
			if err := c.Get("/sms", &services); err != nil || len(services) != 1 {
				t.Fatalf("services %v, %v", services, err)
			}
			var report ovhReport
			err = c.Post("/sms/"+services[0]+"/jobs",
				map[string]any{
					"message": "Bonjour", "receivers": []string{to}, "sender": "RELAIS", "noStopClause": true,
				}, &report)
			if err != nil || len(report.IDs) != 1 {
				t.Fatalf("%+v, %v", report, err)
			}
		}},
		{"OVH, with a consumer key that was asked for", func(t *testing.T, to string) {
			c, err := official.NewClient(w.app.URL()+"/ovh/1.0", "sandbox", "sandbox", "")
			if err != nil {
				t.Fatal(err)
			}
			asked := c.NewCkRequest()
			asked.AddRecursiveRules(official.ReadWrite, "/sms")
			if _, err := asked.Do(); err != nil {
				t.Fatal(err)
			}
			var report ovhReport
			if err := c.Post("/sms/sms-sandbox-1/jobs", map[string]any{
				"message": "Bonjour", "receivers": []string{to}, "sender": "RELAIS", "noStopClause": true,
			}, &report); err != nil {
				t.Fatal(err)
			}
		}},
		{"Twilio", func(t *testing.T, to string) {
			if status, said := byTwilio(t, w.app.URL(), to); status != http.StatusCreated {
				t.Fatalf("%d %q", status, said)
			}
		}},
		{"GOV.UK Notify", func(t *testing.T, to string) {
			if status, said := byNotify(t, w.app.URL(), to, w.newTemplate(t, "Bonjour", "Bonjour")); status != http.StatusCreated {
				t.Fatalf("%d %q", status, said)
			}
		}},
		{"Jasmin", func(t *testing.T, to string) {
			if got := byJasmin(t, w.app.URL(), to); !strings.HasPrefix(got, "Success ") {
				t.Fatalf("answer %q", got)
			}
		}},
		{"Jasmin's REST API", func(t *testing.T, to string) {
			if status, said := byJasminREST(t, w.app.URL(), to); status != http.StatusOK {
				t.Fatalf("%d %q", status, said)
			}
		}},
		{"Vonage", func(t *testing.T, to string) {
			if status, said := byVonage(t, w.app.URL(), to); status != http.StatusOK || !strings.Contains(said, `"status":"0"`) {
				t.Fatalf("%d %q", status, said)
			}
		}},
		{"SMSGate", func(t *testing.T, to string) {
			if status, said := bySMSGate(t, w.app.URL(), to); status != http.StatusAccepted {
				t.Fatalf("%d %q", status, said)
			}
		}},
		{"Brevo", func(t *testing.T, to string) {
			if status, said := byBrevo(t, w.app.URL(), to); status != http.StatusCreated {
				t.Fatalf("%d %q", status, said)
			}
		}},
		{"http2sms", func(t *testing.T, to string) {
			got := page(t, w.app.URL()+"/cgi-bin/sms/http2sms.cgi?"+url.Values{
				"account": {"sms-sandbox-1"}, "login": {"sandbox"}, "password": {"sandbox"}, "from": {"RELAIS"}, "to": {to}, "message": {"Bonjour"}, "noStop": {"1"},
			}.Encode())
			if !strings.HasPrefix(got, "OK") {
				t.Fatalf("answer %q", got)
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			to := fmt.Sprintf("+3363998%04d", i)
			tc.send(t, to)
			await(t, "the text on the handset", patience, func() bool {
				return len(w.sandbox.Handset(to)) == 1
			})
			if texts := w.sandbox.Handset(to); texts[0].Text != "Bonjour" {
				t.Errorf("handset %+v", texts)
			}
		})
	}
	counted := page(t, w.app.URL()+"/metrics")
	for _, p := range app.DoorProviders() {
		switch p.Name {
		case "smpp", "mail", "alertmanager": // the first two count their own connections; nothing was sent by the third
			continue
		}
		if !regexp.MustCompile(`relais_answers_total\{door="` + p.Name + `",status="20[0-9]"\} [1-9]`).MatchString(counted) {
			t.Errorf("no metric counts what came by %s", p.Name)
		}
	}
}

// byTwilio, byNotify, byVonage, byBrevo and byKamex send as everybody may beside simulated operators.
func byTwilio(t *testing.T, at, to string) (status int, said string) {
	t.Helper()
	const sid = "AC00000000000000000000000000000001"
	return submit(t, at+"/2010-04-01/Accounts/"+sid+"/Messages.json", url.Values{"To": {to}, "From": {"RELAIS"}, "Body": {"Bonjour"}}.Encode(), http.Header{
		"Content-Type":  {"application/x-www-form-urlencoded"},
		"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(sid+":sandbox"))},
	})
}

func byNotify(t *testing.T, at, to, template string) (status int, said string) {
	t.Helper()
	const service, secret = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"iss": service, "iat": time.Now().Unix()}).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(`{"phone_number":%q,"template_id":%q}`, to, template)
	return submit(t, at+"/v2/notifications/sms", body, http.Header{"Authorization": {"Bearer " + token}})
}

func byVonage(t *testing.T, at, to string) (status int, said string) {
	t.Helper()
	return submit(t, at+"/sms/json", url.Values{
		"api_key": {"00000001"}, "api_secret": {"sandbox"}, "from": {"RELAIS"}, "to": {strings.TrimPrefix(to, "+")}, "text": {"Bonjour"},
	}.Encode(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
}

func byBrevo(t *testing.T, at, to string) (status int, said string) {
	t.Helper()
	return submit(t, at+"/v3/transactionalSMS/sms", fmt.Sprintf(`{"sender":"RELAIS","recipient":%q,"content":"Bonjour"}`, to), http.Header{"Api-Key": {"sandbox"}})
}

func byKamex(t *testing.T, at, to string) (status int, said string) {
	t.Helper()
	return submit(t, at+"/cgi-bin/sendsms", fmt.Sprintf(`{"to":%q,"from":"RELAIS","text":"Bonjour"}`, to), http.Header{
		"Content-Type": {"application/json"}, "X-Api-Key": {"sandbox"},
	})
}

func byJasmin(t *testing.T, at, to string) (said string) {
	t.Helper()
	return page(t, at+"/send?"+url.Values{"username": {"sandbox"}, "password": {"sandbox"}, "to": {to}, "content": {"Bonjour"}}.Encode())
}

func byJasminREST(t *testing.T, at, to string) (status int, said string) {
	t.Helper()
	return submit(t, at+"/secure/send", fmt.Sprintf(`{"to":%q,"content":"Bonjour"}`, to), http.Header{
		"Content-Type": {"application/json"}, "Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("sandbox:sandbox"))},
	})
}

func bySMSGate(t *testing.T, at, to string) (status int, said string) {
	t.Helper()
	return submit(t, at+"/3rdparty/v1/messages", fmt.Sprintf(`{"textMessage":{"text":"Bonjour"},"phoneNumbers":[%q]}`, to), http.Header{
		"Content-Type": {"application/json"}, "Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("sandbox:sandbox"))},
	})
}

func submit(t *testing.T, address, body string, header http.Header) (status int, said string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
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

func page(t *testing.T, address string) string {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// newTemplate makes a template as programs do.
func (w *world) newTemplate(t *testing.T, name, text string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"name": name, "text": text})
	if err != nil {
		t.Fatal(err)
	}
	var made struct{ ID string }
	if status := w.call(t, http.MethodPost, "/v1/templates", string(body), &made); status != http.StatusCreated {
		t.Fatalf("status %d", status)
	}
	return made.ID
}

// TestSandboxDoorsAreOfTheSandbox starts a gateway of a data directory without
// simulated operators, after it had them: what everybody knows opens nothing.
func TestSandboxDoorsAreOfTheSandbox(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, second string }{
		{"without the sandbox", "listen = \"127.0.0.1:0\"\ndata = %q\n"},
		{"beyond this machine", "listen = \"0.0.0.0:0\"\ndata = %q\nsandbox_at = \"http://127.0.0.1:1\"\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			operators, dir := simulate(t, sandbox.Options{}), t.TempDir()
			first, _, _ := run(t, func(string) string {
				return fmt.Sprintf("listen = \"127.0.0.1:0\"\ndata = %q\nsandbox_at = %q\n",
					dir, operators.URL())
			})
			if key := first.Key(); key != app.SandboxKey {
				t.Fatalf("the key is %q", key)
			}
			if err := first.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			second, _, _ := run(t, func(string) string { return fmt.Sprintf(tc.second, dir) })
			at := "http://127.0.0.1:" + second.URL()[strings.LastIndex(second.URL(), ":")+1:]
			ovh, err := official.NewClient(at+"/ovh/1.0", "sandbox", "sandbox", "sandbox")
			if err != nil {
				t.Fatal(err)
			}
			if err := ovh.Get("/sms", new([]string)); err == nil {
				t.Error("OVH's door is open")
			}
			if _, err := client.New(at, "sandbox").Messages(t.Context(), client.Query{}); err == nil {
				t.Error("the API is open")
			}
			if got := page(
				t, at+"/cgi-bin/sendsms?username=sandbox&password=sandbox&to=0639980001&text=x",
			); strings.HasPrefix(got, "0: ") {
				t.Errorf("Kannel's door is open: %q", got)
			}
			if status, said := byKamex(t, at, "+33639980001"); status != http.StatusForbidden {
				t.Errorf("Kannel's door is open by the key: %d %q", status, said)
			}
			if got := byJasmin(t, at, "+33639980001"); strings.HasPrefix(got, "Success ") {
				t.Errorf("Jasmin's door is open: %q", got)
			}
			if status, said := byJasminREST(t, at, "+33639980001"); status != http.StatusUnauthorized {
				t.Errorf("Jasmin's door is open: %d %q", status, said)
			}
			if status, said := bySMSGate(t, at, "+33639980001"); status != http.StatusUnauthorized {
				t.Errorf("SMSGate's door is open: %d %q", status, said)
			}
			if status, said := byTwilio(t, at, "+33639980001"); status != http.StatusUnauthorized {
				t.Errorf("Twilio's door is open: %d %q", status, said)
			}
			if status, said := byNotify(t, at, "+33639980001", "00000000-0000-4000-8000-000000000003"); status != http.StatusForbidden {
				t.Errorf("Notify's door is open: %d %q", status, said)
			}
			if status, said := byVonage(t, at, "+33639980001"); status != http.StatusOK || !strings.Contains(said, `"status":"4"`) {
				t.Errorf("Vonage's door is open: %d %q", status, said)
			}
			if status, said := byBrevo(t, at, "+33639980001"); status != http.StatusUnauthorized {
				t.Errorf("Brevo's door is open: %d %q", status, said)
			}
			if got := page(t, at+"/cgi-bin/sms/http2sms.cgi?account=sms-sandbox-1&login=sandbox&password=sandbox&from=RELAIS&to=0033639980001&message=x"); strings.HasPrefix(got, "OK") {
				t.Errorf("http2sms is open: %q", got)
			}
			if got := page(
				t, at+"/passerelle/ovh/send/?apikey=sandbox",
			); !strings.Contains(got, "route_unknown") {
				t.Errorf("Passerelle's door is open: %q", got)
			}
			var home struct {
				Key   string
				Doors []struct{ Credentials []string }
			}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at+"/", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Accept", "application/json")
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if err := json.NewDecoder(answer.Body).Decode(&home); err != nil || home.Key != "" ||
				len(home.Doors[0].Credentials) > 0 {
				t.Errorf("the page tells credentials: %+v, %v", home, err)
			}
		})
	}
}

// TestConfiguredDoorsStay has a configuration whose doors have the names of the
// sandbox's: they are as they were written.
func TestConfiguredDoorsStay(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, `
[kannel.sandbox]
password = "ours"
account = "sandbox"
[passerelle.ovh]
connector = "ovh"
account = "sandbox"
[passerelle.ovh.caller.forms]
kind = "apikey"
secret = "ours"
[passerelle.town]
kind = "sfr-dmc"
slug = "sfr"
connector = "sfr"
account = "sandbox"
[passerelle.town.caller.forms]
kind = "apikey"
secret = "ours"
`)
	for _, tc := range []struct {
		name, path string
		open       bool
	}{
		{"Kannel, ours", "/cgi-bin/sendsms?username=sandbox&password=ours&to=0639980001&text=x", true},
		{"Kannel, everybody's", "/cgi-bin/sendsms?username=sandbox&password=sandbox&to=0639980001&text=x", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := page(t, w.app.URL()+tc.path); strings.HasPrefix(got, "0: ") != tc.open {
				t.Errorf("answer %q", got)
			}
		})
	}
	for _, tc := range []struct {
		name, path string
		open       bool
	}{
		{"Passerelle, ours", "/passerelle/ovh/send/?apikey=ours", true},
		{"Passerelle, everybody's", "/passerelle/ovh/send/?apikey=sandbox", false},
		{"the old address, ours", "/sfr-dmc/sfr/send/?apikey=ours", true},
		{"the other instance", "/passerelle/sfr/send/?apikey=sandbox", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := publikPost(
				t, w.app.URL(), tc.path, "Bonjour", "0639980001",
			); (got.Err == 0) != tc.open {
				t.Errorf("err %d", got.Err)
			}
		})
	}
}
