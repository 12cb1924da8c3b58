package app_test

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/app"
	"relais/client"
	"relais/config"
	"relais/sandbox"
	"relais/sandbox/ovh"
)

// kannelDoor opens the door to the Kannel of a test. Its account is the one
// whose messages the test may see.
const kannelDoor = `
[kannel.relay]
password = "relaypass"
account = "sandbox"
`

// TestKannelRelays has a real Kannel as the client: smsbox takes messages as it
// does for its own clients, bearerbox hands them on to the door by its HTTP
// connection of the type kannel, and gets their delivery reports.
func TestKannelRelays(t *testing.T) {
	w := live(t, sandbox.Options{}, kannelDoor)
	withdraw(t, w.Client, w.sandbox, "MAIRIE")
	reports := listen(t)
	k := startKannel(t, w.app.URL())
	const delivered, undelivered, refused = 1000, 20, 50
	var texts []short
	for i := range delivered {
		texts = append(texts, short{ovh.Sender, fmt.Sprintf("+3363998%02d%02d", i/50, i%50), kannelText, "1"})
	}
	for i := range undelivered { // handsets that are off
		texts = append(texts, short{ovh.Sender, fmt.Sprintf("+3363998%02d50", i), kannelText, "2"})
	}
	// a sender that the operator knows no more: refused before bearerbox has read our answer
	for i := range refused {
		texts = append(texts, short{"MAIRIE", fmt.Sprintf("+336399830%02d", i), kannelText, "16"})
	}
	// not split on the way
	texts = append(texts, short{ovh.Sender, "+33639984000", strings.Repeat(kannelText, 15), "1"})
	k.send(t, texts, reports.URL)
	await(t, "every delivery report", patience, func() bool { return reports.count() == len(texts) })
	for i, text := range texts {
		if got := reports.of(text.to); got != text.report {
			t.Errorf("reports of message %d: %q, want %q", i, got, text.report)
		}
		want := 0
		if text.report == "1" {
			want = 1
		}
		if got := w.sandbox.Handset(text.to); len(got) != want || want == 1 && got[0].Text != text.text {
			t.Errorf("the handset of message %d has %d texts, want %d", i, len(got), want)
		}
	}
	var list struct{ Items []client.Webhook }
	if w.call(t, http.MethodGet, "/v1/webhooks", "", &list); len(list.Items) != 1 ||
		list.Items[0].Format != "kannel" {
		t.Errorf("the endpoints are %+v, want the one of bearerbox", list.Items)
	}
	if stored := w.all(t, client.Query{}); len(stored) != len(texts) {
		t.Errorf("%d messages stored, want %d", len(stored), len(texts))
	}
	if err := w.app.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"relaypass", "Réunion", "639980000", "dlr-mid"} {
		if strings.Contains(w.logs.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// kannelText has characters of every kind that a query escapes.
const kannelText = "Réunion à 9 h + 10 % & plus?"

// short is a message of smsbox's client, and the report that it gets.
type short struct{ from, to, text, report string }

// TestDoorAnswersAsKannel puts the same requests to a real smsbox and to the
// door.
func TestDoorAnswersAsKannel(t *testing.T) {
	w := live(t, sandbox.Options{},
		kannelDoor+"[kannel.tester]\npassword = \"foobar\"\naccount = \"sandbox\"\n")
	k := startKannel(t, w.app.URL())
	const good = "username=tester&password=foobar&from=RELAIS&to=%2B33639980001&text=Bonjour"
	sender := map[string]string{
		"X-Kannel-Username": "tester", "X-Kannel-Password": "foobar", "X-Kannel-From": "RELAIS",
	}
	to := map[string]string{
		"X-Kannel-Username": "tester", "X-Kannel-Password": "foobar",
		"X-Kannel-From": "RELAIS", "X-Kannel-To": "+33639980001",
	}
	for _, tc := range []struct {
		name, query, kind, body string
		headers                 map[string]string
		hint                    string // what the door adds to Kannel's words
	}{
		{name: "good", query: good},
		{name: "short names", query: "user=tester&pass=foobar&from=RELAIS&to=%2B33639980002&text=Bonjour"},
		{name: "two receivers", query: "username=tester&password=foobar&from=RELAIS&to=%2B33639980003+%2B33639980004&text=Bonjour"},
		{name: "bad escape", query: good + "+100%"},
		{name: "everything", query: good + "&coding=0&charset=UTF-8&validity=60&priority=1&account=a&binfo=b&pid=0&rpi=0&alt-dcs=0&compress=0&mclass=1"},
		{name: "no numbers", query: good + "&mclass=x&validity=&priority=-"},
		{name: "wrong password", query: "username=tester&password=x&to=%2B33639980001&text=Bonjour"},
		{name: "unknown user", query: "username=nobody&password=foobar&to=%2B33639980001&text=Bonjour"},
		{name: "nobody", query: ""},
		{name: "no receiver", query: "username=tester&password=foobar&text=Bonjour"},
		{name: "empty receiver", query: "username=tester&password=foobar&to=&text=Bonjour"},
		{name: "mask", query: good + "&dlr-mask=67"},
		{name: "mask below", query: good + "&dlr-mask=-2"},
		{name: "class", query: good + "&mclass=4"},
		{name: "number with a tail", query: good + "&mclass=4abc"},
		{name: "pid", query: good + "&pid=256"},
		{name: "rpi", query: good + "&rpi=3"},
		{name: "alt-dcs", query: good + "&alt-dcs=2"},
		{name: "mwi", query: good + "&mwi=8"},
		{name: "coding", query: good + "&coding=3"},
		{name: "compress", query: good + "&compress=2"},
		{name: "validity", query: good + "&validity=-2"},
		{name: "deferred", query: good + "&deferred=-2"},
		{name: "priority", query: good + "&priority=4"},
		{name: "account", query: good + "&account=" + strings.Repeat("a", 65)},
		{name: "account with a bracket", query: good + "&account=a%5B"},
		{name: "dlr-url", query: good + "&dlr-mask=31&dlr-url=ftp://example.org/"},
		{name: "short dlr-url", query: good + "&dlr-mask=31&dlr-url=http"},
		{name: "charset", query: good + "&charset=klingon"},
		{name: "two faults", query: good + "&mclass=4&pid=256&priority=9"},
		{name: "text by post", kind: "text/plain", body: "Bonjour", headers: to},
		{name: "no receiver by post", kind: "text/plain", body: "Bonjour", headers: sender},
		{name: "nobody by post", kind: "text/plain", body: "Bonjour"},
		{name: "html by post", kind: "text/html", body: "Bonjour", headers: to},
		{name: "picture by post", kind: "image/png", body: "{}", headers: to, hint: ": send a form, JSON, or text/plain with X-Kannel headers"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ask := func(address string) string {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
					address+"?"+tc.query, http.NoBody)
				if tc.kind != "" {
					r, err = http.NewRequestWithContext(t.Context(), http.MethodPost, address,
						strings.NewReader(tc.body))
				}
				if err != nil {
					t.Fatal(err)
				}
				for name, value := range tc.headers {
					r.Header.Set(name, value)
				}
				r.Header.Set("Content-Type", tc.kind)
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				defer answer.Body.Close()
				body, err := io.ReadAll(answer.Body)
				if err != nil {
					t.Fatal(err)
				}
				return fmt.Sprintf("%d %s", answer.StatusCode, body)
			}
			if kannel, door := ask(k.sendsms), ask(w.app.URL()+"/cgi-bin/sendsms"); kannel+tc.hint != door {
				t.Errorf("Kannel answers %q and the door %q, want the same and %q", kannel, door, tc.hint)
			}
		})
	}
	http.DefaultClient.CloseIdleConnections()
}

