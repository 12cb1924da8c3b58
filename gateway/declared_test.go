package gateway_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"relais/connector"
	realovh "relais/connector/ovh"
	"relais/gateway"
	"relais/lane"
	"relais/reason"
	"relais/route"
	"relais/sandbox"
	simovh "relais/sandbox/ovh"
	"relais/sender"
	"relais/sms"
)

// lister is an operator that tells which senders it takes.
type lister struct {
	operator

	mu       sync.Mutex
	senders  []connector.DeclaredSender
	err      error
	readings []time.Time
	takes    time.Duration // a reading
}

func (l *lister) Senders(ctx context.Context, _ ...sms.Sender) ([]connector.DeclaredSender, error) {
	select {
	case <-time.After(l.takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.readings = append(l.readings, time.Now())
	return l.senders, l.err
}

func (l *lister) tell(err error, senders ...connector.DeclaredSender) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.senders, l.err = senders, err
}

func (l *lister) read() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.readings)
}

func (l *lister) instance(name string) lane.Instance {
	return lane.Instance{
		Name: name, Provider: "scripted", Connector: l,
		Facts: connector.Facts{Simulated: true, CheckSenders: true},
	}
}

func usable(names ...sms.Sender) []connector.DeclaredSender {
	var all []connector.DeclaredSender
	for _, name := range names {
		all = append(all, connector.DeclaredSender{Name: name, State: connector.SenderUsable})
	}
	return all
}

func startInstances(t *testing.T, change func(*gateway.Options), instances ...lane.Instance) *line {
	t.Helper()
	l := prepareOptions(t, t.TempDir(), nil, connector.Facts{}, func(s gateway.Store) gateway.Store {
		return s
	}, func(o *gateway.Options) {
		o.Instances = instances
		if change != nil {
			change(o)
		}
	})
	if err := l.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *line) from(t *testing.T, sender sms.Sender) *gateway.Error {
	t.Helper()
	_, err := l.Submit(t.Context(),
		gateway.Submission{Account: "default", To: []string{"0639980001"}, Text: "Bonjour", Sender: sender},
		nil)
	refusal, refused := errors.AsType[*gateway.Error](err)
	if err != nil && !refused {
		t.Fatal(err)
	}
	return refusal
}

func TestSenderThatTheOperatorDoesNotTake(t *testing.T) {
	all := append(usable("RELAIS", "36111"),
		connector.DeclaredSender{Name: "Library", State: connector.SenderWaiting},
		connector.DeclaredSender{Name: "Bank", State: connector.SenderRefused, Comment: "Not your brand"},
		connector.DeclaredSender{Name: "Old", State: connector.SenderDisabled},
		connector.DeclaredSender{Name: "Frozen", State: connector.SenderUnclear},
		connector.DeclaredSender{Name: "Museum", State: connector.SenderRefused},
		connector.DeclaredSender{Name: "MUSEUM", State: connector.SenderUsable},
		connector.DeclaredSender{Name: "Zoo", State: connector.SenderRefused},
		connector.DeclaredSender{Name: "ZOO", State: connector.SenderWaiting},
	)
	for _, tc := range []struct {
		name            string
		senders         []connector.DeclaredSender
		sender          sms.Sender
		english, french string // empty: it is taken
	}{
		{"usable", all, "RELAIS", "", ""},
		{"with other capitals", all, "Relais", "", ""},
		{"none asked for", all, "", "", ""},
		{"unknown", all, "Pool", "it is not declared there; declare it", "il n'y est pas déclaré\u00a0; déclarez-le"},
		{"waiting", all, "Library", "it waits for the operator's approval; use another", "il attend l'accord de l'opérateur\u00a0; prenez-en"},
		{"refused, with the moderator's words", all, "Bank", "refused to declare it (Not your brand)", "refusé de le déclarer (Not your brand)"},
		{"disabled", all, "Old", "it is disabled there; enable it", "il y est désactivé\u00a0; réactivez-le"},
		{"in a state that proves nothing", all, "Frozen", "", ""},
		{"usable, and refused in other capitals", all, "MUSEUM", "", ""},
		{"refused, and usable in other capitals", all, "Museum", "refused to declare it", "refusé de le déclarer"},
		{"in capitals that nobody declared, usable in some", all, "museum", "", ""},
		{"in capitals that nobody declared, usable in none", all, "zoo", "refused to declare it", "refusé de le déclarer"},
		{"a number among numbers", all, "36222", "it is not declared there", "il n'y est pas déclaré"},
		{"a number where no number is listed", usable("RELAIS"), "36222", "", ""},
		{"nothing declared", []connector.DeclaredSender{}, "RELAIS", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &lister{senders: tc.senders}
				l := startInstances(t, nil, o.instance("ovh"))
				defer l.stop(t)
				synctest.Wait()
				got := l.from(t, tc.sender)
				switch {
				case tc.english == "" && got != nil:
					t.Errorf("refused: %v", got)
				case tc.english == "":
				case got == nil:
					t.Error("taken")
				case !got.Is("sender_not_declared") || got.Field != "/sender" ||
					!strings.Contains(got.In(reason.English), "connector ovh") ||
					!strings.Contains(got.In(reason.English), tc.english) ||
					!strings.Contains(got.In("fr"), tc.french):
					t.Errorf("refusal %+v", got)
				}
			})
		})
	}
}

