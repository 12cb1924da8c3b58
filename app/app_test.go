package app_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/app"
	"relais/auth"
	"relais/client"
	"relais/config"
	"relais/connector/ovh"
	"relais/sandbox"
	"relais/sandbox/dmc"
	simovh "relais/sandbox/ovh"
	simworld "relais/sandbox/world"
	"relais/store/sqlite"
)

// gateway is a whole program on a temporary directory, beside simulated
// operators that the test holds.
type gateway struct {
	*client.Client
	app     *app.App
	sandbox *sandbox.Server
	logs    *logbook
	data    string // the directory
}

// toml configures both operators at a sandbox; times are short so that tests
// of time-outs are.
const toml = `
listen = "127.0.0.1:0"
data = %[1]q
[log]
level = "debug"
[connector.ovh]
provider = "ovh"
endpoint = "%[2]s/ovh/1.0"
application_key = "` + simovh.ApplicationKey + `"
application_secret = "` + simovh.ApplicationSecret + `"
consumer_key = "` + simovh.ConsumerKey + `"
service = "` + simovh.Service + `"
sender = "RELAIS"
calls_per_second = 1000
timeout = "1s"
[connector.sfr]
provider = "sfrdmc"
base_url = "%[2]s/dmc"
service_id = "` + dmc.ServiceID + `"
service_password = "` + dmc.Password + `"
space_id = "` + dmc.SpaceID + `"
sender = "MAIRIE"
timeout = "1s"
`

func start(t *testing.T) *gateway {
	t.Helper()
	return startWith(t, sandbox.Options{}, "")
}

// startWith adds lines to the configuration; its last section is that of sfr.
func startWith(t *testing.T, options sandbox.Options, more string) *gateway {
	t.Helper()
	operators := simulate(t, options)
	a, settings, logs := run(t, func(data string) string {
		return fmt.Sprintf(toml+more, data, operators.URL())
	})
	return &gateway{client.New(a.URL(), newKey(t, settings.Data)), a, operators, logs, settings.Data}
}

// simulate starts simulated operators for as long as the test lasts.
func simulate(t *testing.T, options sandbox.Options) *sandbox.Server {
	t.Helper()
	options.Listen = "127.0.0.1:0"
	operators, err := sandbox.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { operators.Close() })
	return operators
}

// logbook is a log that is read while the gateway writes it.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// run starts a gateway with the configuration that text makes of its data
// directory.
func run(t *testing.T, text func(data string) string) (*app.App, config.Config, *logbook) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "relais.toml")
	if err := os.WriteFile(file, []byte(text(filepath.Join(dir, "data"))), 0o600); err != nil {
		t.Fatal(err)
	}
	settings, err := config.Load(file, func(string) (string, bool) { return "", false }, app.Parts())
	if err != nil {
		t.Fatal(err)
	}
	logs := &logbook{}
	a, err := app.New(t.Context(), settings, "test", app.NewLogger(logs, settings.Log))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := a.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return a, settings, logs
}

