package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"relais/connector"
	"relais/duty"
	"relais/gateway"
	"relais/lane"
	"relais/sms"
	"relais/store/sqlite"
)

// operator is a connector whose answers a test scripts.
type operator struct {
	mu     sync.Mutex
	calls  []call
	answer func(n int, ctx context.Context, batch []sms.Message) ([]connector.Outcome, error)
}

type call struct {
	at    time.Time
	batch []sms.Message
}

func (o *operator) Submit(ctx context.Context, batch []sms.Message) ([]connector.Outcome, error) {
	o.mu.Lock()
	n := len(o.calls)
	o.calls = append(o.calls, call{time.Now(), batch})
	o.mu.Unlock()
	if o.answer != nil {
		return o.answer(n, ctx, batch)
	}
	return taken(batch), nil
}

func taken(batch []sms.Message) []connector.Outcome {
	outcomes := make([]connector.Outcome, len(batch))
	for i := range batch {
		outcomes[i].ProviderID = "id-" + batch[i].ID.Ref()
	}
	return outcomes
}

func (o *operator) made() []call {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]call{}, o.calls...)
}

// line is a gateway on a real store with one scripted operator per name.
type line struct {
	*gateway.Gateway
	store *sqlite.Store
}

func start(t *testing.T, operators map[string]*operator, facts connector.Facts) *line {
	t.Helper()
	l := prepare(t, t.TempDir(), operators, facts)
	if err := l.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

func prepare(t *testing.T, dir string, operators map[string]*operator, facts connector.Facts) *line {
	t.Helper()
	return prepareWith(t, dir, operators, facts, func(s gateway.Store) gateway.Store { return s })
}

func prepareWith(
	t *testing.T, dir string, operators map[string]*operator, facts connector.Facts,
	wrap func(gateway.Store) gateway.Store,
) *line {
	t.Helper()
	return prepareOptions(t, dir, operators, facts, wrap, func(*gateway.Options) {})
}

func prepareOptions(
	t *testing.T, dir string, operators map[string]*operator, facts connector.Facts,
	wrap func(gateway.Store) gateway.Store,
	change func(*gateway.Options),
) *line {
	t.Helper()
	store, err := sqlite.OpenExclusive(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var instances []lane.Instance
	for _, name := range []string{"ovh", "sfr"} {
		facts.Simulated = true
		if o := operators[name]; o != nil {
			instances = append(instances, lane.Instance{
				Name: name, Provider: "scripted", Connector: o, Facts: facts,
			})
		}
	}
	options := gateway.Options{
		Store: wrap(store), Instances: instances, Clock: duty.NewClock(time.Now),
		Log:     slog.New(slog.DiscardHandler),
		Account: func(name string) gateway.Account { return gateway.Account{Name: name, Region: "FR"} },
		Limits:  gateway.Limits{Segments: 10, Recipients: 10_000, Backlog: 1_000_000},
		Metrics: gateway.NewMetrics(prometheus.NewRegistry()),
	}
	change(&options)
	g, err := gateway.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return &line{g, store}
}

func (l *line) stop(t *testing.T) {
	t.Helper()
	if err := l.Stop(context.Background()); err != nil {
		t.Errorf("Stop: %v", err)
	}
	if err := l.store.Close(); err != nil {
		t.Error(err)
	}
}

func (l *line) submit(t *testing.T, s gateway.Submission) []gateway.Draft {
	t.Helper()
	s.Account = "default"
	if s.Text == "" {
		s.Text = "Bonjour"
	}
	if s.To == nil {
		s.To = []string{"0639980001"}
	}
	result, err := l.Submit(t.Context(), s, nil)
	if err != nil {
		t.Fatalf("Submit: %v", err)
	}
	return result.Messages
}

func (l *line) codes(t *testing.T, m gateway.Draft) (codes []string) {
	t.Helper()
	events, _, err := l.store.Timeline(t.Context(), m.Account, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		codes = append(codes, e.Code)
	}
	return codes
}

func (l *line) status(t *testing.T, m gateway.Draft) sms.Status {
	t.Helper()
	got, err := l.store.Message(t.Context(), m.Account, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	return got.Status
}

func phones(n int) []string {
	to := make([]string, n)
	for i := range to {
		to[i] = fmt.Sprintf("06399800%02d", i)
	}
	return to
}

func TestPacketsKeepTheRateAndSucceedOrFailEachOnItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{answer: func(n int, _ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
			if n == 1 {
				return nil, errors.New("reset after the request was sent")
			}
			return taken(batch), nil
		}}
		l := start(t, map[string]*operator{"sfr": o},
			connector.Facts{MaxBatch: 20, CallsPerSecond: 5, Concurrency: 4})
		defer l.stop(t)
		messages := l.submit(t, gateway.Submission{To: phones(45)})
		time.Sleep(2 * time.Second)
		synctest.Wait()

		calls := o.made()
		var sizes []int
		for i, c := range calls {
			sizes = append(sizes, len(c.batch))
			if i > 0 && c.at.Sub(calls[i-1].at) < 200*time.Millisecond {
				t.Errorf("call %d came %v after the one before, want at least 200ms",
					i, c.at.Sub(calls[i-1].at))
			}
		}
		// The doubt pauses the lane, and one message finds out whether it passed.
		if diff := cmp.Diff([]int{20, 20, 1, 4}, sizes); diff != "" {
			t.Fatalf("sizes of calls (-want +got):\n%s", diff)
		}
		for i, m := range messages {
			want := sms.Submitted
			if i >= 20 && i < 40 {
				want = sms.Uncertain
			}
			if got := l.status(t, m); got != want {
				t.Errorf("message %d is %s, want %s", i, got, want)
			}
		}
	})
}

func TestTemporaryFaultIsRetriedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{answer: func(n int, _ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
			if n < 2 {
				return nil, &connector.Error{Fault: connector.Temporary, Detail: "no connection"}
			}
			return taken(batch), nil
		}}
		l := start(t, map[string]*operator{"ovh": o}, connector.Facts{})
		defer l.stop(t)
		m := l.submit(t, gateway.Submission{})[0]
		time.Sleep(time.Minute)
		synctest.Wait()
		want := []string{"accepted", "attempt", "retry", "attempt", "retry", "attempt", "operator_accepted"}
		if diff := cmp.Diff(want, l.codes(t, m)); diff != "" {
			t.Errorf("timeline (-want +got):\n%s", diff)
		}
		calls := o.made()
		if first := calls[1].at.Sub(calls[0].at); first < 2*time.Second || first > 3*time.Second {
			t.Errorf("second call came after %v, want 2s and some jitter", first)
		}
	})
}

func TestUncertainIsHeldForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{answer: func(int, context.Context, []sms.Message) ([]connector.Outcome, error) {
			return nil, errors.New("cut")
		}}
		l := start(t, map[string]*operator{"ovh": o}, connector.Facts{})
		defer l.stop(t)
		m := l.submit(t, gateway.Submission{})[0]
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if got := l.status(t, m); got != sms.Uncertain || len(o.made()) != 1 {
			t.Errorf("message is %s after %d calls, want uncertain after 1", got, len(o.made()))
		}
	})
}

func TestBlockedLanePausesAndProbesWithOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{answer: func(n int, _ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
			if n < 2 {
				return nil, &connector.Error{
					Fault: connector.Blocked, Code: "no_credit", Detail: "Insufficient credits",
				}
			}
			return taken(batch), nil
		}}
		l := start(t, map[string]*operator{"ovh": o}, connector.Facts{Concurrency: 1})
		defer l.stop(t)
		messages := l.submit(t, gateway.Submission{To: phones(3)})
		time.Sleep(5 * time.Second)
		synctest.Wait()
		states, err := l.Connectors(t.Context())
		if err != nil || states[0].State != lane.Blocked || states[0].Until.IsZero() {
			t.Errorf("connector = %+v, %v; want blocked with the time of the next try", states, err)
		}
		if n := len(o.made()); n != 1 {
			t.Errorf("%d calls while blocked, want 1", n)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		calls := o.made()
		if gap := calls[1].at.Sub(calls[0].at); gap != 10*time.Second {
			t.Errorf("first probe after %v, want 10s", gap)
		}
		if gap := calls[2].at.Sub(calls[1].at); gap != 20*time.Second {
			t.Errorf("second probe after %v, want 20s", gap)
		}
		for i, m := range messages {
			got, err := l.store.Message(t.Context(), "default", m.ID)
			if err != nil || got.Status != sms.Submitted || got.Attempt != 1 {
				t.Errorf("message %d is %s at attempt %d, %v; want submitted at 1: a blocked call costs none",
					i, got.Status, got.Attempt, err)
			}
		}
	})
}

func TestThrottledLaneWaitsAsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{answer: func(n int, _ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
			if n == 0 {
				return nil, &connector.Error{Fault: connector.Throttled, RetryAfter: 7 * time.Second}
			}
			return taken(batch), nil
		}}
		l := start(t, map[string]*operator{"ovh": o}, connector.Facts{})
		defer l.stop(t)
		l.submit(t, gateway.Submission{})
		time.Sleep(time.Minute)
		synctest.Wait()
		calls := o.made()
		if len(calls) != 2 || calls[1].at.Sub(calls[0].at) != 7*time.Second {
			t.Errorf("calls at %v, want a second one after 7s", calls)
		}
	})
}

// jasmin issue 425: what was put off was overtaken by what came after it.
func TestThrottledLaneKeepsItsOrder(t *testing.T) {
	for _, asked := range []time.Duration{0, 7 * time.Second} {
		t.Run(asked.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &operator{answer: func(n int, _ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
					if n == 1 || n == 3 {
						return nil, &connector.Error{Fault: connector.Throttled, RetryAfter: asked}
					}
					return taken(batch), nil
				}}
				l := start(t, map[string]*operator{"ovh": o}, connector.Facts{Concurrency: 1})
				defer l.stop(t)
				var want []string
				for n := range 5 {
					text := fmt.Sprint("Message ", n)
					l.submit(t, gateway.Submission{Text: text})
					want = append(want, text)
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				var got []string
				for n, c := range o.made() {
					if n != 1 && n != 3 {
						got = append(got, c.batch[0].Text)
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestBreakerOpensAfterFailuresInARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{answer: func(int, context.Context, []sms.Message) ([]connector.Outcome, error) {
			return nil, &connector.Error{Fault: connector.Temporary, Detail: "connection refused"}
		}}
		l := start(t, map[string]*operator{"ovh": o}, connector.Facts{})
		defer l.stop(t)
		l.submit(t, gateway.Submission{To: phones(50)})
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		states, err := l.Connectors(t.Context())
		if err != nil || states[0].State != lane.Failing || len(o.made()) != 5 {
			t.Errorf("state %v after %d calls, %v; want failing after 5", states[0].State, len(o.made()), err)
		}
	})
}

func TestSlowOperatorDelaysNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &operator{answer: func(_ int, ctx context.Context, _ []sms.Message) ([]connector.Outcome, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		quick := &operator{}
		l := start(t, map[string]*operator{"ovh": slow, "sfr": quick}, connector.Facts{Concurrency: 1})
		defer l.stop(t)
		l.submit(t, gateway.Submission{Connector: "ovh", To: phones(10)})
		m := l.submit(t, gateway.Submission{Connector: "sfr"})[0]
		synctest.Wait()
		if got := l.status(t, m); got != sms.Submitted {
			t.Errorf("message beside a slow operator is %s, want submitted at once", got)
		}
	})
}

func TestCodesGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{}
		l := start(t, map[string]*operator{"ovh": o}, connector.Facts{CallsPerSecond: 1, Concurrency: 1})
		defer l.stop(t)
		l.submit(t, gateway.Submission{Class: sms.Marketing, To: phones(20)})
		time.Sleep(1500 * time.Millisecond)
		code := l.submit(t, gateway.Submission{Class: sms.OTP})[0]
		time.Sleep(time.Second)
		synctest.Wait()
		if got := l.status(t, code); got != sms.Submitted {
			t.Errorf("the code is %s one call later, want submitted", got)
		}
	})
}

func TestSendAtWaitsAndValidityEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{}
		l := start(t, map[string]*operator{"ovh": o}, connector.Facts{})
		defer l.stop(t)
		begun := time.Now()
		l.submit(t, gateway.Submission{SendAt: begun.Add(time.Hour)})
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		calls := o.made()
		if len(calls) != 1 || calls[0].at.Sub(begun) < time.Hour ||
			calls[0].at.Sub(begun) > time.Hour+time.Second {
			t.Fatalf("calls = %v, want one an hour after %v", calls, begun)
		}
		o.answer = func(int, context.Context, []sms.Message) ([]connector.Outcome, error) {
			return nil, &connector.Error{Fault: connector.Blocked}
		}
		m := l.submit(t, gateway.Submission{ValidFor: 30 * time.Second})[0]
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := l.status(t, m); got != sms.Expired {
			t.Errorf("message is %s after its validity, want expired", got)
		}
	})
}