// TestOperatorWhereCapitalsCount: the refusal names the spelling that is declared.
func TestOperatorWhereCapitalsCount(t *testing.T) {
	for _, tc := range []struct {
		name            string
		sender          sms.Sender
		english, french string // empty: it is taken
	}{
		{"as it is declared", "TownHall", "", ""},
		{"in other capitals", "TOWNHALL", "it is declared there as TownHall, and capitals count; write it so", "il y est déclaré sous la forme TownHall"},
		{"a number with another prefix", "0033639980001", "", ""},
		{"in other capitals, refused", "museum", "refused to declare it", "refusé de le déclarer"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &lister{senders: append(usable("TownHall", "+33639980001"),
					connector.DeclaredSender{Name: "Museum", State: connector.SenderRefused})}
				exact := o.instance("ovh")
				exact.Facts.SenderCase = true
				l := startInstances(t, nil, exact)
				defer l.stop(t)
				synctest.Wait()
				got := l.from(t, tc.sender)
				if (got == nil) != (tc.english == "") {
					t.Fatalf("refusal %+v", got)
				}
				if got != nil && (!strings.Contains(
					got.In(reason.English), tc.english,
				) || !strings.Contains(got.In("fr"), tc.french)) {
					t.Errorf("refusal %+v, want %q and %q", got, tc.english, tc.french)
				}
			})
		})
	}
}

func TestSendersAreReadHourlyAndSoonerAfterARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &lister{err: errors.New("away")}
		l := startInstances(t, nil, o.instance("ovh"))
		defer l.stop(t)
		synctest.Wait()
		if refusal := l.from(t, "Pool"); refusal != nil {
			t.Errorf("refused before the list was read: %v", refusal)
		}
		o.tell(nil, usable("RELAIS")...)
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		if refusal := l.from(t, "Pool"); refusal == nil || o.read() != 2 {
			t.Errorf("taken after %d readings", o.read())
		}
		o.tell(nil, usable("RELAIS", "Pool")...)
		time.Sleep(4 * time.Minute)
		synctest.Wait()
		if refusal := l.from(t, "Pool"); refusal == nil || o.read() != 2 {
			t.Errorf("read again too soon: %d readings", o.read())
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if refusal := l.from(t, "Pool"); refusal != nil || o.read() != 3 {
			t.Errorf("after %d readings: %v", o.read(), refusal)
		}
		time.Sleep(50 * time.Minute)
		synctest.Wait()
		if o.read() != 3 {
			t.Errorf("%d readings in the hour", o.read())
		}
		time.Sleep(11 * time.Minute)
		synctest.Wait()
		if o.read() != 4 {
			t.Errorf("%d readings after the hour", o.read())
		}
	})
}

// OVH is asked once for each sender, at the pace of the lane and between its messages.
func TestManySendersTakeLongerToReadThanOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &lister{senders: usable("RELAIS"), takes: 2 * time.Minute}
		l := startInstances(t, nil, o.instance("ovh"))
		defer l.stop(t)
		time.Sleep(o.takes)
		synctest.Wait()
		if l.from(t, "Pool") == nil {
			t.Error("the list was not read")
		}
	})
}