// newKey makes a key as the command line does: on the database, beside the
// running gateway.
func newKey(t *testing.T, dir string) string {
	t.Helper()
	store, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	text, _, err := auth.NewKey(t.Context(), store, "default", "test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (g *gateway) send(t *testing.T, r client.SubmitRequest) []client.MessageWithTimeline {
	t.Helper()
	answer, err := g.Submit(t.Context(), r)
	if err != nil {
		t.Fatalf("Submit: %v", err)
	}
	sent := make([]client.MessageWithTimeline, len(answer.Messages))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for i, m := range answer.Messages {
		got, err := g.Wait(ctx, m.ID)
		if err != nil {
			t.Fatalf("Wait: %v", err)
		}
		sent[i] = *got
	}
	return sent
}

func TestTextsArriveWholeAndOnce(t *testing.T) {
	g := start(t)
	for _, tc := range []struct {
		name, connector, to, number, text string
	}{
		{"plain", "ovh", "0639980001", "+33639980001", "Bonjour"},
		{"accents, euro and emoji", "ovh", "0639980002", "+33639980002", "Ça coûte 5 € à l'œuvre 🎉"},
		{"the same through DMC", "sfr", "0639980003", "+33639980003", "Ça coûte 5 € à l'œuvre 🎉"},
		{"GSM alphabet through DMC", "sfr", "0639980004", "+33639980004", "5 € [à] {l'été} ~ ^ \\ | é è ù ì ò Ç Ø Δ"},
		{"long", "sfr", "0639980005", "+33639980005", strings.Repeat("0123456789", 20)},
		{"long and Unicode", "sfr", "0639980006", "+33639980006", strings.Repeat("œuvre 🎉 ", 12)},
		{"line ends, plus, percent, ampersand", "sfr", "0639980007", "+33639980007", "a\nb + c % d & e = f #"},
		{"Réunion, as dialled, OVH", "ovh", "0692123456", "+262692123456", "a"},
		{"Réunion, as dialled, DMC", "sfr", "0692123457", "+262692123457", "a"},
		{"Guadeloupe, OVH", "ovh", "+590690001234", "+590690001234", "a"},
		{"Guadeloupe, DMC", "sfr", "+590 690 00 12 35", "+590690001235", "a"},
		{"Mayotte", "sfr", "0639012345", "+262639012345", "a"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := g.send(t, client.SubmitRequest{
				To: []string{tc.to}, Text: tc.text, Connector: tc.connector, Sender: "MAIRIE",
			})[0]
			if !taken(m) || m.To != tc.number || m.ProviderID == "" {
				t.Fatalf("message = %s to %s with id %q", m.Status, m.To, m.ProviderID)
			}
			texts := g.sandbox.Handset(tc.number)
			if len(texts) != 1 || texts[0].Text != tc.text || texts[0].From != "MAIRIE" ||
				texts[0].OperatorID != m.ProviderID {
				t.Errorf("handset = %+v, want the text once, from MAIRIE, with id %s", texts, m.ProviderID)
			}
		})
	}
}

// taken reports whether the operator took a message; its receipt may have come.
func taken(m client.MessageWithTimeline) bool {
	return m.Status == client.Submitted || m.Status == client.Delivered
}

func TestPacketsOfDMC(t *testing.T) {
	t.Parallel()
	g := start(t)
	var to []string
	for i := range 45 {
		to = append(to, fmt.Sprintf("063998%04d", i))
	}
	for _, m := range g.send(t, client.SubmitRequest{To: to, Text: "Bonjour", Connector: "sfr"}) {
		if texts := g.sandbox.Handset(m.To); !taken(m) || len(texts) != 1 || texts[0].Reference != m.ID {
			t.Errorf("message %s, handset %+v", m.Status, texts)
		}
	}
	stats := g.sandbox.Stats().DMC
	const others = 3 // reports, who answered STOP, and the senders
	if stats.Calls > 3+others || stats.Accepted != 45 || stats.OverRate != 0 {
		t.Errorf("DMC saw %+v, want 3 calls beside those of a poll and the senders, 45 messages and no breach of the rate", stats)
	}
}

func TestFaultsOfOperators(t *testing.T) {
	const (
		submitted = client.Submitted
		uncertain = client.Uncertain
	)
	both := []string{"ovh", "sfr"}
	for _, tc := range []struct {
		kind       string
		connectors []string
		status     client.Status
		texts      int // on the handset, in the end
		attempt    int
	}{
		{simworld.FaultResetAfterAccept, both, uncertain, 1, 1},
		{simworld.FaultTimeoutAfterAccept, both, uncertain, 1, 1},
		{simworld.FaultBadJSON, both, uncertain, 1, 1},
		{simworld.FaultEmpty, both, uncertain, 1, 1},
		{simworld.FaultCut, both, uncertain, 1, 1},
		{simworld.FaultHTML, both, uncertain, 0, 1},
		{simworld.FaultHTTP500, both, uncertain, 0, 1},
		{simworld.FaultHTTP503, []string{"ovh"}, submitted, 1, 2}, // its body says that OVH refuses
		{simworld.FaultHTTP503, []string{"sfr"}, uncertain, 0, 1},
		{simworld.FaultResetBefore, both, uncertain, 0, 1},
		{simworld.FaultThrottle, both, submitted, 1, 1}, // costs no attempt
		{simworld.FaultSlow, both, submitted, 1, 1},
	} {
		for _, connector := range tc.connectors {
			operator := map[string]string{"ovh": simworld.OVH, "sfr": simworld.DMC}[connector]
			t.Run(tc.kind+" at "+connector, func(t *testing.T) {
				t.Parallel()
				g := start(t)
				if err := g.sandbox.SetFault(simworld.Fault{
					Operator: operator, Kind: tc.kind, Count: 1, DelayMS: delayOf(tc.kind),
				}); err != nil {
					t.Fatal(err)
				}
				m := g.send(t, client.SubmitRequest{
					To: []string{"0639980001"}, Text: "Bonjour", Connector: connector,
				})[0]
				if m.Status != tc.status || m.Attempt != tc.attempt {
					t.Errorf("message is %s at attempt %d, want %s at %d; timeline %+v",
						m.Status, m.Attempt, tc.status, tc.attempt, m.Timeline)
				}
				// A later message through the same operator shows that it works
				// again, and that the first was not sent with it.
				after := g.send(t, client.SubmitRequest{
					To: []string{"0639980002"}, Text: "Encore", Connector: connector,
				})[0]
				if after.Status != submitted {
					t.Errorf("the message after it is %s", after.Status)
				}
				if texts := g.sandbox.Handset("+33639980001"); len(texts) != tc.texts {
					t.Errorf("%d texts on the handset, want %d", len(texts), tc.texts)
				}
			})
		}
	}
}

