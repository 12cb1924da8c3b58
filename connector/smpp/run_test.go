package smpp_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	operator "relais/connector/smpp"
	"relais/smpp"
	"relais/sms"
)

func TestLogin(t *testing.T) {
	l := connect(t, func(c *operator.Config) { c.SystemType = "VMA" })
	want := &smpp.Bind{
		Kind: smpp.CommandBindTransceiver, SystemID: "relais", Password: password, SystemType: "VMA", InterfaceVersion: 0x34,
	}
	if diff := cmp.Diff(want, await(t, l.smsc.binds)); diff != "" {
		t.Error(diff)
	}
}

// A session is ended in order: the SMSC would refuse the next one else.
func TestEndIsInOrder(t *testing.T) {
	l := connect(t, func(c *operator.Config) { c.Binds = 2 })
	if err := l.stop(); err != nil {
		t.Errorf("the end was a failure: %v", err)
	}
	for range l.conns {
		if err := await(t, l.smsc.unbound); !errors.Is(err, smpp.ErrUnbound) {
			t.Errorf("a session ended with %v", err)
		}
	}
}

func TestPairAndSeveralBinds(t *testing.T) {
	l := connect(t, func(c *operator.Config) { c.Bind, c.Binds = "pair", 2 })
	kinds := map[smpp.Command]int{}
	for _, conn := range l.conns {
		kinds[conn.Bound()]++
	}
	if diff := cmp.Diff(map[smpp.Command]int{smpp.CommandBindTransmitter: 2, smpp.CommandBindReceiver: 2}, kinds); diff != "" {
		t.Error(diff)
	}
	for range 10 {
		if got := l.submit(t, message("Bonjour")); got.Err != nil {
			t.Error(got.Err)
		}
	}
	for _, conn := range l.conns { // from any of them, whichever sent
		if !conn.Bound().Receives() {
			continue
		}
		if status := deliver(t, conn, receiptOf("id1", "DELIVRD")); status != smpp.OK {
			t.Errorf("answered %s", status)
		}
		if got := l.desk.receipt(t); got.ProviderID != "id1" {
			t.Errorf("%+v", got)
		}
	}
}

// One session that ends is opened again, and the others go on (node-smpp issue 236).
func TestOneOfTwoEnds(t *testing.T) {
	l := connect(t, func(c *operator.Config) { c.Binds = 2 })
	l.conns[0].Close()
	await(t, l.smsc.unbound)
	await(t, l.smsc.bound)
	quiet(t, l.smsc.unbound)
	for range 4 {
		if got := l.submit(t, message("Bonjour")); got.Err != nil {
			t.Error(got.Err)
		}
	}
}

func TestRunEndsWithTheLastSession(t *testing.T) {
	s := newSMSC(t)
	c := open(t, s.config())
	ended := make(chan error, 1)
	go func() {
		ended <- c.(connector.Runner).Run(t.Context(), &desk{news: make(chan connector.News, 1)})
	}()
	await(t, s.bound).Close()
	if err := await(t, ended); err == nil {
		t.Error("Run returned nil, and its context has not ended")
	}
}

func TestRefusedLogin(t *testing.T) {
	s := newSMSC(t)
	s.willBind(func(*smpp.Bind) smpp.Status { return smpp.RINVPASWD })
	c := open(t, s.config())
	err := c.(connector.Runner).Run(t.Context(), &desk{})
	if refused, ok := errors.AsType[*smpp.StatusError](err); !ok || refused.Status != smpp.RINVPASWD {
		t.Errorf("Run: %v", err)
	}
	outcomes, err := c.Submit(t.Context(), []sms.Message{message("Bonjour")})
	if err != nil {
		t.Fatal(err)
	}
	wantFault(t, outcomes[0].Err, connector.Blocked, "ESME_RINVPASWD")
}

// An account may be locked after a few refusals: there is a minute between two logins.
func TestPauseAfterARefusedLogin(t *testing.T) {
	s := newSMSC(t)
	config := s.config()
	s.listener.Close() // who does not wait fails at once
	synctest.Test(t, func(t *testing.T) {
		c := open(t, config)
		operator.Judge(c, &smpp.StatusError{Command: smpp.CommandBindTransceiver, Status: smpp.RINVPASWD})
		began := time.Now()
		if err := c.(connector.Runner).Run(t.Context(), &desk{}); err == nil {
			t.Error("Run returned nil")
		}
		if waited := time.Since(began); waited != time.Minute {
			t.Errorf("logged in again after %s", waited)
		}
	})
}

func TestFullSMSCIsNoFaultOfTheLogin(t *testing.T) {
	s := newSMSC(t)
	s.willBind(func(*smpp.Bind) smpp.Status { return smpp.RALYBND })
	c := open(t, s.config())
	if err := c.(connector.Runner).Run(t.Context(), &desk{}); err == nil {
		t.Error("Run returned nil")
	}
	outcomes, err := c.Submit(t.Context(), []sms.Message{message("Bonjour")})
	if err != nil {
		t.Fatal(err)
	}
	wantFault(t, outcomes[0].Err, connector.Throttled, "not_bound")
}

func TestCheck(t *testing.T) {
	s := newSMSC(t)
	check := func(c connector.Connector) connector.Finding {
		return c.(connector.Checker).Check(t.Context())[0]
	}
	if got := check(open(t, s.config())); got.Level != connector.OK || got.Code != "login" {
		t.Errorf("%+v", got)
	}
	if err := await(t, s.unbound); !errors.Is(err, smpp.ErrUnbound) {
		t.Errorf("the session of the check-up ended with %v", err)
	}
	s.willBind(func(*smpp.Bind) smpp.Status { return smpp.RBINDFAIL })
	if got := check(open(t, s.config())); got.Level != connector.Failure || got.Code != "login" {
		t.Errorf("%+v", got)
	}
	s.listener.Close()
	if got := check(open(t, s.config())); got.Level != connector.Failure || got.Code != "connection" {
		t.Errorf("%+v", got)
	}
}

func TestSessionsAreTold(t *testing.T) {
	l := connect(t, func(c *operator.Config) { c.Bind, c.Window = "pair", 5 })
	told := func() connector.Sessions { return l.Connector.(connector.SessionTeller).Sessions() }
	if diff := cmp.Diff(connector.Sessions{Standing: 2, Wanted: 2, Window: 5}, told()); diff != "" {
		t.Errorf("at first (-want +got):\n%s", diff)
	}
	asked, answer := make(chan *smpp.Received, 1), make(chan connector.Outcome, 1)
	l.smsc.willSubmit(func(_ *smpp.Conn, r *smpp.Received, _ *smpp.SubmitSM) { asked <- r })
	go func() { answer <- l.submit(t, message("Bonjour")) }()
	r := await(t, asked)
	if got := told().Unanswered; got != 1 {
		t.Errorf("%d messages without an answer", got)
	}
	if err := r.Respond(smpp.RTHROTTLED, nil); err != nil {
		t.Fatal(err)
	}
	wantFault(t, await(t, answer).Err, connector.Throttled, "ESME_RTHROTTLED")
	if diff := cmp.Diff(connector.Sessions{Standing: 2, Wanted: 2, Window: 5, Throttled: 1}, told()); diff != "" {
		t.Errorf("after a refusal (-want +got):\n%s", diff)
	}
	l.conns[0].Close()
	l.conns[1].Close()
	within(t, "ended sessions stand", func() bool { return told().Standing == 0 && told().Window == 0 })
}