func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{}
		l := start(t, map[string]*operator{"ovh": o}, connector.Facts{})
		defer l.stop(t)
		m := l.submit(t, gateway.Submission{SendAt: time.Now().Add(time.Hour)})[0]
		if err := l.Cancel(t.Context(), m.Message, "api:test"); err != nil {
			t.Fatal(err)
		}
		err := l.Cancel(t.Context(), m.Message, "api:test")
		if e, ok := errors.AsType[*gateway.Error](err); !ok || e.Kind != gateway.Conflict ||
			e.Code != "not_cancelable" {
			t.Errorf("a second Cancel: %v, want not_cancelable", err)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if got := l.status(t, m); got != sms.Canceled || len(o.made()) != 0 {
			t.Errorf("message is %s after %d calls, want canceled after none", got, len(o.made()))
		}
	})
}

func TestSoftStopFinishesCallsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{answer: func(_ int, _ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
			time.Sleep(10 * time.Second)
			return taken(batch), nil
		}}
		dir := t.TempDir()
		l := prepare(t, dir, map[string]*operator{"ovh": o}, connector.Facts{Concurrency: 1})
		if err := l.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		messages := l.submit(t, gateway.Submission{To: phones(2)})
		synctest.Wait()
		l.stop(t)
		l = prepare(t, dir, nil, connector.Facts{})
		defer l.stop(t)
		if a, b := l.status(t, messages[0]), l.status(t, messages[1]); a != sms.Submitted || b != sms.Queued {
			t.Errorf("messages are %s and %s, want submitted and queued", a, b)
		}
	})
}

func TestStopThatWaitedEnoughCutsCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{answer: func(_ int, ctx context.Context, _ []sms.Message) ([]connector.Outcome, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		dir := t.TempDir()
		l := prepare(t, dir, map[string]*operator{"ovh": o}, connector.Facts{Timeout: time.Hour})
		if err := l.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		m := l.submit(t, gateway.Submission{})[0]
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := l.Stop(ctx); err == nil {
			t.Error("Stop says nothing of the calls that it cut")
		}
		if got := l.status(t, m); got != sms.Uncertain {
			t.Errorf("message is %s, want uncertain", got)
		}
		if err := l.store.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestMessageOfADeadProcessBecomesUncertain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		l := prepare(t, dir, map[string]*operator{"ovh": {}}, connector.Facts{})
		m := l.submit(t, gateway.Submission{})[0]
		claim := lane.Claim{Connector: "ovh", Calls: 1, Batch: 1, Now: time.Now()}
		if _, err := l.store.Claim(t.Context(), claim); err != nil {
			t.Fatal(err)
		}
		l.stop(t) // the claim was never settled, as after kill -9

		o := &operator{}
		l = prepare(t, dir, map[string]*operator{"ovh": o}, connector.Facts{})
		if err := l.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer l.stop(t)
		time.Sleep(time.Hour)
		synctest.Wait()
		if diff := cmp.Diff([]string{"accepted", "attempt", "process_died"}, l.codes(t, m)); diff != "" ||
			len(o.made()) != 0 {
			t.Errorf("%d calls, want none; timeline (-want +got):\n%s", len(o.made()), diff)
		}
	})
}

// failing is a store whose commits fail after the claim was read, as on a full
// disk, and that returns what it read all the same.
type failing struct{ gateway.Store }

func (f failing) Claim(ctx context.Context, c lane.Claim) (lane.Claimed, error) {
	claimed, err := f.Store.Claim(ctx, c)
	return claimed, errors.Join(gateway.ErrFull, err)
}

func TestNothingIsSentThatCouldNotBeWrittenDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{}
		l := prepareWith(t, t.TempDir(), map[string]*operator{"ovh": o}, connector.Facts{}, func(s gateway.Store) gateway.Store {
			return failing{s}
		})
		if err := l.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer l.stop(t)
		l.submit(t, gateway.Submission{To: phones(3)})
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := len(o.made()); n != 0 {
			t.Errorf("%d calls were made, want none", n)
		}
	})
}

func TestBlockedLaneRestsThoughItWaitedForItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{answer: func(int, context.Context, []sms.Message) ([]connector.Outcome, error) {
			time.Sleep(50 * time.Millisecond)
			return nil, &connector.Error{Fault: connector.Blocked}
		}}
		l := start(t, map[string]*operator{"sfr": o}, connector.Facts{CallsPerSecond: 5, Concurrency: 4})
		defer l.stop(t)
		l.submit(t, gateway.Submission{To: phones(10)})
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if n := len(o.made()); n != 1 {
			t.Errorf("%d calls within the pause, want 1", n)
		}
	})
}

