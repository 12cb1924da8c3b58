package app_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"relais/app"
	"relais/client"
	"relais/connector/ovh"
	"relais/sandbox"
	simworld "relais/sandbox/world"
	"relais/webhook"
)

// world is a gateway beside simulated operators that the test holds, which push
// to it, and a caller's system that it sends webhooks to.
type world struct {
	*client.Client
	app     *app.App
	sandbox *sandbox.Server
	logs    *logbook
	data    string // the directory
}

func live(t *testing.T, options sandbox.Options, more string) *world {
	t.Helper()
	return liveAt(t, options, func(*sandbox.Server) string { return more })
}

// liveAt is live with lines of a configuration that depend on where the operators are.
func liveAt(t *testing.T, options sandbox.Options, lines func(*sandbox.Server) string) *world {
	t.Helper()
	operators := simulate(t, options)
	more := lines(operators)
	a, settings, logs := run(t, func(data string) string {
		return fmt.Sprintf("listen = \"127.0.0.1:0\"\ndata = %q\nsandbox_at = %q\n[log]\nlevel = \"debug\"\n%s", data, operators.URL(), more)
	})
	return &world{client.New(a.URL(), app.SandboxKey), a, operators, logs, settings.Data}
}

// call speaks to the API where the client has no method.
func (w *world) call(t *testing.T, method, path, body string, into any) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, w.app.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+app.SandboxKey)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if into != nil {
		if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	return answer.StatusCode
}

// subscribe registers the sandbox's receiver of webhooks.
func (w *world) subscribe(t *testing.T, name string) {
	t.Helper()
	if status := w.call(
		t, http.MethodPost, "/v1/webhooks", `{"url":"`+w.sandbox.URL()+`/webhooks/`+name+`"}`, nil,
	); status != http.StatusCreated {
		t.Fatalf("status %d", status)
	}
}

// patience is what a slow machine gets before a test fails.
const patience = 2 * time.Minute

// await asks until done, or fails.
func await(t *testing.T, what string, within time.Duration, done func() bool) {
	t.Helper()
	deadline := time.After(within)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s: not within %s", what, within)
		}
	}
}

func (w *world) all(t *testing.T, q client.Query) []client.Message {
	t.Helper()
	q.Limit = 1000
	var found []client.Message
	for {
		page, err := w.Messages(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, page.Items...)
		if page.Next == "" {
			return found
		}
		q.Cursor = page.Next
	}
}

// scripted is what the last two digits of a number lead to.
func scripted(number, connector string) (status client.Status, reason string, texts int) {
	var last int
	fmt.Sscanf(number[len(number)-2:], "%d", &last)
	switch {
	case last < 50, last >= 65 && last < 80, last >= 95:
		return client.Delivered, "delivered", 1
	case last < 55:
		return client.Undelivered, "absent", 0
	case last < 60:
		return client.Undelivered, "unknown_subscriber", 0
	case last < 65:
		return client.Submitted, "", 1 // until the wait for a receipt is over
	case last < 85 && connector == "sfr":
		return client.Rejected, "blocked", 0
	case last < 85:
		return client.Undelivered, "blocked", 0
	case last < 90:
		return client.Expired, "expired", 0
	default:
		return client.Undelivered, "network", 0
	}
}

