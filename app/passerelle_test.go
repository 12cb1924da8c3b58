package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"relais/app"
	"relais/client"
	"relais/config"
	"relais/door/passerelle"
	"relais/sandbox"
	simworld "relais/sandbox/world"
)

// The items of the list of what "can replace Passerelle" means that need
// operators. The others stand in door/passerelle/acceptance_test.go.

// publik opens doors to both operators, without secrets.
const publik = `
[passerelle.sfr]
connector = "sfr"
kind = "sfr-dmc"
slug = "town"
[passerelle.sfr.caller.anybody]
kind = "open"
[passerelle.ovh]
connector = "ovh"
[passerelle.ovh.caller.anybody]
kind = "open"
[passerelle.large]
connector = "sfr"
campaign_from = 60
[passerelle.large.caller.anybody]
kind = "open"
[passerelle.codes]
connector = "sfr"
class = "otp"
valid_for = "3m"
[passerelle.codes.caller.anybody]
kind = "open"
`

// passerelleAnswer is what a caller of Passerelle reads.
type passerelleAnswer struct {
	status int
	Err    int               `json:"err"`
	Warn   map[string]string `json:"warn"`
	Data   struct {
		ID       string `json:"id"`
		Campaign string `json:"campaign"`
		Messages []struct {
			ID string `json:"id"`
			To string `json:"to"`
		} `json:"messages"`
	} `json:"data"`
}

// publikPost sends as w.c.s. does.
func publikPost(t *testing.T, address, path, text string, to ...string) (got passerelleAnswer) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"message": text, "from": "MAIRIE", "to": to, "counter": nil})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	got.status = answer.StatusCode
	return got
}