func TestRepeatedRequestGetsItsAnswerThoughItWouldBeRefusedNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, map[string]*operator{"ovh": {}}, connector.Facts{})
		defer l.stop(t)
		s := gateway.Submission{
			Account: "default", To: []string{"0639980001"},
			Text: "Bonjour", SendAt: time.Now().Add(time.Minute),
			Key: &gateway.IdempotencyKey{Key: "k"},
		}
		answer := func(*gateway.Result) ([]byte, error) { return []byte("first"), nil }
		if _, err := l.Submit(t.Context(), s, answer); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if r, err := l.Submit(t.Context(), s, answer); err != nil || string(r.Replay) != "first" {
			t.Errorf("the repeated request: %v; want the first answer", err)
		}
	})
}

func TestSegmentsKeepTheirRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{}
		l := start(t, map[string]*operator{"sfr": o},
			connector.Facts{MaxBatch: 20, Concurrency: 4, SegmentsPerSecond: 10})
		defer l.stop(t)
		begun := time.Now()
		l.submit(t, gateway.Submission{To: phones(60)}) // three calls of 20 segments
		time.Sleep(10 * time.Second)
		synctest.Wait()
		calls := o.made()
		if len(calls) != 3 || calls[2].at.Sub(begun) < 5900*time.Millisecond {
			t.Errorf("%d calls, the last after %v; want 3, the last when 59 segments had their time",
				len(calls), calls[len(calls)-1].at.Sub(begun))
		}
	})
}

func TestOneIncidentIsOnePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{answer: func(n int, _ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
			time.Sleep(time.Duration(n) * 10 * time.Millisecond) // eight calls end one after the other
			switch {
			case n == 3:
				return taken(batch), nil // a late success
			case n < 8:
				return nil, &connector.Error{Fault: connector.Blocked, Code: "no_credit"}
			default:
				return taken(batch), nil
			}
		}}
		l := start(t, map[string]*operator{"ovh": o}, connector.Facts{Concurrency: 8})
		defer l.stop(t)
		l.submit(t, gateway.Submission{To: phones(20)})
		time.Sleep(9 * time.Second)
		synctest.Wait()
		if n := len(o.made()); n != 8 {
			t.Errorf("%d calls within the pause, want the 8 that were under way", n)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if calls := o.made(); len(calls) < 9 || calls[8].at.Sub(calls[0].at) > 11*time.Second {
			t.Errorf("%d calls; want a probe 10s after the first refusal, not later", len(calls))
		}
	})
}

func TestPanicOfAConnectorIsDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{answer: func(int, context.Context, []sms.Message) ([]connector.Outcome, error) {
			panic("index out of range")
		}}
		l := start(t, map[string]*operator{"ovh": o}, connector.Facts{})
		defer l.stop(t)
		m := l.submit(t, gateway.Submission{})[0]
		synctest.Wait()
		if got := l.status(t, m); got != sms.Uncertain {
			t.Errorf("message is %s, want uncertain", got)
		}
	})
}

func TestMessagesOfAConnectorThatIsGoneAreShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		l := prepare(t, dir, map[string]*operator{"ovh": {}}, connector.Facts{})
		l.submit(t, gateway.Submission{})
		l.stop(t)
		l = prepare(t, dir, map[string]*operator{"sfr": {}}, connector.Facts{})
		if err := l.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer l.stop(t)
		states, err := l.Connectors(t.Context())
		if err != nil || len(states) != 2 || states[1].Name != "ovh" || states[1].State != lane.Missing ||
			states[1].Waiting[0].Messages != 1 {
			t.Errorf("connectors = %+v, %v; want sfr and the missing ovh with one message", states, err)
		}
		const why = "des messages l'attendent, et la configuration n'a pas de connecteur de ce nom"
		if got := states[len(states)-1].Reason.In("fr"); got != why {
			t.Errorf("in French it does not run because %q, want %q", got, why)
		}
	})
}

func TestOneProbeAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{answer: func(n int, _ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
			if n >= 8 {
				time.Sleep(5 * time.Second) // a probe takes its time
			}
			return nil, &connector.Error{Fault: connector.Blocked, Code: "no_credit"}
		}}
		l := start(t, map[string]*operator{"ovh": o}, connector.Facts{Concurrency: 8})
		defer l.stop(t)
		l.submit(t, gateway.Submission{To: phones(20)})
		time.Sleep(14 * time.Second) // the pause is over after 10
		synctest.Wait()
		if n := len(o.made()); n != 9 {
			t.Errorf("%d calls, want the 8 of the incident and one probe under way", n)
		}
	})
}