// TestThousandMessagesLiveAsTheirNumbersScript: receipts come twice, out of
// order, early and late; each message has one end, and the caller's system each
// event once in effect and in order.
func TestThousandMessagesLiveAsTheirNumbersScript(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{FateDelay: 300 * time.Millisecond}, "")
	w.subscribe(t, "forms")
	for _, operator := range []string{simworld.OVH, simworld.DMC} {
		for kind, rate := range map[string]float64{
			simworld.FaultDuplicateReceipt: 0.3, simworld.FaultReorderedReceipt: 0.2,
			simworld.FaultReceiptBeforeAnswer: 0.2, simworld.FaultLateReceipt: 0.2,
		} {
			if err := w.sandbox.SetFault(simworld.Fault{
				Operator: operator, Kind: kind, Rate: rate, DelayMS: 500,
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.sandbox.SetManner("forms", sandbox.Manner{Status: 503, Count: 20})
	const each = 500
	for i, connector := range []string{"ovh", "sfr"} {
		var to []string
		for n := range each {
			to = append(to, fmt.Sprintf("+3363998%02d%02d", i*50+n/100, n%100))
		}
		if _, err := w.Submit(t.Context(), client.SubmitRequest{
			To: to, Text: "Bonjour", Connector: connector,
		}); err != nil {
			t.Fatal(err)
		}
	}
	await(t, "every message at its end", 5*time.Minute, func() bool {
		for _, m := range w.all(t, client.Query{}) {
			if want, _, _ := scripted(m.To, m.Connector); m.Status != want {
				return false
			}
		}
		return true
	})
	messages := w.all(t, client.Query{})
	if len(messages) != 2*each {
		t.Fatalf("%d messages, want %d", len(messages), 2*each)
	}
	want := map[string]string{} // message to its events, in order
	for _, m := range messages {
		status, reason, texts := scripted(m.To, m.Connector)
		if reason != "" && m.Reason != reason {
			t.Errorf("%s through %s: %s (%s), want %s", m.To[8:], m.Connector, m.Status, m.Reason, reason)
		}
		if got := len(w.sandbox.Handset(m.To)); got != texts {
			t.Errorf("%s through %s: %d texts, want %d", m.To[8:], m.Connector, got, texts)
		}
		want[m.ID] = "message.submitted"
		if status != client.Submitted {
			want[m.ID] += " message." + string(status)
		}
	}
	told := func() map[string]string {
		got, seen := map[string]string{}, map[string]bool{}
		for _, d := range w.sandbox.Webhooks("forms") {
			var body struct {
				Type webhook.Type
				Data struct{ ID string }
			}
			if err := json.Unmarshal(d.Body, &body); err != nil {
				t.Fatal(err)
			}
			if d.Status >= 300 || seen[d.ID] || !strings.HasPrefix(string(body.Type), "message.") {
				continue // not taken, or taken before
			}
			seen[d.ID] = true
			got[body.Data.ID] = strings.TrimSpace(got[body.Data.ID] + " " + string(body.Type))
		}
		return got
	}
	await(t, "every event at the caller's system", 5*time.Minute, func() bool {
		got := told()
		for id := range want {
			if len(got[id]) < len(want[id])-len("message.submitted ") {
				return false
			}
		}
		return true
	})
	got := told()
	for id, events := range want {
		// a receipt before the answer may be all there is
		short := strings.TrimPrefix(events, "message.submitted ")
		if got[id] != events && got[id] != short {
			t.Errorf("message %s: events %q, want %q", id, got[id], events)
		}
	}
	timelinesHaveOneEnd(t, w, messages)
	answers(t, w, messages)
}

func timelinesHaveOneEnd(t *testing.T, w *world, messages []client.Message) {
	t.Helper()
	final := map[client.Status]bool{
		client.Delivered: true, client.Undelivered: true, client.Expired: true, client.Rejected: true,
	}
	for _, m := range messages[:200] {
		whole, err := w.Message(t.Context(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		ends := 0
		for _, e := range whole.Timeline {
			if final[e.Status] {
				ends++
			}
		}
		if ends > 1 {
			t.Errorf("message %s has %d ends: %+v", m.ID, ends, whole.Timeline)
		}
	}
}

// answers checks what people wrote: OUI is linked to its message, STOP fills the
// list.
func answers(t *testing.T, w *world, messages []client.Message) {
	t.Helper()
	yes, stops := 0, 0
	byNumber := map[string]string{}
	for _, m := range messages {
		byNumber[m.To] = m.ID
		switch last := m.To[len(m.To)-2:]; {
		case last >= "95":
			yes++
		case last >= "65" && last < "70":
			stops++
		}
	}
	type inbound struct{ From, Text, Intent, Message string }
	var list struct{ Items []inbound }
	await(t, "every reply", patience, func() bool {
		list.Items = nil
		w.call(t, http.MethodGet, "/v1/inbound?limit=1000&intent=reply", "", &list)
		return len(list.Items) >= yes
	})
	if len(list.Items) != yes {
		t.Errorf("%d replies, want %d", len(list.Items), yes)
	}
	for _, in := range list.Items {
		if in.Text != "OUI" || in.Message != byNumber[in.From] {
			t.Errorf("reply %q from %s answers %s, want %s",
				in.Text, in.From[8:], in.Message, byNumber[in.From])
		}
	}
	var out struct{ Items []struct{ Number string } }
	await(t, "every STOP", patience, func() bool {
		out.Items = nil
		w.call(t, http.MethodGet, "/v1/opt-outs?limit=1000", "", &out)
		return len(out.Items) >= stops
	})
	if len(out.Items) != stops {
		t.Errorf("%d numbers on the list, want %d", len(out.Items), stops)
	}
}

// TestStopIsHonoured: a person's STOP on a handset, at either operator.
func TestStopIsHonoured(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, "[account.sandbox]\npolicy = \"none\"\n") // at any hour
	for connector, number := range map[string]string{"ovh": "+33639980001", "sfr": "+33639980002"} {
		if _, err := w.Submit(t.Context(), client.SubmitRequest{
			To: []string{number}, Text: "Soldes", Connector: connector,
		}); err != nil {
			t.Fatal(err)
		}
		await(t, "the text", patience, func() bool { return len(w.sandbox.Handset(number)) == 1 })
		later, err := w.Submit(t.Context(), client.SubmitRequest{
			To: []string{number}, Text: "Demain", Class: "marketing", Connector: connector,
			SendAt: time.Now().Add(time.Hour),
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.sandbox.Reply(number, "", "Stop svp"); err != nil {
			t.Fatal(err)
		}
		var state struct {
			OptedOut bool `json:"opted_out"`
			Proofs   []struct{ Source, Note, Message string }
		}
		await(t, "the opt-out", patience, func() bool {
			w.call(t, http.MethodGet, "/v1/opt-outs/"+strings.Replace(number, "+", "%2B", 1), "", &state)
			return state.OptedOut
		})
		if len(state.Proofs) == 0 || state.Proofs[0].Message == "" {
			t.Errorf("%s: proofs %+v", connector, state.Proofs)
		}
		var refusal struct {
			Code     string
			Rejected []struct{ Code string }
		}
		status := w.call(t, http.MethodPost, "/v1/messages",
			`{"to":"`+number+`","text":"Soldes","class":"marketing","connector":"`+connector+`"}`, &refusal)
		if status != http.StatusUnprocessableEntity || len(refusal.Rejected) != 1 ||
			refusal.Rejected[0].Code != "opted_out" {
			t.Errorf("%s: status %d, %+v", connector, status, refusal)
		}
		bringForward(t, w.data)
		await(t, "the message that waited", patience, func() bool {
			m, err := w.Message(t.Context(), later.Messages[0].ID)
			return err == nil && m.Status == client.Rejected && m.Reason == "opted_out"
		})
		if got := len(w.sandbox.Handset(number)); got != 1 {
			t.Errorf("%s: %d texts on the handset, want the first alone", connector, got)
		}
	}
}

// TestTrafficGoesByTheFallbackAndReturns: ovh fails in each way, new messages go
// by sfr, come back when it heals, and none is doubled.
func TestTrafficGoesByTheFallbackAndReturns(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault simworld.Fault
	}{
		{"http_500", simworld.Fault{Operator: simworld.OVH, Kind: simworld.FaultHTTP500, Rate: 1}},
		{"no_credit", simworld.Fault{Operator: simworld.OVH, Kind: simworld.FaultNoCredit, Rate: 1}},
		{"slow receipts", simworld.Fault{Operator: simworld.OVH, Kind: simworld.FaultLateReceipt, Rate: 1, DelayMS: 5000}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := live(t, sandbox.Options{}, `[route.all]
connectors = ["ovh", "sfr"]
[health]
receipt_delay = "1s"
probe_every = "1s"
least = 5
`)
			place := 0
			send := func() client.Message {
				t.Helper()
				place++
				answer, err := w.Submit(t.Context(),
					client.SubmitRequest{To: []string{
						fmt.Sprintf("+3363998%02d%02d", place/50, place%50),
					}, Text: fmt.Sprint("Message ", place)})
				if err != nil {
					t.Fatal(err)
				}
				return answer.Messages[0]
			}
			goesBy := func(connector string, in int) func() bool {
				return func() bool {
					last := send()
					m, err := w.Wait(t.Context(), last.ID)
					if err != nil {
						t.Fatal(err)
					}
					if m.Connector == connector &&
						(m.Status == client.Submitted || m.Status == client.Delivered) {
						in--
					}
					return in <= 0
				}
			}
			await(t, "ovh at first", patience, goesBy("ovh", 3))
			if err := w.sandbox.SetFault(tc.fault); err != nil {
				t.Fatal(err)
			}
			await(t, "sfr while ovh fails", patience, goesBy("sfr", 20))
			w.sandbox.ClearFaults()
			await(t, "ovh again", patience, goesBy("ovh", 10))
			for number := 1; number <= place; number++ {
				texts := w.sandbox.Handset(fmt.Sprintf("+3363998%02d%02d", number/50, number%50))
				if len(texts) > 1 {
					t.Errorf("message %d stands %d times on its handset", number, len(texts))
				}
			}
			if strings.Contains(w.logs.String(), "3363998") {
				t.Error("a number is in the log")
			}
		})
	}
}

// TestStormOfReceipts: receipts in a burst, 10,000 without the race detector, each three times, shuffled,
// leave one history and one event each.
func TestStormOfReceipts(t *testing.T) {
	w := live(t, sandbox.Options{}, "")
	if err := w.sandbox.SetFault(simworld.Fault{
		Operator: simworld.OVH, Kind: simworld.FaultNoReceipt, Rate: 1,
	}); err != nil {
		t.Fatal(err)
	}
	const n = stormSize
	to := make([]string, n)
	for i := range to {
		to[i] = fmt.Sprintf("+3361200%04d", i)
	}
	if _, err := w.Submit(t.Context(), client.SubmitRequest{
		To: to, Text: "Bonjour", Connector: "ovh",
	}); err != nil {
		t.Fatal(err)
	}
	await(t, "the operator's answers", 5*time.Minute, func() bool {
		page, err := w.Messages(t.Context(), client.Query{Status: client.Queued, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		return len(page.Items) == 0
	})
	var burst []string
	await(t, "every id", 5*time.Minute, func() bool {
		burst = burst[:0]
		for _, m := range w.all(t, client.Query{Status: client.Submitted}) {
			burst = append(burst, m.ProviderID, m.ProviderID, m.ProviderID)
		}
		return len(burst) == 3*n
	})
	rand.Shuffle(len(burst), func(i, j int) { burst[i], burst[j] = burst[j], burst[i] })
	w.push(t, burst)
	if left := w.all(t, client.Query{Status: client.Submitted}); len(left) > 0 {
		t.Errorf("%d messages without an end", len(left))
	}
	told := w.feed(t, "message.delivered")
	delivered := w.all(t, client.Query{Status: client.Delivered})
	for _, m := range delivered {
		if told[m.ID] != 1 {
			t.Fatalf("message %s has %d events, want 1", m.ID, told[m.ID])
		}
	}
	if len(delivered) != n || len(told) != n {
		t.Errorf("%d delivered, %d told of; want %d", len(delivered), len(told), n)
	}
	timelinesHaveOneEnd(t, w, delivered)
}

// push calls the delivery callback of OVH, many at a time, as OVH would.
func (w *world) push(t *testing.T, ids []string) {
	t.Helper()
	section := app.Simulated(w.sandbox.URL())[0].Section.(*ovh.Config)
	set, err := ovh.ReadCallbacks(t.Context(), section.LoginOptions(http.DefaultClient), section.Service)
	if err != nil {
		t.Fatal(err)
	}
	next := make(chan string)
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	defer transport.CloseIdleConnections()
	caller := &http.Client{Transport: transport}
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for id := range next {
				answer, err := caller.Get(set.Receipt + "?id=" + id +
					"&ptt=4&description=1&date=2026-11-25T12:00:00Z")
				if err != nil {
					t.Error(err)
					continue
				}
				answer.Body.Close()
				if answer.StatusCode/100 != 2 {
					t.Errorf("a receipt is answered %d", answer.StatusCode)
				}
			}
		})
	}
	for _, id := range ids {
		next <- id
	}
	close(next)
	all.Wait()
}

// feed counts the events of a type, by message.
func (w *world) feed(t *testing.T, kind string) map[string]int {
	t.Helper()
	told := map[string]int{}
	for after := ""; ; {
		list, err := w.Events(t.Context(), after, []string{kind}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list.Items {
			var data struct{ ID string }
			if err := json.Unmarshal(e.Data, &data); err != nil {
				t.Fatal(err)
			}
			told[data.ID]++
		}
		if after = list.Next; len(list.Items) == 0 {
			return told
		}
	}
}
