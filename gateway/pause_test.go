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
	"relais/reason"
	"relais/route"
	"relais/sms"
)

func pauseOf(name string, until time.Time) lane.Pause {
	return lane.Pause{Connector: name, By: sms.UserActor("odile"), Why: "travaux chez l'opérateur", Until: until}
}

// A paused connector gets nothing, also after a restart, and goes on at the end of its
// pause with all that waited.
func TestAPauseHoldsAndEnds(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		o := &operator{}
		l := prepare(t, dir, map[string]*operator{"ovh": o}, connector.Facts{MaxBatch: 5})
		if err := l.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		kept, err := l.Pauses.Pause(t.Context(), pauseOf("ovh", time.Now().Add(time.Hour)), "127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		messages := l.submit(t, gateway.Submission{To: phones(12)})
		time.Sleep(10 * time.Minute)
		if len(o.made()) != 0 {
			t.Fatalf("%d calls during the pause", len(o.made()))
		}
		found, err := l.Connectors(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		d := &found[0]
		if d.State != lane.Paused || d.Pause == nil || d.Pause.By != kept.By || d.Pause.Why != kept.Why || !d.Until.Equal(kept.Until) {
			t.Errorf("it stands there as %+v", d)
		}
		for l, want := range map[reason.Language]string{"en": "odile paused it until", "fr": "odile l'a mis en pause"} {
			if got := d.Reason.In(l); !strings.Contains(got, want) || !strings.Contains(got, "travaux chez") {
				t.Errorf("%s: %s", l, got)
			}
		}
		l.stop(t)

		l = prepare(t, dir, map[string]*operator{"ovh": o}, connector.Facts{MaxBatch: 5})
		if err := l.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer l.stop(t)
		time.Sleep(49 * time.Minute)
		if len(o.made()) != 0 {
			t.Fatalf("%d calls after a restart in the pause", len(o.made()))
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		sent := 0
		for _, c := range o.made() {
			sent += len(c.batch)
		}
		if sent != len(messages) {
			t.Errorf("%d messages left after the pause, want %d", sent, len(messages))
		}
		for _, m := range messages {
			if got := l.status(t, m); got != sms.Submitted {
				t.Errorf("a message is %s", got)
			}
		}
	})
}

// What a call under way has taken stays; resuming lets the rest go at once.
func TestAPauseCutsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{answer: func(_ int, _ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
			time.Sleep(20 * time.Second)
			return taken(batch), nil
		}}
		l := start(t, map[string]*operator{"ovh": o}, connector.Facts{MaxBatch: 1, Concurrency: 1})
		defer l.stop(t)
		messages := l.submit(t, gateway.Submission{To: phones(3)})
		time.Sleep(time.Second)
		if _, err := l.Pauses.Pause(t.Context(), pauseOf("ovh", time.Time{}), ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if n := len(o.made()); n != 1 {
			t.Fatalf("%d calls, want the one under way", n)
		}
		if got := l.status(t, messages[0]); got != sms.Submitted {
			t.Errorf("the call under way left %s", got)
		}
		was, err := l.Pauses.Resume(t.Context(), pauseOf("ovh", time.Time{}), "")
		if err != nil || !was {
			t.Fatal(was, err)
		}
		time.Sleep(time.Second)
		if n := len(o.made()); n != 2 {
			t.Errorf("%d calls a second after it was resumed, want 2", n)
		}
		if again, err := l.Pauses.Resume(t.Context(), pauseOf("ovh", time.Time{}), ""); again || err != nil {
			t.Errorf("resumed twice: %t %v", again, err)
		}
	})
}

// Messages with another connector on their route go through it; or they wait, when the
// person wants that.
func TestAPauseAndRoutes(t *testing.T) {
	for name, tc := range map[string]struct {
		keep     bool
		ovh, sfr int // messages that leave through each while ovh is paused
	}{
		"routes go on": {keep: false, ovh: 0, sfr: 4},
		"all wait":     {keep: true, ovh: 0, sfr: 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ovh, sfr := &operator{}, &operator{}
				l := prepareOptions(t, t.TempDir(), map[string]*operator{"ovh": ovh, "sfr": sfr}, connector.Facts{},
					func(s gateway.Store) gateway.Store { return s },
					func(o *gateway.Options) {
						o.Rules = []route.Rule{{Name: "both", Connectors: []string{"ovh", "sfr"}}}
						o.Health = lane.Health{ErrorRate: 0.5, Least: 1, ProbeEvery: time.Second}
					})
				if err := l.Start(t.Context()); err != nil {
					t.Fatal(err)
				}
				defer l.stop(t)
				p := pauseOf("ovh", time.Time{})
				p.Keep = true // what is accepted now waits at ovh
				if _, err := l.Pauses.Pause(t.Context(), p, ""); err != nil {
					t.Fatal(err)
				}
				l.submit(t, gateway.Submission{To: phones(2)})
				outlook, err := l.Pauses.Outlook(t.Context(), "ovh")
				if want := (lane.Outlook{Waiting: 2, Movable: 2}); err != nil || outlook != want {
					t.Errorf("outlook %+v %v, want %+v", outlook, err, want)
				}
				p.Keep = tc.keep
				if _, err := l.Pauses.Pause(t.Context(), p, ""); err != nil {
					t.Fatal(err)
				}
				l.submit(t, gateway.Submission{To: phones(2)})
				time.Sleep(30 * time.Second)
				if a, b := sent(ovh), sent(sfr); a != tc.ovh || b != tc.sfr {
					t.Errorf("%d left through ovh and %d through sfr, want %d and %d", a, b, tc.ovh, tc.sfr)
				}
				if _, err := l.Pauses.Resume(t.Context(), p, ""); err != nil {
					t.Fatal(err)
				}
				time.Sleep(30 * time.Second)
				if a, b := sent(ovh), sent(sfr); a+b != 4 {
					t.Errorf("%d and %d left in all, want 4", a, b)
				}
			})
		})
	}
}

func sent(o *operator) (n int) {
	for _, c := range o.made() {
		n += len(c.batch)
	}
	return n
}

func TestPausesThatAreRefused(t *testing.T) {
	l := start(t, map[string]*operator{"ovh": {}}, connector.Facts{})
	defer l.stop(t)
	for name, tc := range map[string]struct {
		change func(*lane.Pause)
		code   string
	}{
		"no reason":           {func(p *lane.Pause) { p.Why = "  " }, "pause_why"},
		"a reason of lines":   {func(p *lane.Pause) { p.Why = "a\nb" }, "pause_why"},
		"a long reason":       {func(p *lane.Pause) { p.Why = strings.Repeat("é", 201) }, "pause_why"},
		"an end that is past": {func(p *lane.Pause) { p.Until = time.Now().Add(-time.Second) }, "pause_until"},
		"no such connector":   {func(p *lane.Pause) { p.Connector = "orange" }, "connector_unknown"},
	} {
		p := pauseOf("ovh", time.Time{})
		tc.change(&p)
		_, err := l.Pauses.Pause(t.Context(), p, "")
		if refused := asError(err); refused == nil || refused.Code.Wire() != tc.code {
			t.Errorf("%s: %v, want %s", name, err, tc.code)
		}
	}
	if _, paused := l.Pauses.Of("ovh"); paused {
		t.Error("a refused pause holds")
	}
}

func asError(err error) *gateway.Error {
	e, _ := errors.AsType[*gateway.Error](err)
	return e
}
