package gateway_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"relais/connector"
	"relais/duty"
	"relais/gateway"
	"relais/sms"
)

// A machine whose clock ran an hour ahead and is set right: what came meanwhile
// goes at once, what its caller dated waits for its date.
func TestClockSetBackHoldsUpNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var shift atomic.Int64
		o := &operator{}
		l := prepareOptions(t, t.TempDir(), map[string]*operator{"ovh": o}, connector.Facts{}, func(s gateway.Store) gateway.Store {
			return s
		},
			func(o *gateway.Options) {
				o.Clock = duty.NewClock(func() time.Time {
					return time.Now().Add(time.Duration(shift.Load()))
				})
			})
		shift.Store(int64(time.Hour)) // the machine boots like this
		dated := l.submit(t, gateway.Submission{SendAt: time.Now().Add(3 * time.Hour)})[0]
		fresh := l.submit(t, gateway.Submission{})[0]
		shift.Store(0)
		if err := l.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer l.stop(t)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if got := l.status(t, fresh); got != sms.Submitted {
			t.Errorf("accepted before the start: %s, want submitted", got)
		}
		if got := l.status(t, dated); got != sms.Queued {
			t.Errorf("what was dated is %s, want queued", got)
		}
	})
}

// The same while the gateway runs.
func TestClockSetBackIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var shift atomic.Int64
		failing := &operator{answer: func(n int, _ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
			if n == 0 {
				return nil, &connector.Error{Fault: connector.Temporary}
			}
			return taken(batch), nil
		}}
		l := prepareOptions(t, t.TempDir(), map[string]*operator{"ovh": failing}, connector.Facts{}, func(s gateway.Store) gateway.Store {
			return s
		},
			func(o *gateway.Options) {
				o.Clock = duty.NewClock(func() time.Time {
					return time.Now().Add(time.Duration(shift.Load()))
				})
			})
		if err := l.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer l.stop(t)
		time.Sleep(2 * time.Second)
		shift.Store(int64(6 * time.Hour))
		retried := l.submit(t, gateway.Submission{})[0]
		time.Sleep(1500 * time.Millisecond) // it failed once, and is due in six hours
		synctest.Wait()
		if got := l.status(t, retried); got != sms.Queued {
			t.Fatalf("after the first attempt: %s", got)
		}
		shift.Store(0)
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if got := l.status(t, retried); got != sms.Submitted {
			t.Errorf("after the clock was set back: %s, want submitted", got)
		}
	})
}
