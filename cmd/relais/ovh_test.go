package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/app"
	"relais/cmd/relais/local"
	"relais/cmd/relais/terminal"
	"relais/config"
	"relais/connector"
	"relais/connector/ovh"
	"relais/sandbox"
	simovh "relais/sandbox/ovh"
)

// customer reads what the command says and decides at the address that it
// shows; decision "" means that the customer never comes.
func customer(t *testing.T, said io.Reader, decision string) <-chan string {
	t.Helper()
	all := make(chan string, 1)
	go func() {
		var whole strings.Builder
		for lines := bufio.NewScanner(said); lines.Scan(); {
			whole.WriteString(lines.Text() + "\n")
			address := strings.TrimSpace(lines.Text())
			if decision == "" || !strings.HasPrefix(address, "http") {
				continue
			}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address,
				strings.NewReader("decision="+decision))
			if err != nil {
				t.Error(err)
				continue
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Error(err)
				continue
			}
			resp.Body.Close()
		}
		all <- whole.String()
	}()
	return all
}

func runLogin(t *testing.T, decision string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out strings.Builder
	read, write := io.Pipe()
	said := customer(t, read, decision)
	code = run(append([]string{"ovh", "login"}, args...),
		terminal.Terminal{Stdin: strings.NewReader(""), Stdout: &out, Stderr: write})
	write.Close()
	return code, out.String(), <-said
}

func startOVH(t *testing.T) (endpoint string) {
	t.Helper()
	t.Setenv("LC_ALL", "C")
	s, err := sandbox.Start(sandbox.Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s.URL() + "/ovh/1.0"
}

func TestOVHLogin(t *testing.T) {
	endpoint := startOVH(t)
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte(simovh.ApplicationSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, section, said := runLogin(t, "validate", "--endpoint", endpoint+"/",
		"--application-key", simovh.ApplicationKey,
		"--application-secret-file", secret, "--service", simovh.Service, "--name", "town")
	if code != exitDone {
		t.Fatalf("exit code %d; said:\n%s", code, said)
	}
	for _, want := range []string{"POST /sms/*/jobs", "the key works", simovh.Service, "rights"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q was not said:\n%s", want, said)
		}
	}
	if strings.Contains(said+section, simovh.ApplicationSecret) {
		t.Error("the application secret was shown")
	}

	file := filepath.Join(dir, "relais.toml")
	if err := os.WriteFile(file, []byte(section), 0o600); err != nil {
		t.Fatal(err)
	}
	settings, err := config.Load(file, os.LookupEnv, app.Parts())
	if err != nil {
		t.Fatalf("the section does not load: %v\n%s", err, section)
	}
	town, _ := settings.Connector("town")
	got := town.Section.(*ovh.Config)
	if got.ConsumerKey.Reveal() == "" || got.Service != simovh.Service || got.Endpoint != endpoint ||
		got.ApplicationSecret.Reveal() != simovh.ApplicationSecret {
		t.Errorf("section:\n%s", section)
	}
	accounts, err := ovh.Accounts(t.Context(), got.LoginOptions(http.DefaultClient))
	if err != nil || !slices.Contains(accounts, simovh.Service) {
		t.Errorf("the key sees %q, %v", accounts, err)
	}
}

func TestOVHLoginInJSON(t *testing.T) {
	endpoint := startOVH(t)
	t.Setenv("RELAIS_OVH_APPLICATION_KEY", simovh.ApplicationKey)
	t.Setenv("RELAIS_OVH_APPLICATION_SECRET", simovh.ApplicationSecret)
	code, out, said := runLogin(t, "validate", "--endpoint", endpoint, "--json")
	var got local.Login
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitDone {
		t.Fatalf("exit code %d, %v; said:\n%s", code, err, said)
	}
	if !got.Validated || got.ConsumerKey == "" || !strings.Contains(got.Section, got.ConsumerKey) {
		t.Errorf("result %+v", got)
	}
	if diff := cmp.Diff([]string{simovh.Service, simovh.SecondService}, got.Services); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	for _, f := range got.Findings {
		if f.Level == connector.Failure {
			t.Errorf("finding %+v", f)
		}
	}
}

func TestOVHLoginFails(t *testing.T) {
	endpoint := startOVH(t)
	for _, tc := range []struct {
		name, decision, secret string
		args                   []string
		code                   int
		stdout, said           string
	}{
		{
			"without the secret nothing is tested", "", "", nil,
			exitDone, "application_secret_file = \"ovh-application-secret\"",
			"not tested: that needs the application secret",
		},
		{
			// A refused key answers like one that waits (inferred, and so does the
			// simulated operator), so the time ends it.
			"the customer refuses", "refuse", simovh.ApplicationSecret,
			[]string{"--timeout", "50ms"},
			exitFailed, "", "wait for the consumer key to be validated",
		},
		{
			"the customer does not come", "", simovh.ApplicationSecret,
			[]string{"--timeout", "50ms"},
			exitFailed, "", "wait for the consumer key to be validated",
		},
		{
			"another application key", "", "",
			[]string{"--application-key", "unknown"},
			exitFailed, "", "request a consumer key: ",
		},
		{
			"an account of somebody else", "validate", simovh.ApplicationSecret,
			[]string{"--service", "sms-xx1-1"},
			exitFailed, "", "the key does not see the SMS account sms-xx1-1; it sees: ",
		},
		{"no such file", "", "", []string{"--application-secret-file", "nowhere"}, exitFailed, "", "cannot read nowhere"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Setenv("RELAIS_OVH_APPLICATION_SECRET", tc.secret)
			args := append([]string{"--endpoint", endpoint, "--application-key", simovh.ApplicationKey},
				tc.args...)
			code, out, said := runLogin(t, tc.decision, args...)
			if code != tc.code || !strings.Contains(said, tc.said) || !strings.Contains(out, tc.stdout) {
				t.Errorf("exit code %d, want %d; stdout %q, want %q; said, want %q:\n%s",
					code, tc.code, out, tc.stdout, tc.said, said)
			}
			if code != exitDone && out != "" {
				t.Errorf("a failure printed a result: %q", out)
			}
		})
	}
}

