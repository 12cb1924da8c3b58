package app_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"relais/app"
	"relais/client"
	"relais/connector/httpapi"
	"relais/sandbox"
	simworld "relais/sandbox/world"
)

// played is a gateway with a connector for each of some presets, beside the operators, which are
// played from their exchanges.
func played(t *testing.T, presets ...string) *world {
	t.Helper()
	options := sandbox.Options{
		Declared: app.Declared(), FateDelay: 200 * time.Millisecond, PushRetryEvery: 100 * time.Millisecond,
	}
	return liveAt(t, options, func(s *sandbox.Server) string {
		text := "[account.sandbox]\npolicy = \"none\"\n" // at any hour
		for _, name := range presets {
			a := s.Operators()[name]
			text += fmt.Sprintf("[connector.%[1]s]\nprovider = \"http\"\npreset = %[1]q\naccount = \"sandbox\"\nbase_url = %[2]q\n"+
				"calls_per_second = 1000\ntimeout = \"5s\"\npoll_every = \"1s\"\n", name, a.BaseURL)
			for _, key := range slices.Sorted(maps.Keys(a.Settings)) {
				text += fmt.Sprintf("%s = %q\n", key, a.Settings[key])
			}
		}
		return text
	})
}

// tells reports whether the declaration of a preset has a table.
func tells(preset, table string) bool {
	text, _ := httpapi.Preset(preset)
	return strings.Contains(string(text), "\n["+table+"]")
}

// submits sends a text through one connector.
func (w *world) submits(t *testing.T, connector, to, text string) string {
	t.Helper()
	answer, err := w.Submit(t.Context(), client.SubmitRequest{To: []string{to}, Text: text, Connector: connector})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Messages[0].ID
}