// TestReportsAreThoseOfKannel has a real smsbox and the door call one address
// with the escapes that do not name the gateway or the time.
func TestReportsAreThoseOfKannel(t *testing.T) {
	w := live(t, sandbox.Options{},
		kannelDoor+"[kannel.tester]\npassword = \"foobar\"\naccount = \"sandbox\"\n")
	k := startKannel(t, w.app.URL())
	came := make(chan *url.URL, 100)
	client := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		came <- r.URL
	}))
	t.Cleanup(client.Close)
	const escapes = "d=%d&A=%A&a=%a&b=%b&e=%e&k=%k&s=%s&S=%S&r=%r&p=%p&q=%q&P=%P&Q=%Q&n=%n&o=%o&B=%B&c=%c&m=%m&M=%M&C=%C&O=%O" +
		"&f=%f&u=%u&v=%v&V=%V&z=%z&sign=%%&open=%#a"
	ask := func(sendsms, path string) string {
		q := url.Values{
			"username": {"tester"}, "password": {"foobar"}, "from": {ovh.Sender}, "to": {"+33639980001"}, "text": {kannelText},
			"dlr-mask": {"8"}, "dlr-url": {client.URL + path + "?" + escapes},
		}
		answer, err := http.Get(sendsms + "?" + q.Encode())
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		select {
		case got := <-came:
			if got.Path != path {
				t.Fatalf("%s was called, want %s", got.Path, path)
			}
			return got.RawQuery
		case <-time.After(30 * time.Second):
			t.Fatalf("no report for %s", path)
			return ""
		}
	}
	kannel, door := ask(k.sendsms, "/kannel"), ask(w.app.URL()+"/cgi-bin/sendsms", "/door")
	if diff := cmp.Diff(strings.Split(kannel, "&"), strings.Split(door, "&")); diff != "" {
		t.Errorf("reports (-Kannel +door):\n%s", diff)
	}
	http.DefaultClient.CloseIdleConnections()
}

