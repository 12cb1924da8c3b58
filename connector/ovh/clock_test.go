package ovh

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"relais/connector"
	"relais/sms"
)

const timeRoute = "GET /1.0/auth/time"

func TestClockIsCorrectedAndReadOnce(t *testing.T) {
	o := newOperator(t)
	o.ahead = -3 * time.Hour
	o.answer(jobsRoute, 200, accepted)
	c := o.open(nil)
	for range 3 {
		if _, err := c.Submit(t.Context(), []sms.Message{message(testNumber)}); err != nil {
			t.Fatal(err)
		}
	}
	if got := o.count(timeRoute); got != 1 {
		t.Errorf("the clock was read %d times", got)
	}
}

func TestClockIsReadAgain(t *testing.T) {
	o := newOperator(t)
	o.answer(jobsRoute, 200, accepted)
	c := o.open(nil)
	batch := []sms.Message{message(testNumber)}
	submit := func() error { _, err := c.Submit(t.Context(), batch); return err }
	if err := submit(); err != nil {
		t.Fatal(err)
	}

	o.answer(jobsRoute, 400, `{"errorCode":"QUERY_TIME_OUT","httpCode":"400 Bad Request","message":"Query out of time"}`)
	if err := submit(); connector.FaultOf(err) != connector.Temporary {
		t.Fatalf("got %v", err)
	}
	o.answer(jobsRoute, 200, accepted)
	if err := submit(); err != nil {
		t.Fatal(err)
	}
	if got := o.count(timeRoute); got != 2 {
		t.Errorf("after a refusal the clock was read %d times, want 2", got)
	}

	later := time.Now().Add(clockLife + time.Minute)
	o.ahead = clockLife + time.Minute
	c.api.now = func() time.Time { return later }
	if err := submit(); err != nil {
		t.Fatal(err)
	}
	if got := o.count(timeRoute); got != 3 {
		t.Errorf("after an hour the clock was read %d times, want 3", got)
	}
}

// An old difference is used when a new one cannot be had, and asked for again
// after a while rather than by each call.
func TestClockGoesOnWithTheOldDifference(t *testing.T) {
	o := newOperator(t)
	o.answer(jobsRoute, 200, accepted)
	c := o.open(nil)
	c.api.clock.known.Store(&offset{until: time.Now().Add(-time.Second)})
	o.answer(timeRoute, 500, "")
	for range 3 {
		if _, err := c.Submit(t.Context(), []sms.Message{message(testNumber)}); err != nil {
			t.Fatal(err)
		}
	}
	if got := o.count(timeRoute); got != 1 {
		t.Errorf("the clock was read %d times, want 1", got)
	}
}

func TestForgetKeepsANewerOffset(t *testing.T) {
	var c clock
	refused, newer := &offset{}, &offset{ahead: time.Second}
	c.known.Store(newer)
	c.forget(refused)
	if c.known.Load() != newer {
		t.Error("the newer offset is gone")
	}
	c.forget(newer)
	if c.known.Load() != nil {
		t.Error("the refused offset is still there")
	}
}

func TestClockFailureSendsNothing(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		body   string
		want   connector.Fault
	}{
		{"500", 500, "", connector.Temporary},
		{"page", 200, "<html>", connector.Temporary},
		{"empty", 200, "", connector.Temporary},
		{"nonsense", 200, "-5", connector.Temporary},
		{"forbidden", 403, `{"class":"Client::Forbidden","message":"x"}`, connector.Temporary},
		{"throttled", 429, "", connector.Throttled},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newOperator(t)
			o.answer(timeRoute, tc.status, tc.body)
			_, err := o.open(nil).Submit(t.Context(), []sms.Message{message(testNumber)})
			if err == nil || connector.FaultOf(err) != tc.want {
				t.Errorf("got %v, want %s", err, tc.want)
			}
			if o.count(jobsRoute) != 0 {
				t.Error("a job was sent")
			}
		})
	}
}

func TestStoppedWhileTheClockIsRead(t *testing.T) {
	o := newOperator(t)
	asked, release := make(chan struct{}), make(chan struct{})
	o.handle(timeRoute, func(http.ResponseWriter, *http.Request) {
		close(asked)
		<-release
	})
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	_, err := o.open(nil).Submit(ctx, []sms.Message{message(testNumber)})
	if connector.FaultOf(err) != connector.Temporary || err == nil {
		t.Errorf("got %v", err)
	}
}

// Run with -race: many first calls share one reading of the clock.
func TestParallelCallsShareOneReading(t *testing.T) {
	const calls = 20
	o := newOperator(t)
	o.answer(jobsRoute, 200, accepted)
	c := o.open(nil)
	var arrived atomic.Int32
	all := make(chan struct{})
	o.handle(timeRoute, func(w http.ResponseWriter, _ *http.Request) {
		<-all
		fmt.Fprint(w, time.Now().Unix())
	})
	now := c.api.now
	c.api.now = func() time.Time {
		if arrived.Add(1) == calls { // each call reads our clock before it waits
			close(all)
		}
		return now()
	}
	var wg sync.WaitGroup
	for range calls {
		wg.Go(func() {
			if _, err := c.Submit(t.Context(), []sms.Message{message(testNumber)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := o.count(timeRoute); got != 1 {
		t.Errorf("the clock was read %d times", got)
	}
}

func FuzzParseClock(f *testing.F) {
	f.Add("1700000000\n")
	f.Add("0x10")
	f.Add("9223372036854775807")
	f.Fuzz(func(t *testing.T, body string) {
		seconds, err := parseClock([]byte(body))
		if err == nil && seconds <= 0 {
			t.Errorf("%q gives %d", body, seconds)
		}
	})
}
