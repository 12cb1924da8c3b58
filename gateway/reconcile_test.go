package gateway_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"relais/connector"
	"relais/gateway"
	"relais/lane"
	"relais/sms"
)

// answerer is an operator that gives no clear answer to a call, and answers
// questions about it.
type answerer struct {
	teller
	words []error // one a question, the last one again and again; nil: it has the message
	asked []time.Time
}

func (o *answerer) Lookup(_ context.Context, id sms.ID) (connector.Outcome, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	err := o.words[min(len(o.asked), len(o.words)-1)]
	o.asked = append(o.asked, time.Now())
	if err != nil {
		return connector.Outcome{}, err
	}
	return connector.Outcome{ProviderID: "id-" + id.Ref()}, nil
}

func (o *answerer) questions() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.asked)
}

// doubted answers the first call with doubt, and takes what comes later.
func doubted(n int, _ context.Context, batch []sms.Message) ([]connector.Outcome, error) { //nolint:revive // the form of operator.answer
	if n == 0 {
		return nil, errors.New("cut")
	}
	return taken(batch), nil
}

var errNotSeen = errors.New("not listed, or not yet")

func TestOperatorIsAskedAfterDoubt(t *testing.T) {
	for _, tc := range []struct {
		name   string
		words  []error
		class  sms.Class
		resend bool
		after  time.Duration
		want   sms.Status
		calls  int
		codes  string
	}{
		{"it has it", []error{nil}, sms.Transactional, false, time.Minute, sms.Delivered, 1, "accepted attempt no_clear_answer lookup_found delivered"},
		{"it lists it late", []error{errNotSeen, errNotSeen, nil}, sms.Transactional, false, 3 * time.Minute, sms.Delivered, 1, "accepted attempt no_clear_answer lookup_found delivered"},
		{"it has not, for certain", []error{connector.ErrNotTaken}, sms.Transactional, false, time.Minute, sms.Submitted, 2, "accepted attempt no_clear_answer lookup_not_taken attempt operator_accepted"},
		{"it cannot tell", []error{errNotSeen}, sms.Transactional, true, 3 * time.Minute, sms.Uncertain, 1, "accepted attempt no_clear_answer"},
		{"a code is held", []error{errNotSeen}, sms.OTP, false, time.Minute, sms.Uncertain, 1, "accepted attempt no_clear_answer"},
		{"a code may be sent again", []error{errNotSeen}, sms.OTP, true, time.Minute, sms.Submitted, 2, "accepted attempt no_clear_answer resent_after_doubt attempt operator_accepted"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &answerer{words: tc.words}
				o.answer, o.credits = doubted, []float64{1}
				o.status = []sms.Receipt{}
				l := prepareOptions(t, t.TempDir(), nil, connector.Facts{}, func(s gateway.Store) gateway.Store {
					return s
				}, func(options *gateway.Options) {
					options.ResendCodes = tc.resend
					options.Instances = []lane.Instance{{
						Name: "ovh", Provider: "scripted", Connector: o,
						Facts: connector.Facts{Simulated: true}, Owner: "default",
					}}
				})
				if err := l.Start(t.Context()); err != nil {
					t.Fatal(err)
				}
				defer l.stop(t)
				m := l.submit(t, gateway.Submission{Connector: "ovh", Class: tc.class})[0]
				if tc.want == sms.Delivered { // its receipt was there before we knew its id
					o.mu.Lock()
					o.status = []sms.Receipt{{ProviderID: providerID(m), Status: sms.Delivered, Code: "4"}}
					o.mu.Unlock()
				}
				time.Sleep(tc.after)
				if got := l.status(t, m); got != tc.want {
					t.Errorf("message is %s, want %s", got, tc.want)
				}
				if got := strings.Join(l.codes(t, m), " "); got != tc.codes {
					t.Errorf("timeline %q, want %q", got, tc.codes)
				}
				if got := len(o.made()); got != tc.calls {
					t.Errorf("%d calls, want %d", got, tc.calls)
				}
				if n := o.questions(); n == 0 || n > 10 {
					t.Errorf("%d questions", n)
				}
			})
		})
	}
}

// TestQuestionsEnd: after the tenth in vain a person must decide.
func TestQuestionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &answerer{words: []error{errNotSeen}}
		o.answer, o.credits, o.status = doubted, []float64{1}, []sms.Receipt{}
		l := prepareOptions(t, t.TempDir(), nil, connector.Facts{}, func(s gateway.Store) gateway.Store {
			return s
		}, func(options *gateway.Options) {
			options.Instances = []lane.Instance{{
				Name: "ovh", Provider: "scripted", Connector: o,
				Facts: connector.Facts{Simulated: true}, Owner: "default",
			}}
		})
		if err := l.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer l.stop(t)
		draft := l.submit(t, gateway.Submission{Connector: "ovh"})[0]
		synctest.Wait()
		m, err := l.store.Message(t.Context(), draft.Account, draft.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.store.AskAgain(t.Context(), m, 9, time.Now(), nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Minute)
		if got := strings.Join(l.codes(t, draft), " "); got != "accepted attempt no_clear_answer held" ||
			o.questions() != 1 {
			t.Errorf("timeline %q after %d questions", got, o.questions())
		}
	})
}

func TestPersonResolvesDoubt(t *testing.T) {
	for _, tc := range []struct {
		resolution lane.Resolution
		want       sms.Status
		calls      int
	}{
		{lane.Taken, sms.Submitted, 1},
		{lane.NotTaken, sms.Submitted, 2},
		{lane.GivenUp, sms.Expired, 1},
	} {
		t.Run(string(tc.resolution), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &operator{answer: doubted}
				l := start(t, map[string]*operator{"ovh": o}, connector.Facts{})
				defer l.stop(t)
				draft := l.submit(t, gateway.Submission{Connector: "ovh"})[0]
				synctest.Wait()
				m, err := l.store.Message(t.Context(), draft.Account, draft.ID)
				if err != nil {
					t.Fatal(err)
				}
				if err := l.Resolve(t.Context(), m, "perhaps", "api:desk"); err == nil {
					t.Error("an outcome that does not exist is taken")
				}
				if err := l.Resolve(t.Context(), m, tc.resolution, "api:desk"); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				if got := l.status(t, draft); got != tc.want || len(o.made()) != tc.calls {
					t.Errorf("message is %s after %d calls, want %s after %d",
						got, len(o.made()), tc.want, tc.calls)
				}
				var conflict *gateway.Error
				if err := l.Resolve(t.Context(), m, tc.resolution, "api:desk"); !errors.As(err, &conflict) ||
					!conflict.Is("not_uncertain") {
					t.Errorf("a second decision: %v", err)
				}
			})
		})
	}
}