func TestSendersAreNotAskedForWhereNobodyWants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &lister{senders: usable("RELAIS")}
		instance := o.instance("ovh")
		instance.Facts.CheckSenders = false
		l := startInstances(t, nil, instance)
		defer l.stop(t)
		synctest.Wait()
		if refusal := l.from(t, "Pool"); refusal != nil || o.read() != 0 {
			t.Errorf("%d readings, %v", o.read(), refusal)
		}
	})
}

// The route passes over a connector that does not know the sender, for new messages
// and for those that are handed on.
func TestRoutePassesOverWhoDoesNotTakeTheSender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := &lister{senders: usable("RELAIS")}, &lister{senders: usable("RELAIS", "Pool")}
		rules := func(o *gateway.Options) {
			o.Rules = []route.Rule{{Name: "all", Connectors: []string{"ovh", "sfr"}}}
		}
		l := startInstances(t, rules, first.instance("ovh"), second.instance("sfr"))
		defer l.stop(t)
		synctest.Wait()
		preview, err := l.Preview(t.Context(),
			gateway.Submission{Account: "default", To: []string{"0639980001"}, Text: "a", Sender: "Pool"},
			time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if got := preview.Messages[0].Connector; got != "sfr" {
			t.Errorf("connector %s", got)
		}
		why := ""
		for _, d := range preview.Common {
			if d.Is("route") {
				why = d.In(reason.English)
			}
		}
		if !strings.Contains(why, "Connector sfr") ||
			!strings.Contains(why, "ovh is left: its operator does not take the sender") {
			t.Errorf("route %q", why)
		}
		if refusal := l.from(t, "Museum"); refusal == nil ||
			!strings.Contains(refusal.In(reason.English), "connector ovh") {
			t.Errorf("refusal %v", refusal)
		}
		second.answer = func(int, context.Context, []sms.Message) ([]connector.Outcome, error) {
			return nil, &connector.Error{Fault: connector.Blocked, Code: "no_credit"}
		}
		m := l.submit(t, gateway.Submission{Sender: "Pool"})[0]
		time.Sleep(time.Minute)
		synctest.Wait()
		if got, _, err := l.store.Timeline(t.Context(), m.Account, m.ID); err != nil ||
			len(first.made()) != 0 {
			t.Errorf("handed to a connector that does not know its sender: %v, %v", got, err)
		}
	})
}

func TestSenderThatIsNotDeclaredIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &lister{senders: usable("RELAIS")}
		account := gateway.Account{
			Name: "default", Region: "FR", Sender: "RELAIS", Senders: sender.Rules{Replace: true},
		}
		l := startInstances(t, func(o *gateway.Options) {
			o.Account = func(string) gateway.Account { return account }
		}, o.instance("ovh"))
		defer l.stop(t)
		synctest.Wait()
		s := gateway.Submission{Account: "default", To: []string{"0639980001"}, Text: "a", Sender: "Pool"}
		result, err := l.Submit(t.Context(), s, nil)
		if err != nil {
			t.Fatal(err)
		}
		if m := result.Messages[0]; m.Sender != "RELAIS" || len(result.Warnings) != 1 ||
			!result.Warnings[0].Is("sender_replaced") ||
			!strings.Contains(result.Warnings[0].In("fr"), "il n'y est pas déclaré") {
			t.Errorf("sender %s, warnings %+v", m.Sender, result.Warnings)
		}
		o.tell(nil, usable("MAIRIE")...)
		time.Sleep(time.Hour)
		synctest.Wait()
		// the default stands for both, and is not declared either
		for _, asked := range []sms.Sender{"Pool", ""} {
			refusal := l.from(t, asked)
			if refusal == nil || !strings.Contains(
				refusal.In(reason.English), "does not take the account's default sender: it is not",
			) ||
				!strings.Contains(
					refusal.In("fr"), "n'accepte pas l'expéditeur par défaut du compte\u00a0: il n'y est pas",
				) {
				t.Errorf("sender %q: %v, want a refusal of the default one", asked, refusal)
			}
		}
	})
}