// of returns the messages of an instance, in a status unless it is empty.
func (g *gateway) of(t *testing.T, instance string, status client.Status) []client.Message {
	t.Helper()
	list, err := g.Messages(t.Context(),
		client.Query{Metadata: "passerelle:" + instance, Status: status, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return list.Items
}

// fictional are numbers whose receipts come in the ordinary way.
func fictional(n int) (to []string) {
	for i := range n {
		to = append(to, fmt.Sprintf("063998%02d%02d", i/50, i%50))
	}
	return to
}

// TestAcceptance05 sends to 500 people through SFR, of whose packets one meets a
// 500. Nobody can tell whether that was taken: its 20 are held, and they alone
// are sent once a person has looked. The kill is in cmd/relais.
func TestAcceptance05(t *testing.T) {
	t.Parallel()
	g := startWith(t, sandbox.Options{}, publik)
	began := time.Now()
	got := publikPost(t, g.app.URL(), "/sfr-dmc/town/send/?nostop=1", "Bonjour", fictional(500)...)
	if got.status != http.StatusOK || len(got.Data.Messages) != 500 {
		t.Fatalf("answer %d with %d messages", got.status, len(got.Data.Messages))
	}
	await(t, "the first packet", patience, func() bool { return g.sandbox.Stats().DMC.Accepted >= 20 })
	if err := g.sandbox.SetFault(simworld.Fault{
		Operator: simworld.DMC, Kind: simworld.FaultHTTP500, Count: 1,
	}); err != nil {
		t.Fatal(err)
	}
	await(t, "480 at their end", patience, func() bool {
		return len(g.of(t, "sfr", client.Queued))+len(g.of(t, "sfr", client.Submitting)) == 0 &&
			g.sandbox.Stats().DMC.Accepted == 480
	})
	held := g.of(t, "sfr", client.Uncertain)
	if len(held) != 20 {
		t.Fatalf("%d messages in doubt, want the 20 of one packet", len(held))
	}
	for _, m := range held {
		if _, err := g.Resolve(t.Context(), m.ID, "not_taken"); err != nil {
			t.Fatal(err)
		}
	}
	await(t, "the 20 to be sent", patience, func() bool { return g.sandbox.Stats().DMC.Accepted == 500 })
	stats := g.sandbox.Stats().DMC
	const calls, each = 26, 5        // 25 packets, one of them twice; the first second may begin with 5
	questions := stats.Calls - calls // simulated operators are asked more often than once a minute
	if stats.Duplicates != 0 || stats.OverRate > questions {
		t.Errorf("DMC saw %+v, want nothing twice and no packet beyond the rate", stats)
	}
	if took := time.Since(began); took < (calls/each-1)*time.Second {
		t.Errorf("%d calls in %s, want at most %d a second", calls, took, each)
	}
	for _, m := range got.Data.Messages {
		if texts := g.sandbox.Handset(m.To); len(texts) != 1 {
			t.Errorf("a handset has %d texts", len(texts))
		}
	}
}

// wire is a proxy in front of the operators that keeps what passes.
type wire struct {
	mu     sync.Mutex
	bodies []string
}

func (w *wire) before(t *testing.T, operators string) string {
	t.Helper()
	target, err := url.Parse(operators)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		w.mu.Lock()
		w.bodies = append(w.bodies, r.URL.RawQuery+" "+string(body))
		w.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestAcceptance07 looks at the bytes that SFR gets.
func TestAcceptance07(t *testing.T) { sfrWire(t) }

// TestPoint10: SFR gets international numbers with a plus, never with 00.
func TestPoint10(t *testing.T) { sfrWire(t) }

// TestPoint11: a plus is %2B in a form.
func TestPoint11(t *testing.T) { sfrWire(t) }

func sfrWire(t *testing.T) {
	t.Helper()
	t.Parallel()
	operators, w := simulate(t, sandbox.Options{}), &wire{}
	address := w.before(t, operators.URL())
	a, _, _ := run(t, func(data string) string { return fmt.Sprintf(toml+publik, data, address) })
	publikPost(t, a.URL(), "/passerelle/sfr/send/", "Bonjour", "0594101234", "00594694201234")
	await(t, "both texts", patience, func() bool {
		return len(operators.Handset("+594594101234"))+len(operators.Handset("+594694201234")) == 2
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	all := strings.Join(w.bodies, "\n")
	if !strings.Contains(all, "%2B594594101234") || !strings.Contains(all, "%2B594694201234") {
		t.Error("SFR got no %2B594594…")
	}
	if strings.Contains(all, "00594") || strings.Contains(all, "+594") {
		t.Error("SFR got a number with 00, or a raw plus")
	}
}

// TestPoint12: one call for each packet, and a retry is of what was not taken.
func TestPoint12(t *testing.T) {
	t.Parallel()
	g := startWith(t, sandbox.Options{}, publik)
	if err := g.sandbox.SetFault(simworld.Fault{
		Operator: simworld.DMC, Kind: simworld.FaultThrottle, Count: 1,
	}); err != nil {
		t.Fatal(err)
	}
	publikPost(t, g.app.URL(), "/passerelle/sfr/send", "Bonjour", fictional(60)...)
	await(t, "60 texts", patience, func() bool { return g.sandbox.Stats().DMC.Accepted == 60 })
	if stats := g.sandbox.Stats().DMC; stats.Duplicates != 0 || stats.Faults != 1 {
		t.Errorf("DMC saw %+v", stats)
	}
}

// TestAcceptance08: what SFR answers badly is the operator's fault, said of each
// recipient, without a stack trace.
func TestAcceptance08(t *testing.T) {
	for _, kind := range []string{
		simworld.FaultNoCredit, simworld.FaultHTML, simworld.FaultEmpty, simworld.FaultTimeoutAfterAccept,
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			g := startWith(t, sandbox.Options{}, publik)
			if err := g.sandbox.SetFault(simworld.Fault{
				Operator: simworld.DMC, Kind: kind, Count: 1, DelayMS: delayOf(kind),
			}); err != nil {
				t.Fatal(err)
			}
			got := publikPost(t, g.app.URL(), "/passerelle/sfr/send/", "Bonjour", fictional(2)...)
			for _, m := range got.Data.Messages {
				var told *client.Event
				await(t, "the fault in the timeline", patience, func() bool {
					read, err := g.Message(t.Context(), m.ID)
					if err != nil {
						t.Fatal(err)
					}
					at := slices.IndexFunc(read.Timeline, func(e client.Event) bool {
						return e.Actor == "lane:sfr" && e.Status != client.Submitting &&
							e.Status != client.Submitted
					})
					if at >= 0 {
						told = &read.Timeline[at]
					}
					return at >= 0
				})
				if told.Code == "" || told.Detail == "" || strings.Contains(told.Detail, "goroutine") {
					t.Errorf("event %+v", told)
				}
			}
			if logs := g.logs.String(); strings.Contains(logs, "goroutine") ||
				strings.Contains(logs, "panic") {
				t.Error("a stack trace stands in the log")
			}
		})
	}
}

// postbox is a real SMTP server that counts what it takes.
type postbox struct{ mails atomic.Int32 }

func (p *postbox) NewSession(*smtp.Conn) (smtp.Session, error) { return p, nil }
func (p *postbox) AuthMechanisms() []string                    { return nil }
func (p *postbox) Auth(string) (sasl.Server, error)            { return nil, smtp.ErrAuthUnsupported }
func (p *postbox) Mail(string, *smtp.MailOptions) error        { return nil }
func (p *postbox) Rcpt(string, *smtp.RcptOptions) error        { return nil }
func (p *postbox) Reset()                                      {}
func (p *postbox) Logout() error                               { return nil }
func (p *postbox) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	p.mails.Add(1)
	return err
}

// TestAcceptance11Mail: credit below its threshold is one mail, and the next one
// after 24 h. How they are counted over a day is in gateway
// (TestCreditAlertOnceUntilItRecovers); statistics are in door/passerelle.
func TestAcceptance11Mail(t *testing.T) {
	t.Parallel()
	p := &postbox{}
	server := smtp.NewServer(p)
	server.Domain = "localhost"
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	operators := simulate(t, sandbox.Options{})
	mail := fmt.Sprintf("[credit]\ncheck_every = \"1s\"\n[mail]\nserver = %q\ntls = \"none\"\nfrom = \"relais@town.example\"\nto = [\"it@town.example\"]\n", l.Addr())
	_, settings, _ := run(t, func(data string) string {
		watched := strings.Replace(toml, "[connector.ovh]\n",
			"[connector.ovh]\ncredit_alert = 100000000\n", 1)
		return fmt.Sprintf(watched, data, operators.URL()) + mail
	})
	await(t, "the mail", patience, func() bool { return p.mails.Load() == 1 })
	if settings.Credit.RemindEvery != 24*time.Hour {
		t.Errorf("the next mail after %s, want 24h", settings.Credit.RemindEvery)
	}
}

// TestAcceptance12: a test SMS, each recipient's own restart and log, up and
// down. Relais has them at its API and commands where Passerelle had a back
// office.
func TestAcceptance12(t *testing.T) {
	t.Parallel()
	g := startWith(t, sandbox.Options{}, publik)
	if m := g.send(t, client.SubmitRequest{
		To: []string{"0639980001"}, Text: "Test", Connector: "sfr",
	})[0]; !taken(m) {
		t.Errorf("the test SMS is %s", m.Status)
	}
	if err := g.sandbox.SetFault(simworld.Fault{
		Operator: simworld.DMC, Kind: simworld.FaultHTTP500, Count: 1,
	}); err != nil {
		t.Fatal(err)
	}
	both := publikPost(t, g.app.URL(), "/passerelle/sfr/send/", "Bonjour", fictional(2)...).Data.Messages
	await(t, "both in doubt", patience, func() bool { return len(g.of(t, "sfr", client.Uncertain)) == 2 })
	if _, err := g.Resolve(t.Context(), both[0].ID, "not_taken"); err != nil {
		t.Fatal(err)
	}
	await(t, "the restarted one", patience, func() bool { return len(g.of(t, "sfr", client.Uncertain)) == 1 })
	other, err := g.Message(t.Context(), both[1].ID)
	if err != nil || other.Status != client.Uncertain || len(other.Timeline) < 2 {
		t.Errorf("the other recipient is %s, %v", other.Status, err)
	}
	up := func() int {
		r, err := http.Get(g.app.URL() + "/passerelle/sfr/up")
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		return r.StatusCode
	}
	if got := up(); got != http.StatusOK {
		t.Errorf("up: %d", got)
	}
	if err := g.sandbox.SetFault(simworld.Fault{
		Operator: simworld.DMC, Kind: simworld.FaultNoCredit, Count: 1,
	}); err != nil {
		t.Fatal(err)
	}
	publikPost(t, g.app.URL(), "/passerelle/sfr/send/", "Bonjour", "0639980003")
	await(t, "the operator to be down", patience, func() bool {
		return up() == http.StatusServiceUnavailable
	})
}

// TestAcceptance13: receipts that come twice, early and out of order move each
// message forward only.
func TestAcceptance13(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{FateDelay: 200 * time.Millisecond},
		strings.ReplaceAll(publik, "connector =", "account = \"sandbox\"\nconnector ="))
	for _, operator := range []string{simworld.OVH, simworld.DMC} {
		for _, kind := range []string{
			simworld.FaultDuplicateReceipt, simworld.FaultReorderedReceipt, simworld.FaultReceiptBeforeAnswer,
		} {
			if err := w.sandbox.SetFault(simworld.Fault{
				Operator: operator, Kind: kind, Rate: 0.5, DelayMS: 300,
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	publikPost(t, w.app.URL(), "/passerelle/sfr/send/", "Bonjour", fictional(40)...)
	publikPost(t, w.app.URL(), "/passerelle/ovh/send/", "Bonjour", fictional(40)...)
	await(t, "80 delivered", patience,
		func() bool { return len(w.all(t, client.Query{Status: client.Delivered})) == 80 })
	for _, m := range w.all(t, client.Query{}) {
		read, err := w.Message(t.Context(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		ends := 0
		for _, e := range read.Timeline {
			if e.Status == client.Delivered {
				ends++
			} else if ends > 0 {
				t.Errorf("%s after delivered: %+v", e.Status, read.Timeline)
			}
		}
		if ends != 1 {
			t.Errorf("%d times delivered", ends)
		}
	}
}

// TestAcceptance14: a slow operator holds up its own messages alone, and a code
// passes a broadcast.
func TestAcceptance14(t *testing.T) {
	t.Parallel()
	g := startWith(t, sandbox.Options{}, publik)
	if err := g.sandbox.SetFault(simworld.Fault{
		Operator: simworld.OVH, Kind: simworld.FaultSlow, Rate: 1, DelayMS: 900,
	}); err != nil {
		t.Fatal(err)
	}
	publikPost(t, g.app.URL(), "/passerelle/ovh/send/", "Bonjour", fictional(300)...)
	publikPost(t, g.app.URL(), "/passerelle/sfr/send/", "Bonjour", fictional(900)...) // 45 calls, 5 a second
	code := publikPost(t, g.app.URL(), "/passerelle/codes/send/", "Votre code est 1234",
		"0639981901").Data.Messages[0]
	await(t, "the code", patience, func() bool { return len(g.sandbox.Handset(code.To)) == 1 })
	if waiting := len(g.of(t, "sfr", client.Queued)); waiting == 0 {
		t.Error("the broadcast is over: the code passed nobody")
	}
	if waiting := len(g.of(t, "ovh", client.Queued)); waiting == 0 {
		t.Error("the slow operator is done: it shows nothing")
	}
}

// TestDoorThatCannotOpen: the start says what is wrong with it.
func TestDoorThatCannotOpen(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "services.json")
	if err := os.WriteFile(file, []byte(`{"wcs": "hunter2"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, want string
		door       passerelle.Section
	}{
		{"no account", `[passerelle.town]: there is no account "nobody"`, passerelle.Section{Account: "nobody"}},
		{"no list", "passerelle town: known_services: ", passerelle.Section{Account: "default", KnownServices: filepath.Join(dir, "none")}},
		{"nonsense as list", "passerelle town: known_services: ", passerelle.Section{Account: "default", KnownServices: file}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			settings, err := config.Load("", func(string) (string, bool) { return "", false }, app.Parts())
			if err != nil {
				t.Fatal(err)
			}
			settings.Data, settings.Listen = t.TempDir(), "127.0.0.1:0"
			settings.Doors["passerelle"]["town"] = &tc.door
			_, err = app.New(t.Context(), settings, "test", slog.New(slog.DiscardHandler))
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) ||
				strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}

// TestPublikLargeSends: a send to many is a campaign, whose messages are the door's; each handset
// gets one text, and a send to few is as before.
func TestPublikLargeSends(t *testing.T) {
	t.Parallel()
	g := startWith(t, sandbox.Options{}, publik)
	few := publikPost(t, g.app.URL(), "/passerelle/large/send/", "Bonjour", fictional(59)...)
	if few.status != http.StatusOK || few.Data.Campaign != "" || len(few.Data.Messages) != 59 {
		t.Fatalf("to few: %+v", few)
	}
	to := append(fictional(60), "0139980001")
	got := publikPost(t, g.app.URL(), "/passerelle/large/send/", "Fermé ((lundi)) \\((", to...)
	if got.status != http.StatusOK || got.Err != 0 || got.Data.Campaign == "" || got.Data.ID != got.Data.Campaign ||
		len(got.Data.Messages) != 0 || got.Warn["unsupported phone numbers"] != "0139980001" {
		t.Fatalf("to many: %+v", got)
	}
	id := got.Data.Campaign
	await(t, "the end of the campaign", patience, func() bool {
		c, err := g.Campaign(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return c.Status == "finished"
	})
	for _, number := range fictional(60) {
		texts := g.sandbox.Handset("+33" + number[1:])
		if n := len(texts); n == 0 || texts[n-1].Text != "Fermé ((lundi)) \\((" {
			t.Errorf("%s has %+v", number, texts)
		}
	}
	if all := g.of(t, "large", "delivered"); len(all) != 59+60 {
		t.Errorf("%d messages of the instance", len(all))
	}
	c, err := g.Campaign(t.Context(), id)
	if err != nil || c.Counts.Delivered != 60 || c.Counts.Skipped != 1 || !strings.HasPrefix(c.Name, "Publik large ") {
		t.Errorf("%+v, %v", c, err)
	}
}
