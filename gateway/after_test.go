package gateway_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"relais/connector"
	"relais/credit"
	"relais/gateway"
	"relais/inbox"
	"relais/lane"
	"relais/person"
	"relais/route"
	"relais/search"
	"relais/sms"
)

// teller is an operator that also pushes, tells a status and has credit.
type teller struct {
	operator
	news    connector.News
	status  []sms.Receipt
	asked   int
	credits []float64
}

func (o *teller) ParseNews(r *http.Request) (connector.News, error) {
	if r.URL.Path != "/push" {
		return connector.News{}, errors.New("not ours")
	}
	if r.URL.RawQuery == "panic" {
		panic("a text")
	}
	return o.news, nil
}

func (o *teller) ReadStatus(context.Context, []sms.Message) ([]sms.Receipt, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked++
	if o.status == nil {
		return nil, errors.New("out of order")
	}
	return o.status, nil
}

func (o *teller) Balance(context.Context) (connector.Balance, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	b := connector.Balance{Amount: o.credits[0], Unit: "credits", At: time.Now()}
	if len(o.credits) > 1 {
		o.credits = o.credits[1:]
	}
	return b, nil
}

func push(t *testing.T, l *line, o *teller, news connector.News) {
	t.Helper()
	o.news = news
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/push", http.NoBody)
	if _, err := l.Callback(t.Context(), "ovh", r); err != nil {
		t.Fatal(err)
	}
}

// tellers is a line whose operator ovh tells.
func tellers(t *testing.T, o *teller, change func(*gateway.Options)) *line {
	t.Helper()
	l := prepareOptions(t, t.TempDir(), nil, connector.Facts{}, func(s gateway.Store) gateway.Store {
		return s
	}, func(options *gateway.Options) {
		options.Instances = []lane.Instance{
			{Name: "ovh", Provider: "scripted", Connector: o, Facts: connector.Facts{Simulated: true, StatusBatch: 100}, Owner: "default"},
			{Name: "sfr", Provider: "scripted", Connector: &operator{}, Facts: connector.Facts{Simulated: true}, Owner: "default"},
		}
		if change != nil {
			change(options)
		}
	})
	if err := l.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

func providerID(m gateway.Draft) string { return "id-" + m.ID.Ref() }

func TestPushesAreStoredOrRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &teller{credits: []float64{1}}
		l := tellers(t, o, nil)
		defer l.stop(t)
		m := l.submit(t, gateway.Submission{Connector: "ovh"})[0]
		synctest.Wait()
		push(t, l, o, connector.News{
			Receipts: []sms.Receipt{{ProviderID: providerID(m), Status: sms.Delivered, Code: "4"}},
		})
		if got := l.status(t, m); got != sms.Delivered {
			t.Errorf("message is %s", got)
		}
		for path, want := range map[string]error{
			"/push?panic": gateway.ErrUnreadable, "/other": gateway.ErrUnreadable,
		} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, http.NoBody)
			if _, err := l.Callback(t.Context(), "ovh", r); !errors.Is(err, want) {
				t.Errorf("push to %s: %v, want %v", path, err, want)
			}
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/push", http.NoBody)
		if _, err := l.Callback(t.Context(), "sfr", r); !errors.Is(err, gateway.ErrNoCallback) {
			t.Errorf("push to an operator that pushes nothing: %v", err)
		}
	})
}

func TestMessageWithoutAReceiptExpiresAfterALastLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &teller{credits: []float64{1}}
		l := tellers(t, o, func(options *gateway.Options) {
			options.ReceiptTimes = lane.ReceiptTimes{sms.Transactional: 5 * time.Minute}
		})
		defer l.stop(t)
		sent := l.submit(t, gateway.Submission{Connector: "ovh", To: phones(2)})
		time.Sleep(4 * time.Minute)
		if got := l.status(t, sent[0]); got != sms.Submitted {
			t.Fatalf("message is %s within its time", got)
		}
		time.Sleep(3 * time.Minute) // the operator cannot be asked: it is put off
		if got := l.status(t, sent[0]); got != sms.Submitted || o.asked == 0 {
			t.Fatalf("message is %s while the operator cannot be asked (%d times)", got, o.asked)
		}
		o.mu.Lock()
		o.status = []sms.Receipt{
			{ProviderID: providerID(sent[1]), Status: sms.Undelivered, Reason: sms.ReasonAbsent, Code: "24"},
		}
		o.mu.Unlock()
		time.Sleep(10 * time.Minute)
		if got := l.status(t, sent[0]); got != sms.Expired {
			t.Errorf("message is %s, want expired", got)
		}
		if codes := l.codes(t, sent[0]); codes[len(codes)-1] != "no_receipt" {
			t.Errorf("timeline %v", codes)
		}
		if got := l.status(t, sent[1]); got != sms.Undelivered {
			t.Errorf("message that the operator knew of is %s", got)
		}
	})
}