// listener is the system of smsbox's client: it gets the reports in the end.
type listener struct {
	*httptest.Server

	mu  sync.Mutex
	got map[string][]string // number to the kinds of its reports
}

func listen(t *testing.T) *listener {
	t.Helper()
	l := &listener{got: map[string][]string{}}
	l.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		defer l.mu.Unlock()
		number := r.URL.Query().Get("to")
		l.got[number] = append(l.got[number], r.URL.Query().Get("type"))
	}))
	t.Cleanup(l.Close)
	return l
}

func (l *listener) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.got)
}

func (l *listener) of(number string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.got[number], ",")
}

// realKannel is a bearerbox and a smsbox of the machine's package kannel.
type realKannel struct{ sendsms string }

// kannelFile is a Kannel with one SMSC.
const kannelFile = `group = core
admin-port = %[1]d
admin-password = admin
admin-interface = 127.0.0.1
smsbox-port = %[2]d
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
log-file = %[5]s/bearerbox.log
log-level = 0
dlr-storage = internal

%[6]s

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = %[3]d
sendsms-interface = 127.0.0.1
log-file = %[5]s/smsbox.log
log-level = 0
%[4]s

group = sendsms-user
username = tester
password = foobar
max-messages = 10
concatenation = true
`

// kannelDoorGroup is the door as an SMSC of Kannel's own kind, which gets long texts whole.
const kannelDoorGroup = `group = smsc
smsc = http
smsc-id = relais
system-type = kannel
send-url = %[1]s/cgi-bin/sendsms
smsc-username = relay
smsc-password = relaypass
max-sms-octets = 1530
port = %[2]d
connect-allow-ip = 127.0.0.1
dlr-url = "http://127.0.0.1:%[2]d/?username=relay&password=relaypass"
`

// startKannel starts a Kannel, with other ports when it does not come up: another
// program may take one between our look and its start.
func startKannel(t *testing.T, gatewayURL string) *realKannel {
	t.Helper()
	return startKannelWith(t, fmt.Sprintf(kannelDoorGroup, gatewayURL, freePorts(t, 1)[0]), "sms-length = 1530")
}

// startKannelWith starts one with a group for its SMSC, and lines more for its smsbox.
func startKannelWith(t *testing.T, group string, smsbox ...string) *realKannel {
	t.Helper()
	const tries = 3
	for range tries {
		if k := tryKannel(t, group, strings.Join(smsbox, "\n")); k != nil {
			return k
		}
	}
	t.Fatal("Kannel does not come up")
	return nil
}

