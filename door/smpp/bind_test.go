package smpp_test

import (
	"errors"
	"testing"

	"relais/smpp"
)

func statusIn(err error) smpp.Status {
	if refused, ok := errors.AsType[*smpp.StatusError](err); ok {
		return refused.Status
	}
	return smpp.OK
}

// Whatever is wrong with a login, the answer is RBINDFAIL: Kannel gives up for good at RINVPASWD and
// RINVSYSID, and takes RALYBND for success.
func TestLoginsThatAreRefused(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, tc := range []struct{ name, systemID, password string }{
		{"no such system id", "nobody", password},
		{"wrong password", "town", "wrong"},
		{"no password", "town", ""},
		{"another address", "shut", password},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := h.connect(t)
			if got := statusIn(e.bindAs(t, smpp.CommandBindTransceiver, tc.systemID, tc.password, 0x34)); got != smpp.RBINDFAIL {
				t.Errorf("%s, want RBINDFAIL", got)
			}
			<-e.Done() // the door closes
		})
	}
}

// Clients cut passwords to 8 characters, or send longer ones (jasmin#286, jsmpp#27, vumi#859).
func TestPitfall35PasswordsOfAnyLength(t *testing.T) {
	t.Parallel()
	h := open(t)
	nc := h.dial(t)
	octets := append([]byte{0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1}, "long\x00a password of more than eight\x00\x00\x34\x00\x00\x00"...)
	octets[3] = byte(len(octets))
	if _, err := nc.Write(octets); err != nil {
		t.Fatal(err)
	}
	answer, err := smpp.NewReader(nc).Next()
	if err != nil || answer.Status != smpp.OK {
		t.Errorf("%s, %v", answer.Status, err)
	}
}

func TestSecondBindOnOneSession(t *testing.T) {
	t.Parallel()
	e := open(t).bound(t, "town")
	if got := statusIn(e.bindAs(t, smpp.CommandBindTransmitter, "town", password, 0x34)); got != smpp.RINVBNDSTS {
		t.Errorf("%s, want RINVBNDSTS: RALYBND is success to Kannel", got)
	}
}

// A client whose connection was cut without a word binds again, though its old session still
// stands (uudashr/jsmpp#54, vumi#624); one that has living binds gets no more than it may.
func TestPitfall41BindLimit(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.bound(t, "town")
	mute := h.dial(t) // binds, and is never read nor answered again
	octets, err := smpp.Append(nil, smpp.PDU{Sequence: 1, Body: &smpp.Bind{
		Kind: smpp.CommandBindTransceiver, SystemID: "town", Password: password, InterfaceVersion: 0x34,
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mute.Write(octets); err != nil {
		t.Fatal(err)
	}
	if answer, err := smpp.NewReader(mute).Next(); err != nil || answer.Status != smpp.OK {
		t.Fatalf("%s, %v", answer.Status, err)
	}
	h.bound(t, "town") // in the place of the mute one
	e := h.connect(t)
	if got := statusIn(e.bindAs(t, smpp.CommandBindTransceiver, "town", password, 0x34)); got != smpp.RBINDFAIL {
		t.Errorf("a bind too many: %s, want RBINDFAIL", got)
	}
}

// enquire_link before a bind is answered (cloudhopper PR#101), what wants a bind is not.
func TestPitfall39EnquireLinkBeforeABind(t *testing.T) {
	t.Parallel()
	e := open(t).connect(t)
	if got := e.ask(t, &smpp.EnquireLink{}); got.Status != smpp.OK {
		t.Errorf("enquire_link: %s", got.Status)
	}
	if got := e.ask(t, text("Bonjour")); got.Status != smpp.RINVBNDSTS {
		t.Errorf("submit_sm: %s, want RINVBNDSTS", got.Status)
	}
}

func TestReceiverDoesNotSubmit(t *testing.T) {
	t.Parallel()
	e := open(t).connect(t)
	if err := e.bindAs(t, smpp.CommandBindReceiver, "town", password, 0x34); err != nil {
		t.Fatal(err)
	}
	if got := e.ask(t, text("Bonjour")); got.Status != smpp.RINVBNDSTS {
		t.Errorf("submit_sm: %s, want RINVBNDSTS", got.Status)
	}
}

// A bind storm with wrong passwords shuts its address for a while; an open bind is not touched.
func TestBindStorm(t *testing.T) {
	t.Parallel()
	h := open(t)
	good := h.bound(t, "town")
	for range 12 {
		e := h.connect(t)
		_ = e.bindAs(t, smpp.CommandBindTransceiver, "town", "wrong", 0x34) // refused, or closed
	}
	e := h.connect(t)
	if err := e.bindAs(t, smpp.CommandBindTransceiver, "town", password, 0x34); err == nil || statusIn(err) != smpp.OK {
		t.Errorf("after the storm: %v, want a connection that is closed", err)
	}
	idIn(t, good.ask(t, text("Bonjour")))
}

// The configuration may have the hash of a password: that binds, again and again, and no other.
func TestHashedPassword(t *testing.T) {
	t.Parallel()
	h := open(t)
	for range 2 {
		if err := h.connect(t).bindAs(t, smpp.CommandBindTransmitter, "hashed", password, 0x34); err != nil {
			t.Error(err)
		}
	}
	for _, wrong := range []string{"", "secret09", hashed} {
		if err := h.connect(t).bindAs(t, smpp.CommandBindTransmitter, "hashed", wrong[:min(len(wrong), 9)], 0x34); err == nil {
			t.Errorf("bound with %q", wrong)
		}
	}
}