func failover(options *gateway.Options) {
	options.Rules = []route.Rule{
		{Name: "all", Connectors: []string{"ovh", "sfr"}, SecondChance: 20 * time.Second},
	}
	options.Health = lane.Health{
		ErrorRate: 0.5, Least: 5, ReceiptDelay: time.Minute, ProbeEvery: 30 * time.Second,
	}
}

func connectorOf(t *testing.T, l *line, m gateway.Draft) string {
	t.Helper()
	got, err := l.store.Message(t.Context(), m.Account, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	return got.Connector
}

func TestCodeGetsASecondChance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &teller{credits: []float64{1}, status: []sms.Receipt{}}
		l := tellers(t, o, failover)
		defer l.stop(t)
		m := l.submit(t, gateway.Submission{Class: sms.OTP})[0]
		quick := l.submit(t, gateway.Submission{Class: sms.OTP, To: []string{"0639980002"}})[0]
		synctest.Wait()
		push(t, l, o, connector.News{
			Receipts: []sms.Receipt{{ProviderID: providerID(quick), Status: sms.Delivered}},
		})
		time.Sleep(25 * time.Second)
		found, _, err := l.store.Search(t.Context(), search.Query{Account: "default", Limit: 10})
		if err != nil || len(found) != 3 {
			t.Fatalf("%d messages, %v; want 3: one more for the code without a receipt", len(found), err)
		}
		again := found[0]
		if again.Connector != "sfr" || again.To != m.To || again.Status != sms.Submitted {
			t.Errorf("the second chance is %s at %s", again.Status, again.Connector)
		}
		if codes := l.codes(t, m); codes[len(codes)-1] != "second_chance" {
			t.Errorf("timeline %v", codes)
		}
		time.Sleep(10 * time.Minute)
		if found, _, err = l.store.Search(t.Context(), search.Query{
			Account: "default", Limit: 10,
		}); err != nil || len(found) != 3 {
			t.Errorf("%d messages later, %v; a chance comes once", len(found), err)
		}
	})
}

// TestNoSecondChanceWithoutText: a code for a far date may outlive its text, and
// an empty one must not leave.
func TestNoSecondChanceWithoutText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tellers(t, &teller{credits: []float64{1}, status: []sms.Receipt{}}, failover)
		defer l.stop(t)
		m := l.submit(t, gateway.Submission{Class: sms.OTP})[0]
		synctest.Wait()
		purged, err := l.store.Purge(t.Context(),
			person.Purge{Account: "default", Before: m.ID.Time().Add(time.Hour), Limit: 10})
		if err != nil || purged.Changed != 1 {
			t.Fatalf("purged %+v, %v; want the text gone", purged, err)
		}
		time.Sleep(25 * time.Second)
		found, _, err := l.store.Search(t.Context(), search.Query{Account: "default", Limit: 10})
		if err != nil || len(found) != 1 {
			t.Errorf("%d messages, %v; want no second one", len(found), err)
		}
	})
}

func TestFailureGoesToTheFallbackAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := true
		o := &teller{credits: []float64{1}, status: []sms.Receipt{}}
		o.answer = func(_ int, _ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
			if down {
				return nil, &connector.Error{Fault: connector.Temporary, Detail: "refused"}
			}
			return taken(batch), nil
		}
		l := tellers(t, o, failover)
		defer l.stop(t)
		sent := l.submit(t, gateway.Submission{To: phones(30)})
		time.Sleep(10 * time.Second)
		for _, m := range sent {
			if got := l.status(t, m); got != sms.Submitted || connectorOf(t, l, m) != "sfr" {
				t.Fatalf("message is %s at %s, want submitted by sfr", got, connectorOf(t, l, m))
			}
		}
		m := l.submit(t, gateway.Submission{To: phones(1)})[0]
		synctest.Wait()
		if got := connectorOf(t, l, m); got != "sfr" {
			t.Errorf("a new message goes by %s", got)
		}
		down = false
		for range 10 {
			time.Sleep(time.Minute)
			l.submit(t, gateway.Submission{To: phones(1)})
		}
		synctest.Wait()
		m = l.submit(t, gateway.Submission{To: phones(1)})[0]
		time.Sleep(time.Second)
		if got := connectorOf(t, l, m); got != "ovh" {
			t.Errorf("after it healed a new message goes by %s", got)
		}
	})
}

