package connector_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"relais/connector"
	"relais/connector/connectortest"
	"relais/sms"
)

// nowhere is a sink that nothing reaches.
type nowhere struct{}

func (nowhere) Take(context.Context, connector.News) error { return errors.New("the disk is full") }

// abilities call every ability of an instance once, by the name that it has.
var abilities = map[string]func(ctx context.Context, g *connector.Guard) error{
	"submit": func(ctx context.Context, g *connector.Guard) error {
		_, err := g.Submit(ctx, []sms.Message{{To: "+33639980001", Text: "cormoran"}})
		return err
	},
	"callbacks": func(ctx context.Context, g *connector.Guard) error {
		_, err := g.ParseNews(httptest.NewRequestWithContext(ctx, http.MethodPost, "/push", http.NoBody))
		return err
	},
	"poll": func(ctx context.Context, g *connector.Guard) error {
		_, err := g.PollNews(ctx, "", func(connector.News) error { return nil })
		return err
	},
	"status": func(ctx context.Context, g *connector.Guard) error {
		_, err := g.ReadStatus(ctx, []sms.Message{{To: "+33639980001"}})
		return err
	},
	"session": func(ctx context.Context, g *connector.Guard) error { return g.Run(ctx, nowhere{}) },
	"balance": func(ctx context.Context, g *connector.Guard) error {
		_, err := g.Balance(ctx)
		return err
	},
	"tariff": func(ctx context.Context, g *connector.Guard) error {
		_, err := g.Tariff(ctx, "FR")
		return err
	},
	"lookup": func(ctx context.Context, g *connector.Guard) error {
		_, err := g.Lookup(ctx, sms.ID{1})
		return err
	},
	"senders": func(ctx context.Context, g *connector.Guard) error {
		_, err := g.Senders(ctx)
		return err
	},
	"check": func(ctx context.Context, g *connector.Guard) error {
		findings := g.Check(ctx)
		if len(findings) != 1 || findings[0].Level != connector.Failure {
			return nil
		}
		return &connector.Error{Code: findings[0].Code, Detail: findings[0].Detail}
	},
}

func TestAbilitiesOfTheGuardAreAllTested(t *testing.T) {
	able := connector.CapabilitiesOf(connectortest.NewBroken(connector.Panicked)).Names()
	for _, name := range able {
		if abilities[name] == nil {
			t.Errorf("nobody calls %s here", name)
		}
	}
	if len(able) != len(abilities) {
		t.Errorf("the broken connector has %v, want %d abilities", able, len(abilities))
	}
}

// A failure of the connector is an error of the call, is counted once and logged once, and
// the log holds neither number nor text.
func TestGuardAnswersForABrokenConnector(t *testing.T) {
	for _, how := range connector.Failings {
		for name, call := range abilities {
			t.Run(string(how)+" at "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var log bytes.Buffer
					var counted []string
					broken := connectortest.NewBroken(how)
					g := connector.NewGuard(broken, connector.GuardOptions{
						Instance: "ovh", Log: slog.New(slog.NewTextHandler(&log, nil)),
						Failed: func(ability string, how connector.Failing) {
							counted = append(counted, ability+" "+string(how))
						},
					})
					ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
					defer cancel()
					err := call(ctx, g)
					if connector.FaultOf(err) != connector.Uncertain ||
						connector.CodeOf(err) != "connector_"+string(how) {
						t.Errorf("got %v", err)
					}
					if len(counted) != 1 || counted[0] != name+" "+string(how) {
						t.Errorf("counted %q", counted)
					}
					if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
						t.Errorf("%d lines in the log: %s", n, log.String())
					}
					if strings.Contains(log.String(), "cormoran") ||
						strings.Contains(log.String(), "639980001") {
						t.Errorf("the log says too much: %s", log.String())
					}
					broken.Release()
					synctest.Wait()
				})
			})
		}
	}
}

// An instance whose calls never return is not called for ever.
func TestGuardBoundsTheCallsThatNeverReturn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := connectortest.NewBroken(connector.TimedOut)
		g := connector.NewGuard(broken, connector.GuardOptions{})
		var err error
		for range 200 {
			if _, err = g.Submit(
				t.Context(), make([]sms.Message, 1),
			); connector.FaultOf(err) == connector.Temporary {
				break
			}
		}
		if connector.CodeOf(err) != "connector_stuck" {
			t.Errorf("got %v, want an instance that is not called any more", err)
		}
		broken.Release()
		synctest.Wait()
		if _, err = g.Submit(
			t.Context(), make([]sms.Message, 1),
		); connector.CodeOf(err) != "connector_no_answer" {
			t.Errorf("got %v, want a call again", err)
		}
	})
}

// late hands on news when its call is over.
type late struct {
	plain
	end chan struct{}
	err chan error
}

func (l *late) Run(ctx context.Context, sink connector.Sink) error {
	<-l.end
	l.err <- sink.Take(context.WithoutCancel(ctx), connector.News{})
	return nil
}

func TestGuardTakesNothingAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &late{end: make(chan struct{}), err: make(chan error, 1)}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_ = connector.NewGuard(l, connector.GuardOptions{}).Run(ctx, accepts{})
		close(l.end)
		if err := <-l.err; err == nil {
			t.Error("news of a session that is over are taken")
		}
	})
}

type accepts struct{}

func (accepts) Take(context.Context, connector.News) error { return nil }