func tryKannel(t *testing.T, group, smsboxLines string) *realKannel {
	t.Helper()
	dir := t.TempDir()
	p := freePorts(t, 3)
	file := filepath.Join(dir, "kannel.conf")
	if err := os.WriteFile(
		file, fmt.Appendf(nil, kannelFile, p[0], p[1], p[2], smsboxLines, dir, group), 0o600,
	); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			for _, name := range []string{"bearerbox", "smsbox"} {
				log, err := os.ReadFile(filepath.Join(dir, name+".log"))
				t.Logf("%s, %v: …%s", name, err, log[max(0, len(log)-4000):])
			}
		}
	})
	status := fmt.Sprintf("http://127.0.0.1:%d/status.txt?password=admin", p[0])
	if !comesUp(t, box(t, dir, "bearerbox", file), status, "(online") {
		return nil
	}
	sendsms := fmt.Sprintf("http://127.0.0.1:%d/cgi-bin/sendsms", p[2])
	smsbox := box(t, dir, "smsbox", file)
	if !comesUp(t, smsbox, status, "smsbox:") || !comesUp(t, smsbox, sendsms, "Authorization failed") {
		return nil
	}
	return &realKannel{sendsms}
}

// box runs a program of Kannel until the test ends; the channel is closed when it
// ends. Debian puts it where only root's PATH leads.
func box(t *testing.T, dir, name, file string) (ended <-chan struct{}) {
	t.Helper()
	program, err := exec.LookPath(name)
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/" + name); err != nil {
			t.Fatalf("%v: install the package kannel (scripts/deps kannel)", err)
		}
	}
	c := exec.Command(program, "-v", "4", file)
	c.Dir = dir
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Wait()
	}()
	t.Cleanup(func() {
		c.Process.Kill()
		<-done
	})
	return done
}

// comesUp waits until a page says a word, and tells false when the program ends
// or is not there in time.
func comesUp(t *testing.T, ended <-chan struct{}, address, word string) bool {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	caller := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		select {
		case <-tick.C:
		case <-ended:
			return false
		case <-deadline:
			return false
		}
		answer, err := caller.Get(address)
		if err != nil {
			continue
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err == nil && strings.Contains(string(body), word) {
			return true
		}
	}
}

// freePorts are ports that nobody listened on a moment ago.
func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// send gives smsbox one request for each message, some at a time, and wants each
// to be taken.
func (k *realKannel) send(t *testing.T, texts []short, reportTo string) {
	t.Helper()
	const together = 8
	next := make(chan short)
	var all sync.WaitGroup
	for range together {
		all.Go(func() {
			for text := range next {
				q := url.Values{
					"username": {"tester"}, "password": {"foobar"}, "from": {text.from}, "to": {text.to}, "text": {text.text},
					"dlr-mask": {"19"}, "dlr-url": {reportTo + "/?to=" +
						url.QueryEscape(text.to) + "&type=%d"},
				}
				answer, err := http.Get(k.sendsms + "?" + q.Encode())
				if err != nil {
					t.Error(err)
					continue
				}
				answer.Body.Close()
				if answer.StatusCode != http.StatusAccepted {
					t.Errorf("smsbox answers %s", answer.Status)
				}
			}
		})
	}
	for _, text := range texts {
		next <- text
	}
	close(next)
	all.Wait()
	http.DefaultClient.CloseIdleConnections()
}

// TestDoorNeedsAnAccount: nothing would send the messages of an account that is
// not there.
func TestDoorNeedsAnAccount(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "relais.toml")
	text := fmt.Sprintf("listen = \"127.0.0.1:0\"\ndata = %q\n[kannel.tester]\npassword = \"x\"\naccount = \"nobody\"\n", filepath.Join(dir, "data"))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	settings, err := config.Load(file, func(string) (string, bool) { return "", false }, app.Parts())
	if err != nil {
		t.Fatal(err)
	}
	const want = `[kannel.tester]: there is no account "nobody"; relais accounts create nobody makes it`
	if _, err := app.New(t.Context(), settings, "test", slog.New(slog.DiscardHandler)); err == nil ||
		err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