func TestPinnedMessageWaitsForItsConnector(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &teller{credits: []float64{1}, status: []sms.Receipt{}}
		o.answer = func(int, context.Context, []sms.Message) ([]connector.Outcome, error) {
			return nil, &connector.Error{Fault: connector.Blocked, Code: "no_credit", Detail: "no credit"}
		}
		l := tellers(t, o, failover)
		defer l.stop(t)
		pinned := l.submit(t, gateway.Submission{Connector: "ovh"})[0]
		free := l.submit(t, gateway.Submission{To: []string{"0639980002"}})[0]
		time.Sleep(time.Minute)
		if got := l.status(t, pinned); got != sms.Queued || connectorOf(t, l, pinned) != "ovh" {
			t.Errorf("pinned message is %s at %s", got, connectorOf(t, l, pinned))
		}
		if got := l.status(t, free); got != sms.Submitted {
			t.Errorf("the other is %s", got)
		}
	})
}

func TestDoubtNeverFailsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &teller{credits: []float64{1}, status: []sms.Receipt{}}
		o.answer = func(int, context.Context, []sms.Message) ([]connector.Outcome, error) {
			return nil, errors.New("no answer after the request was sent")
		}
		l := tellers(t, o, failover)
		defer l.stop(t)
		for range 20 {
			l.submit(t, gateway.Submission{To: phones(1)})
			time.Sleep(time.Second)
		}
		time.Sleep(5 * time.Minute)
		doubt, _, err := l.store.Search(t.Context(), search.Query{Account: "default", Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range doubt {
			if m.Connector == "ovh" && m.Status != sms.Uncertain {
				t.Errorf("message at ovh is %s", m.Status)
			}
			if m.Connector == "sfr" && m.Attempt > 1 {
				t.Error("a message that ovh may have taken went by sfr")
			}
		}
	})
}

func TestLateReceiptsMoveTrafficAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &teller{credits: []float64{1}, status: []sms.Receipt{}}
		l := tellers(t, o, failover)
		defer l.stop(t)
		l.submit(t, gateway.Submission{To: phones(10)})
		time.Sleep(2 * time.Minute)
		m := l.submit(t, gateway.Submission{To: phones(1), Class: sms.OTP})[0]
		synctest.Wait()
		if got := connectorOf(t, l, m); got != "sfr" {
			t.Errorf("a code goes by %s while receipts of ovh are late", got)
		}
		for range 5 { // probes go there and have their receipts in time
			p := l.submit(t, gateway.Submission{To: phones(1)})[0]
			time.Sleep(time.Second)
			if connectorOf(t, l, p) == "ovh" {
				push(t, l, o, connector.News{
					Receipts: []sms.Receipt{{ProviderID: providerID(p), Status: sms.Delivered}},
				})
			}
			time.Sleep(30 * time.Second)
		}
		m = l.submit(t, gateway.Submission{To: phones(1), Class: sms.OTP})[0]
		synctest.Wait()
		if got := connectorOf(t, l, m); got != "ovh" {
			t.Errorf("after receipts come in time a code goes by %s", got)
		}
	})
}

func TestReplyRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &teller{credits: []float64{1}, status: []sms.Receipt{}}
		var mu sync.Mutex
		var named []string
		l := tellers(t, o, func(options *gateway.Options) {
			options.Endpoint = func(_ context.Context, account, url string) (sms.ID, error) {
				mu.Lock()
				defer mu.Unlock()
				named = append(named, account+" "+url)
				return sms.NewID(time.Now()), nil
			}
			options.ReplyRules = []inbox.ReplyRule{
				{Name: "hours", Keywords: []string{"Horaires"}, Text: "Ouvert de 9 h à 17 h."},
				{Name: "votes", Pattern: regexp.MustCompile(`(?i)^oui|non$`), Webhook: "https://votes.example/"},
			}
		})
		defer l.stop(t)
		sent := l.submit(t, gateway.Submission{Connector: "ovh"})[0]
		synctest.Wait()
		answer := func(text string) {
			push(t, l, o, connector.News{
				Inbounds: []sms.Inbound{{From: "33639980001", Text: text, AnswersID: providerID(sent)}},
			})
			time.Sleep(time.Second)
		}
		answer("horaires ?")
		answer("HORAIRES svp") // within the pause: no second answer
		answer("oui")
		answer("STOP horaires")
		found, _, err := l.store.Search(t.Context(), search.Query{Account: "default", Limit: 10})
		if err != nil || len(found) != 2 {
			t.Fatalf("%d messages, %v; want the first and one answer", len(found), err)
		}
		if m := found[0]; m.Text != "Ouvert de 9 h à 17 h." || m.To != "+33639980001" ||
			m.Status != sms.Submitted {
			t.Errorf("the answer is %q to %s, %s", m.Text, m.To, m.Status)
		}
		mu.Lock()
		defer mu.Unlock()
		if strings.Join(named, ";") != "default https://votes.example/" {
			t.Errorf("webhooks told: %v", named)
		}
		if left, err := l.store.Unhandled(t.Context(), 10); err != nil || len(left) != 0 {
			t.Errorf("%d replies left, %v", len(left), err)
		}
	})
}

func TestCreditAlertOnceUntilItRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		threshold := 100.0
		o := &teller{status: []sms.Receipt{}, credits: []float64{120, 90, 80, 70, 200, 90, 80}}
		var mu sync.Mutex
		var mailed []credit.Alert
		alerts := func() []credit.Alert {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(mailed)
		}
		refused := true
		l := tellers(t, o, func(options *gateway.Options) {
			options.Instances[0].CreditAlert = &threshold
			options.Credit = watching(options, credit.Options{Every: time.Minute, RemindEvery: 24 * time.Minute, Mail: func(_ context.Context, a credit.Alert) error {
				mu.Lock()
				defer mu.Unlock()
				if refused {
					refused = false
					return errors.New("the mail server is away")
				}
				mailed = append(mailed, a)
				return nil
			}})
		})
		defer l.stop(t)
		time.Sleep(3*time.Minute + time.Second)
		if got := alerts(); len(got) != 1 || got[0].Amount != 80 || got[0].EmptyAt == nil ||
			got[0].BurnPerDay == 0 {
			t.Fatalf("alerts %+v, want one, after the mail server came back", got)
		}
		time.Sleep(2 * time.Minute) // recovered at 200, low again at 90
		if got := alerts(); len(got) != 2 {
			t.Fatalf("%d alerts, want a second after the credit recovered", len(got))
		}
		time.Sleep(25 * time.Minute)
		if got := alerts(); len(got) != 3 {
			t.Errorf("%d alerts, want a reminder", len(got))
		}
		states, err := l.Connectors(t.Context())
		if err != nil || states[0].Balance.Amount != 80 || *states[0].CreditAlert != 100 {
			t.Errorf("state %+v, %v", states[0], err)
		}
	})
}

func TestMarketingToSomebodyWhoSaidStopIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &teller{credits: []float64{1}, status: []sms.Receipt{}}
		l := tellers(t, o, nil)
		defer l.stop(t)
		sent := l.submit(t, gateway.Submission{Connector: "ovh"})[0]
		later := l.submit(t, gateway.Submission{
			Connector: "ovh", Class: sms.Marketing, SendAt: time.Now().Add(5 * time.Minute),
		})[0]
		synctest.Wait()
		push(t, l, o, connector.News{
			Inbounds: []sms.Inbound{{From: "0639980001", Text: "Stop", AnswersID: providerID(sent)}},
		})
		s := gateway.Submission{Account: "default", Text: "Soldes", Class: sms.Marketing, To: []string{
			"0639980001", "0639980002",
		}}
		result, err := l.Submit(t.Context(), s, nil)
		if err != nil || len(result.Messages) != 1 || len(result.Rejected) != 1 ||
			!result.Rejected[0].Is("opted_out") || result.Rejected[0].Index != 0 {
			t.Errorf("result %+v, %v", result, err)
		}
		time.Sleep(6 * time.Minute)
		if got := l.status(t, later); got != sms.Rejected {
			t.Errorf("marketing that waited is %s", got)
		}
		for _, class := range []sms.Class{sms.OTP, sms.Transactional} {
			if _, err := l.Submit(t.Context(), gateway.Submission{
				Account: "default", Text: "Code", Class: class, To: []string{"0639980001"},
			}, nil); err != nil {
				t.Errorf("class %s is refused: %v", class, err)
			}
		}
	})
}