func delayOf(kind string) int {
	switch kind {
	case simworld.FaultTimeoutAfterAccept:
		return 60_000
	case simworld.FaultSlow:
		return 100
	default:
		return 0
	}
}

// A batch of three, of which the operator does not want the second: its text is
// longer than DMC takes. No source tells what DMC does then, so the connector
// must be right whichever way it is.
func TestOneBadMessageInABatchOfDMC(t *testing.T) {
	const (
		submitted = client.Submitted
		uncertain = client.Uncertain
		rejected  = client.Rejected
	)
	t.Parallel()
	for _, tc := range []struct {
		name     string
		way      dmc.BadElement
		refusal  string // batch_refusal
		statuses [3]client.Status
		texts    [3]int // on the handsets, in the end
	}{
		{"refuses the batch, apart", dmc.RefuseBatch, "apart", [3]client.Status{submitted, rejected, submitted}, [3]int{1, 0, 1}},
		{"refuses the batch, hold", dmc.RefuseBatch, "hold", [3]client.Status{uncertain, uncertain, uncertain}, [3]int{0, 0, 0}},
		// What "apart" infers is wrong here. This is the harm that "hold" is for.
		{"refuses the rest, apart", dmc.RefuseRest, "apart", [3]client.Status{submitted, rejected, submitted}, [3]int{2, 0, 1}},
		{"refuses the rest, hold", dmc.RefuseRest, "hold", [3]client.Status{uncertain, uncertain, uncertain}, [3]int{1, 0, 0}},
		{"null in its place", dmc.NullSlot, "apart", [3]client.Status{submitted, uncertain, submitted}, [3]int{1, 0, 1}},
		{"an error in its place", dmc.ErrorSlot, "hold", [3]client.Status{submitted, uncertain, submitted}, [3]int{1, 0, 1}},
		{"left out, apart", dmc.ShortAnswer, "apart", [3]client.Status{uncertain, uncertain, uncertain}, [3]int{1, 0, 1}},
		{"left out, hold", dmc.ShortAnswer, "hold", [3]client.Status{uncertain, uncertain, uncertain}, [3]int{1, 0, 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g := startWith(t, sandbox.Options{DMCBadElement: tc.way},
				"batch_refusal = \""+tc.refusal+"\"\n[limits]\nsegments = 30\n")
			sent := g.sendTogether(t, "Un", strings.Repeat("x", 4001), "Trois")
			// A message after them shows that the lane still sends, and not these.
			after := g.send(t, client.SubmitRequest{
				To: []string{"0639980004"}, Text: "Encore", Connector: "sfr",
			})[0]
			if after.Status != submitted {
				t.Errorf("the message after them is %s", after.Status)
			}
			var statuses [3]client.Status
			var texts [3]int
			for i, m := range sent {
				statuses[i], texts[i] = m.Status, len(g.sandbox.Handset(m.To))
			}
			if statuses != tc.statuses || texts != tc.texts {
				t.Errorf("statuses %v, texts on the handsets %v; want %v, %v",
					statuses, texts, tc.statuses, tc.texts)
			}
		})
	}
}