// reaches waits until a message is at one of some states.
func (w *world) reaches(t *testing.T, id string, wanted ...client.Status) *client.MessageWithTimeline {
	t.Helper()
	var last *client.MessageWithTimeline
	deadline := time.After(patience)
	for {
		m, err := w.Message(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if last = m; slices.Contains(wanted, m.Status) {
			return m
		}
		select {
		case <-deadline:
			t.Fatalf("%s through %s is %s, want %v; %+v", m.To, m.Connector, m.Status, wanted, last.Timeline)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Every preset goes the whole way against its operator, as the exchanges that were written from the
// documents of that operator play it: a text to its handset, the receipt of it, one of a handset that
// is away, what a person answers, and a STOP.
func TestPresetsPlayedToTheHandset(t *testing.T) {
	t.Parallel()
	presets := httpapi.Presets()
	w := played(t, presets...)
	const text = "Réunion à 9 h & \"demain\", 5 €"
	account := w.sandbox.Operators()
	number := func(i, fate int) string {
		if only := account[presets[i]].Settings["profile"]; strings.HasPrefix(only, "+") {
			return only // the operator sends to the number of the account alone
		}
		return fmt.Sprintf("+3363998%02d%02d", i+1, fate)
	}
	const arrives, long, away, stop, yes = 1, 2, 50, 65, 95
	type sent struct{ arrives, away, long string }
	all := make([]sent, len(presets))
	for i, name := range presets {
		all[i].arrives = w.submits(t, name, number(i, arrives), text)
		if declaration, _ := httpapi.Preset(name); strings.Contains(string(declaration), "\nparts = ") {
			all[i].long = w.submits(t, name, number(i, long), strings.Repeat("Le guichet est ferme. ", 12))
		}
		if tells(name, "receipts") {
			all[i].away = w.submits(t, name, number(i, away), text)
		}
		if tells(name, "replies") {
			w.submits(t, name, number(i, yes), "Venez-vous ?")
			w.submits(t, name, number(i, stop), "Soldes")
		}
	}
	for i, name := range presets {
		t.Run(name, func(t *testing.T) {
			want := client.Submitted
			if tells(name, "receipts") {
				want = client.Delivered
			}
			m := w.reaches(t, all[i].arrives, want)
			got := w.sandbox.Handset(number(i, arrives))
			if len(got) != 1 || got[0].Text != text || got[0].Operator != name {
				t.Fatalf("on the handset: %+v", got)
			}
			if m.ProviderID != "" && m.ProviderID != got[0].OperatorID {
				t.Errorf("the operator's id is %q, want %q", m.ProviderID, got[0].OperatorID)
			}
			if all[i].long != "" { // two parts, each with a receipt
				m := w.reaches(t, all[i].long, client.Delivered)
				if n := len(m.Timeline); n < 2 || m.Timeline[n-2].Code != "receipt_part" || m.Timeline[n-1].Code != "delivered" {
					t.Errorf("the end of a long message is %+v", m.Timeline)
				}
			}
			if all[i].away != "" {
				w.reaches(t, all[i].away, client.Undelivered, client.Rejected)
			}
			if !tells(name, "replies") {
				return
			}
			var list client.InboundList
			await(t, "the answer", patience, func() bool {
				w.call(t, http.MethodGet, "/v1/inbound?from=%2B"+number(i, yes)[1:], "", &list)
				return len(list.Items) > 0
			})
			if in := list.Items[0]; len(list.Items) != 1 || in.Text != "OUI" || in.Connector != name || in.Message == "" {
				t.Errorf("%d replies, the first is %+v", len(list.Items), in)
			}
			await(t, "the STOP", patience, func() bool {
				return w.call(t, http.MethodGet, "/v1/opt-outs/%2B"+number(i, stop)[1:], "", nil) == http.StatusOK
			})
		})
	}
	for name, stats := range w.sandbox.Stats().Declared {
		if stats.Refused > 0 || stats.Duplicates > 0 {
			t.Errorf("%s refused %d calls, and has %d texts twice", name, stats.Refused, stats.Duplicates)
		}
	}
}

// playedFaults are what an operator does wrong, with what becomes of the message: where the operator
// took it, and where not.
var playedFaults = []struct {
	kind  string
	texts int // on the handset, in the end
}{
	{simworld.FaultHTTP500, 0},
	{simworld.FaultHTTP503, 0},
	{simworld.FaultHTML, 0},
	{simworld.FaultRedirect, 0},
	{simworld.FaultResetBefore, 0},
	{simworld.FaultThrottle, 1},
	{simworld.FaultRefuseConnection, 1},
	{simworld.FaultSlow, 1},
	{simworld.FaultResetAfterAccept, 1},
	{simworld.FaultTimeoutAfterAccept, 1},
	{simworld.FaultBadJSON, 1},
	{simworld.FaultEmpty, 1},
	{simworld.FaultCut, 1},
	{simworld.FaultEndless, 1},
	{simworld.FaultNoReceipt, 1},
	{simworld.FaultLateReceipt, 1},
	{simworld.FaultDuplicateReceipt, 1},
	{simworld.FaultReorderedReceipt, 1},
	{simworld.FaultReceiptBeforeAnswer, 1},
	{simworld.FaultNoCredit, 0}, // last: it stops the lane for a while, and the message waits
}

// tellsOfCredit reports whether the documents of an operator have an answer for an account without
// credit. What an invented one would lead to, nobody knows: the message is in doubt.
func tellsOfCredit(preset string) bool {
	text, _ := httpapi.Exchanges(preset)
	return strings.Contains(string(text), "\nthen = \"credit\"")
}

// Whatever an operator does wrong, no text is on a handset twice, and none is lost: what the operator
// took comes to its end by a receipt or a question, and what it may not have taken waits for a person.
// It takes some seconds, in which it waits: a question comes five seconds after the doubt.
func TestFaultsOfPlayedOperators(t *testing.T) {
	if len(playedFaults) != len(simworld.FaultKinds) {
		t.Fatalf("%d kinds of %d", len(playedFaults), len(simworld.FaultKinds))
	}
	for _, preset := range []string{"brevo", "infobip", "twilio"} {
		t.Run(preset, func(t *testing.T) {
			t.Parallel()
			w := played(t, preset)
			number := func(i int) string { return fmt.Sprintf("+3363998%02d01", i) }
			ids := make([]string, len(playedFaults))
			for i, f := range playedFaults {
				if err := w.sandbox.SetFault(simworld.Fault{Operator: preset, Kind: f.kind, DelayMS: 100}); err != nil {
					t.Fatal(err)
				}
				ids[i] = w.submits(t, preset, number(i), "Bonjour "+f.kind)
				await(t, f.kind+" to be met", patience, func() bool {
					left := w.sandbox.Faults()
					return len(left) == 0 || left[0].Left == 0
				})
				if f.kind != simworld.FaultNoCredit {
					w.reaches(t, ids[i], client.Submitted, client.Uncertain, client.Delivered)
				}
			}
			if !tellsOfCredit(preset) { // else the lane waits: behind a further message, what would be sent again has been
				w.reaches(t, w.submits(t, preset, number(len(playedFaults)), "Bonjour"), client.Delivered)
			}
			for i, f := range playedFaults {
				t.Run(f.kind, func(t *testing.T) {
					wanted := client.Delivered
					switch {
					case f.kind == simworld.FaultNoCredit && tellsOfCredit(preset):
						wanted = client.Queued
					case f.texts == 0:
						wanted = client.Uncertain
					case f.kind == simworld.FaultNoReceipt:
						wanted = client.Submitted
					}
					m := w.reaches(t, ids[i], wanted)
					if got := w.sandbox.Handset(number(i)); len(got) != f.texts {
						t.Errorf("%d texts on the handset, want %d; %+v", len(got), f.texts, m.Timeline)
					}
				})
			}
			if stats := w.sandbox.Stats().Declared[preset]; stats.Duplicates > 0 {
				t.Errorf("%d texts are there twice", stats.Duplicates)
			}
		})
	}
}