// The operator's word is the end of a message that the gateway's clock had ended.
func TestLateWordIsTheEnd(t *testing.T) {
	for _, tc := range []struct {
		name    string
		receipt sms.Receipt
		status  sms.Status
		code    string
	}{
		{"delivered", sms.Receipt{Status: sms.Delivered, Code: "4"}, sms.Delivered, "delivered"},
		{"not delivered", sms.Receipt{Status: sms.Undelivered, Reason: sms.ReasonAbsent, Code: "24"}, sms.Undelivered, "absent"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				registry := prometheus.NewRegistry()
				o := &teller{credits: []float64{1}, status: []sms.Receipt{}}
				l := tellers(t, o, func(options *gateway.Options) {
					options.Metrics = gateway.NewMetrics(registry)
					options.ReceiptTimes = lane.ReceiptTimes{sms.OTP: time.Minute}
				})
				defer l.stop(t)
				m := l.submit(t, gateway.Submission{Connector: "ovh", Class: sms.OTP, To: phones(1)})[0]
				time.Sleep(3 * time.Minute)
				if got := l.status(t, m); got != sms.Expired {
					t.Fatalf("message is %s, want expired", got)
				}
				tc.receipt.ProviderID = providerID(m)
				for range 2 {
					push(t, l, o, connector.News{Receipts: []sms.Receipt{tc.receipt}})
				}
				if got := l.status(t, m); got != tc.status {
					t.Errorf("message is %s, want %s", got, tc.status)
				}
				want := []string{"accepted", "attempt", "operator_accepted", "no_receipt", tc.code}
				if diff := cmp.Diff(want, l.codes(t, m)); diff != "" {
					t.Errorf("timeline (-want +got):\n%s", diff)
				}
				got := map[string]float64{}
				for series, value := range gathered(t, registry) {
					if strings.HasPrefix(series, "relais_receipts_total") {
						got[series] = value
					}
				}
				counted := map[string]float64{
					"relais_receipts_total late": 1, "relais_receipts_total repeated": 1,
				}
				if diff := cmp.Diff(counted, got); diff != "" {
					t.Errorf("metrics (-want +got):\n%s", diff)
				}
				time.Sleep(10 * time.Minute)
				if calls := o.made(); len(calls) != 1 {
					t.Errorf("%d calls: it was sent again", len(calls))
				}
			})
		})
	}
}

// A code that expired and whose second chance went out keeps the one life, and the
// second chance the other.
func TestLateWordOfACodeWithASecondChance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &teller{credits: []float64{1}, status: []sms.Receipt{}}
		l := tellers(t, o, func(options *gateway.Options) {
			failover(options)
			options.ReceiptTimes = lane.ReceiptTimes{sms.OTP: time.Minute}
		})
		defer l.stop(t)
		m := l.submit(t, gateway.Submission{Class: sms.OTP, To: phones(1)})[0]
		time.Sleep(5 * time.Minute)
		if got := l.status(t, m); got != sms.Expired {
			t.Fatalf("message is %s, want expired: %v", got, l.codes(t, m))
		}
		push(t, l, o, connector.News{Receipts: []sms.Receipt{
			{ProviderID: providerID(m), Status: sms.Undelivered, Reason: sms.ReasonAbsent, Code: "24"},
		}})
		time.Sleep(5 * time.Minute)
		all := searched(t, l, search.Query{})
		if len(all) != 2 {
			t.Fatalf("%d messages, want the code and its second chance", len(all))
		}
		for _, one := range all {
			want := sms.Undelivered
			if one.ID != m.ID {
				want = sms.Expired // its own receipt did not come either
			}
			if one.Status != want {
				t.Errorf("message at %s is %s, want %s", one.Connector, one.Status, want)
			}
		}
	})
}

// watching watches the credit by the store of the gateway.
func watching(options *gateway.Options, o credit.Options) *credit.Watch {
	o.Store, o.Now, o.Log = options.Store.(credit.Store), time.Now, options.Log
	return credit.New(o)
}