func TestOVHCallbacks(t *testing.T) {
	operators, err := sandbox.Start(sandbox.Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer operators.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "relais.toml")
	settings := `data = "` + dir + `"
public_url = "https://sms.town.example"
[connector.ovh-town]
provider = "ovh"
endpoint = "` + operators.URL() + `/ovh/1.0"
application_key = "` + simovh.ApplicationKey + `"
application_secret = "` + simovh.ApplicationSecret + `"
consumer_key = "` + simovh.ConsumerKey + `"
service = "` + simovh.Service + `"
callback_secret = "hunter2hunter2hunter2"
`
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	call := func(args ...string) (int, string, string) {
		var out, said strings.Builder
		code := run(append([]string{"ovh", "callbacks", "--config", file}, args...),
			terminal.Terminal{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &said})
		return code, out.String(), said.String()
	}
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"--show"}, "none"},
		{nil, "https://sms.town.example/callbacks/ovh-town/***/receipt"},
		{[]string{"--show", "--json"}, `"reply": "https://sms.town.example/callbacks/ovh-town/***/reply"`},
		{[]string{"--remove"}, "none"},
	} {
		code, out, said := call(tc.args...)
		if code != 0 || !strings.Contains(out, tc.want) || strings.Contains(out+said, "hunter2") {
			t.Errorf("%v: exit %d, %q, %q; want %q", tc.args, code, out, said, tc.want)
		}
	}
	if code, _, said := call("--connector", "other"); code != 1 || said == "" {
		t.Errorf("a connector that is not there: exit %d, %q", code, said)
	}
}