// sendTogether submits texts through DMC so that they leave in one call: all
// become due at one moment, once they are there.
func (g *gateway) sendTogether(t *testing.T, texts ...string) []client.MessageWithTimeline {
	t.Helper()
	due := time.Now().Add(time.Hour)
	ids := make([]string, len(texts))
	for i, text := range texts {
		answer, err := g.Submit(t.Context(), client.SubmitRequest{
			To: []string{fmt.Sprintf("06399800%02d", i+1)}, Text: text, Connector: "sfr", SendAt: due,
		})
		if err != nil {
			t.Fatalf("Submit: %v", err)
		}
		ids[i] = answer.Messages[0].ID
	}
	bringForward(t, g.data)
	sent := make([]client.MessageWithTimeline, len(ids))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for i, id := range ids {
		m, err := g.Wait(ctx, id)
		if err != nil {
			t.Fatalf("Wait: %v", err)
		}
		sent[i] = *m
	}
	return sent
}

func TestRefusedConnectionIsTriedAgain(t *testing.T) {
	t.Parallel()
	g := start(t)
	if err := g.sandbox.SetFault(simworld.Fault{
		Operator: simworld.OVH, Kind: simworld.FaultRefuseConnection, DelayMS: 500,
	}); err != nil {
		t.Fatal(err)
	}
	m := g.send(t, client.SubmitRequest{To: []string{"0639980001"}, Text: "Bonjour", Connector: "ovh"})[0]
	if texts := g.sandbox.Handset("+33639980001"); m.Status != client.Submitted || m.Attempt < 2 ||
		len(texts) != 1 {
		t.Errorf("message is %s at attempt %d, %d texts; want submitted after a failed attempt, 1 text",
			m.Status, m.Attempt, len(texts))
	}
}

func TestNoCreditBlocksTheLaneAndKeepsTheMessage(t *testing.T) {
	t.Parallel()
	for connector, operator := range map[string]string{"ovh": simworld.OVH, "sfr": simworld.DMC} {
		t.Run(connector, func(t *testing.T) {
			t.Parallel()
			g := start(t)
			if err := g.sandbox.SetFault(simworld.Fault{
				Operator: operator, Kind: simworld.FaultNoCredit, Count: 1,
			}); err != nil {
				t.Fatal(err)
			}
			m := g.send(t, client.SubmitRequest{
				To: []string{"0639980001"}, Text: "Bonjour", Connector: connector,
			})[0]
			var codes []string
			for _, e := range m.Timeline {
				codes = append(codes, e.Code)
			}
			want := []string{"accepted", "attempt", "connector_blocked", "attempt", "operator_accepted"}
			if diff := cmp.Diff(want, codes); diff != "" || m.Attempt != 1 {
				t.Errorf("attempt %d; timeline (-want +got):\n%s", m.Attempt, diff)
			}
		})
	}
}

func TestRecipientRefusedByTheOperatorBlocksNoOther(t *testing.T) {
	g := start(t)
	withdraw(t, g.Client, g.sandbox, "MAIRIE")
	sent := g.send(t, client.SubmitRequest{
		To: []string{"0639980001", "0639980002"}, Text: "Bonjour", Sender: "MAIRIE", Connector: "ovh",
	})
	for _, m := range sent {
		if m.Status != client.Rejected || m.Reason != "operator_rejected" {
			t.Errorf("message with a sender that OVH knows no more is %s (%s)", m.Status, m.Reason)
		}
	}
	if m := g.send(t, client.SubmitRequest{
		To: []string{"0639980003"}, Text: "Bonjour", Connector: "ovh",
	})[0]; m.Status != client.Submitted {
		t.Errorf("message after them is %s", m.Status)
	}
}