// Where the route depends on the number, a sender is refused for those alone whose
// connector does not take it.
func TestSenderThatOneOfTwoOperatorsTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home, abroad := &lister{senders: usable("Pool")}, &lister{senders: usable("RELAIS")}
		l := startInstances(t, func(o *gateway.Options) {
			o.Rules = []route.Rule{
				{Name: "home", Countries: []string{"FR"}, Connectors: []string{"ovh"}},
				{Name: "abroad", Connectors: []string{"sfr"}},
			}
		}, home.instance("ovh"), abroad.instance("sfr"))
		defer l.stop(t)
		synctest.Wait()
		s := gateway.Submission{
			Account: "default", To: []string{"0639980001", "+447700900001"}, Text: "a", Sender: "Pool",
		}
		result, err := l.Submit(t.Context(), s, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Messages) != 1 || len(result.Rejected) != 1 || result.Rejected[0].Index != 1 ||
			!result.Rejected[0].Is("sender_not_declared") ||
			!strings.Contains(result.Rejected[0].In("fr"), "du connecteur sfr") {
			t.Errorf("%d messages, refused %+v", len(result.Messages), result.Rejected)
		}
	})
}

func TestRejectedSenderHasTheListReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &lister{senders: usable("RELAIS")}
		o.answer = func(int, context.Context, []sms.Message) ([]connector.Outcome, error) {
			return nil, &connector.Error{Fault: connector.Rejected, Code: connector.CodeSenderUndeclared}
		}
		l := startInstances(t, nil, o.instance("ovh"))
		defer l.stop(t)
		synctest.Wait()
		m := l.submit(t, gateway.Submission{Sender: "RELAIS"})[0]
		o.tell(nil, usable("MAIRIE")...)
		time.Sleep(6 * time.Minute)
		synctest.Wait()
		if l.status(t, m) != sms.Rejected || o.read() != 2 || l.from(t, "RELAIS") == nil {
			t.Errorf("status %s after %d readings", l.status(t, m), o.read())
		}
	})
}

// The simulated OVH refuses a sender, is told of it over HTTP, and the gateway takes it
// after its next reading.
func TestSenderThatIsDeclaredLaterIsTaken(t *testing.T) {
	operators, err := sandbox.Start(sandbox.Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer operators.Close()
	client := connector.NewHTTPClient(2)
	defer client.CloseIdleConnections()
	section := realovh.Provider().NewConfig().(*realovh.Config)
	section.Endpoint, section.Service, section.CallsPerSecond = operators.URL()+"/ovh/1.0", simovh.Service, 1000
	section.ApplicationKey, section.ApplicationSecret, section.ConsumerKey = simovh.ApplicationKey, simovh.ApplicationSecret, simovh.ConsumerKey
	conn, facts, err := realovh.Provider().Open(section,
		connector.Env{HTTP: client, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	l := startInstances(t, func(o *gateway.Options) { o.SendersEvery = 20 * time.Millisecond },
		lane.Instance{Name: "ovh", Provider: "ovh", Connector: conn, Facts: facts})
	defer l.stop(t)
	until(t, "an unknown sender is taken", func() bool { return l.from(t, "PISCINE") != nil })
	declare(t, operators.URL(), `{"operator":"ovh","name":"PISCINE","status":"waitingValidation","comment":"Proof?"}`)
	until(t, "the moderator's words do not come", func() bool {
		refusal := l.from(t, "PISCINE")
		return refusal != nil && strings.Contains(refusal.In(reason.English),
			"waits for the operator's approval (Proof?)")
	})
	declare(t, operators.URL(), `{"operator":"ovh","name":"PISCINE","status":"enable"}`)
	until(t, "a declared sender is refused", func() bool { return l.from(t, "PISCINE") == nil })
	until(t, "the text does not arrive", func() bool {
		texts := operators.Handset("+33639980001")
		return len(texts) > 0 && texts[len(texts)-1].From == "PISCINE"
	})
}

func declare(t *testing.T, url, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url+"/senders", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if said, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%d %s %v", answer.StatusCode, said, err)
	}
	http.DefaultClient.CloseIdleConnections()
}

func until(t *testing.T, what string, reached func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); !reached(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal(what)
		}
	}
}