// withdraw has OVH know a sender no more, once the gateway has read that it does: the
// gateway accepts what OVH refuses then.
func withdraw(t *testing.T, c *client.Client, operators *sandbox.Server, name string) {
	t.Helper()
	await(t, "a reading of the senders", patience, func() bool {
		_, err := c.Preview(t.Context(),
			client.PreviewRequest{SubmitRequest: client.SubmitRequest{
				To: []string{"0639980001"}, Text: "a", Sender: "Nowhere", Connector: "ovh",
			}})
		refusal, refused := errors.AsType[*client.Problem](err)
		return refused && refusal.Code == "sender_not_declared"
	})
	if err := operators.SetSender(simworld.DeclaredSender{
		Operator: simworld.OVH, Name: name, Status: "absent",
	}); err != nil {
		t.Fatal(err)
	}
}

func TestNothingPersonalInTheLog(t *testing.T) {
	t.Parallel()
	g := start(t)
	for _, kind := range []string{simworld.FaultHTTP500, simworld.FaultBadJSON, simworld.FaultThrottle} {
		for connector, operator := range map[string]string{"ovh": simworld.OVH, "sfr": simworld.DMC} {
			if err := g.sandbox.SetFault(simworld.Fault{Operator: operator, Kind: kind, Count: 1}); err != nil {
				t.Fatal(err)
			}
			g.send(t, client.SubmitRequest{
				To: []string{"0639987654"}, Text: "SECRET-CODE-4821", Connector: connector,
			})
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := g.app.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	logs := g.logs.String()
	if !strings.Contains(logs, "msg=attempt") {
		t.Fatalf("the log tells no attempt:\n%s", logs)
	}
	for _, secret := range []string{
		"39987654", "SECRET-CODE", simovh.ApplicationSecret, simovh.ConsumerKey, dmc.Password,
	} {
		if strings.Contains(logs, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestPortTaken(t *testing.T) {
	g := start(t)
	settings, err := config.Load("", func(string) (string, bool) { return "", false }, app.Parts())
	if err != nil {
		t.Fatal(err)
	}
	settings.Data, settings.Listen = t.TempDir(), strings.TrimPrefix(g.app.URL(), "http://")
	_, err = app.New(t.Context(), settings, "test", slog.New(slog.DiscardHandler))
	want := "cannot listen on " + settings.Listen + ": bind: address already in use"
	if err == nil || err.Error() != want {
		t.Errorf("error = %v, want %q", err, want)
	}
	if err := g.Ready(t.Context()); err != nil {
		t.Errorf("the first gateway is disturbed: %v", err)
	}
}

func TestSandboxRefusesOtherConnectorsThatItCouldBeTakenFor(t *testing.T) {
	for _, tc := range []struct{ name, connector, endpoint, want string }{
		{"a real operator", "town", "https://eu.api.ovh.com/1.0", "connector town is a real operator"},
		{"a name of the sandbox", "ovh", "http://127.0.0.1:1/ovh/1.0", "connector ovh: with --sandbox that name"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			settings, err := config.Load("", func(string) (string, bool) { return "", false }, app.Parts())
			if err != nil {
				t.Fatal(err)
			}
			settings.Data, settings.Listen, settings.SandboxAt = t.TempDir(), "127.0.0.1:0", "http://127.0.0.1:1"
			section := app.Simulated("http://127.0.0.1:1")[0].Section.(*ovh.Config)
			section.Endpoint = tc.endpoint
			settings.Connectors = []config.Connector{{Name: tc.connector, Provider: "ovh", Section: section}}
			_, err = app.New(t.Context(), settings, "test", slog.New(slog.DiscardHandler))
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error = %v, want one sentence with %q", err, tc.want)
			}
		})
	}
}

func TestStopIsNotHeldUpByASlowClient(t *testing.T) {
	t.Parallel()
	g := start(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(g.app.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprint(
		conn, "POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
	); err != nil {
		t.Fatal(err)
	}
	if err := g.sandbox.SetFault(simworld.Fault{
		Operator: simworld.OVH, Kind: simworld.FaultSlow, Count: 1, DelayMS: 300,
	}); err != nil {
		t.Fatal(err)
	}
	answer, err := g.Submit(t.Context(),
		client.SubmitRequest{To: []string{"0639980001"}, Text: "Bonjour", Connector: "ovh"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := g.app.Stop(ctx); err != nil {
		t.Errorf("Stop: %v", err)
	}
	if texts := g.sandbox.Handset(answer.Messages[0].To); len(texts) > 1 {
		t.Errorf("%d texts on the handset", len(texts))
	}
}
