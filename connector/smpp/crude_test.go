package smpp_test

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"net"
	"slices"
	"testing"
	"time"

	"relais/connector"
	operator "relais/connector/smpp"
	"relais/smpp"
	"relais/sms"
)

// crude is an SMSC on a real socket that writes octets as a test has them: those that package smpp never would.
type crude struct {
	testing.TB
	net.Conn
	read *smpp.Reader

	instance connector.Connector
	desk     *desk
}

// beCrude has a connector bound to one.
func beCrude(t *testing.T) *crude {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	s := &smsc{listener: listener}
	c := &crude{TB: t, instance: open(t, s.config()), desk: &desk{news: make(chan connector.News, 10)}}
	ended := make(chan error, 1)
	go func() { ended <- c.instance.(connector.Runner).Run(context.WithoutCancel(t.Context()), c.desk) }()
	if c.Conn, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		if err := await(t, ended); err == nil {
			t.Error("the session did not end by its broken link")
		}
	})
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	c.read = smpp.NewReader(c.Conn)
	bind := c.next()
	c.say(bind.Body.Command().Response(), 0, bind.Sequence, "00"+"0210000134"+"3ff00000") // no name, and a parameter of nobody's
	within(t, "the session does not stand", func() bool { return operator.Standing(c.instance) == 1 })
	return c
}

func (c *crude) next() smpp.PDU {
	c.Helper()
	p, err := c.read.Next()
	if err != nil {
		c.Fatal(err)
	}
	return p
}

// say writes a PDU whose body is in hexadecimal.
func (c *crude) say(command smpp.Command, status smpp.Status, sequence uint32, body string) {
	c.Helper()
	octets, err := hex.DecodeString(body)
	if err != nil {
		c.Fatal(err)
	}
	header := make([]byte, 16, 16+len(octets))
	for n, word := range []uint32{uint32(cap(header)), uint32(command), uint32(status), sequence} {
		binary.BigEndian.PutUint32(header[4*n:], word)
	}
	if _, err := c.Write(append(header, octets...)); err != nil {
		c.Fatal(err)
	}
}

// submit has the connector send, and returns the request with where its outcome will be.
func (c *crude) submit(t *testing.T) (asked smpp.PDU, outcome <-chan connector.Outcome) {
	t.Helper()
	outcomes := make(chan connector.Outcome, 1)
	go func() {
		got, err := c.instance.Submit(t.Context(), []sms.Message{message("Bonjour")})
		if err != nil || len(got) != 1 {
			t.Errorf("%d outcomes, %v", len(got), err)
			got = []connector.Outcome{{}}
		}
		outcomes <- got[0]
	}()
	return c.next(), outcomes
}

// Answers as they were met: each counts for what it says, and the session lives on.
func TestAnswersInOddOctets(t *testing.T) {
	const id = "6964310000" // id1, and an octet without a meaning
	tests := []struct {
		name   string
		nack   bool
		status smpp.Status
		body   string
		fault  connector.Fault // 0: taken
		wantID string
	}{
		{name: "smppex#6: a refusal with a body", status: smpp.RTHROTTLED, body: "69643100", fault: connector.Throttled},
		{name: "a refusal with half a body", status: smpp.RINVDSTADR, body: "6964", fault: connector.Rejected},
		{name: "gosmpp#119, cloudhopper PR#31: taken, without a body"},
		{name: "taken, with an empty id", body: "00"},
		{name: "an octet behind the id", body: id, wantID: "id1"},
		{name: "python-smpplib#2, jasmin#322: parameters of nobody's", body: "69643100" + "3ff00000" + "142800020102" + "142800020304", wantID: "id1"},
		{name: "jsmpp#16, jsmpp#214: a parameter cut short", body: "69643100" + "04280004ff", wantID: "id1"},
		{name: "jasmin#563: a status of nobody's", status: 0xDEADBEEF, fault: connector.Temporary},
		{name: "smppex#58: generic_nack", nack: true, status: smpp.RINVCMDID, fault: connector.Temporary},
	}
	c := beCrude(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			asked, outcome := c.submit(t)
			command := asked.Body.Command().Response()
			if test.nack {
				command = smpp.CommandGenericNack
			}
			c.say(command, test.status, asked.Sequence+1000, "00") // python-smpplib#52: to nobody's number
			c.say(command, test.status, asked.Sequence, test.body)
			got := await(t, outcome)
			if test.fault == 0 && (got.Err != nil || got.ProviderID != test.wantID) || test.fault != 0 && (got.Err == nil || connector.FaultOf(got.Err) != test.fault) {
				t.Errorf("%q, %v", got.ProviderID, got.Err)
			}
		})
	}
}

// Requests of an operator as they were met: what can be read is taken, what cannot be is refused by itself, and every
// number comes back as it was.
func TestRequestsInOddOctets(t *testing.T) {
	const text = "00" + "01013333363339393830313031" + "00" + "030033363138" + "3000" + "000000" + "0000" + "00000000" + "034f7569" // Oui
	tests := []struct {
		name     string
		command  smpp.Command
		sequence uint32
		body     string
		want     smpp.Command
		status   smpp.Status
		taken    bool
	}{
		{"a text", smpp.CommandDeliverSM, 1, text, smpp.CommandDeliverSM.Response(), smpp.OK, true},
		{"vumi#88, node-smpp#17: number 0", smpp.CommandDeliverSM, 0, text, smpp.CommandDeliverSM.Response(), smpp.OK, true},
		{"a number beyond 31 bits", smpp.CommandDeliverSM, 0xFFFFFFFF, text, smpp.CommandDeliverSM.Response(), smpp.OK, true},
		{"python-smpplib#2, jasmin#325: parameters of nobody's", smpp.CommandDeliverSM, 2, text + "3ff00000" + "ffff000101", smpp.CommandDeliverSM.Response(), smpp.OK, true},
		{"jsmpp#16: a parameter cut short", smpp.CommandDeliverSM, 3, text + "04240005ff", smpp.CommandDeliverSM.Response(), smpp.RINVOPTPARSTREAM, false},
		{"cloudhopper#64: a text behind its length", smpp.CommandDeliverSM, 4, text + "216161", smpp.CommandDeliverSM.Response(), smpp.RINVOPTPARSTREAM, false},
		{"a command of nobody's", 0x111, 5, "00", smpp.CommandGenericNack, smpp.RINVCMDID, false},
		{"php-smpp#49: enquire_link", smpp.CommandEnquireLink, 6, "", smpp.CommandEnquireLink.Response(), smpp.OK, false},
		{"enquire_link with a body", smpp.CommandEnquireLink, 7, "00", smpp.CommandEnquireLink.Response(), smpp.OK, false},
	}
	c := beCrude(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c.say(test.command, smpp.OK, test.sequence, test.body)
			got := c.next()
			if got.Body.Command() != test.want || got.Status != test.status || got.Sequence != test.sequence {
				t.Errorf("answered %s, %s, number %d", got.Body.Command(), got.Status, got.Sequence)
			}
			if test.command == smpp.CommandEnquireLink && len(got.Tail) > 0 {
				t.Errorf("enquire_link_resp has a body: %x", got.Tail)
			}
			if !test.taken {
				quiet(t, c.desk.news)
			} else if in := c.desk.inbound(t); in.Text != "Oui" || in.From != "+33639980101" {
				t.Errorf("%+v", in)
			}
		})
	}
}

// JamaaSMPP#50, gosmpp#178, php-smpp#44: all parts went under one sequence_number, and after a refusal the next
// request under the same.
func TestEachRequestHasANumberOfItsOwn(t *testing.T) {
	l := connect(t, nil)
	numbers := make(chan uint32, 10)
	l.smsc.willSubmit(func(_ *smpp.Conn, r *smpp.Received, m *smpp.SubmitSM) {
		numbers <- r.Sequence
		if content := m.Content(); content.Part {
			_ = r.Respond(smpp.OK, &smpp.SubmitSMResp{MessageID: l.smsc.nextID()})
			return
		}
		_ = r.Respond(smpp.RTHROTTLED, nil)
	})
	long := message("")
	for range 40 {
		long.Text += "Réunion à 9 h. "
	}
	for _, m := range []sms.Message{message("Bonjour"), long, message("Bonjour")} {
		l.submit(t, m)
	}
	var seen []uint32
	for range 6 { // one, four parts, one
		n := await(t, numbers)
		if n == 0 || slices.Contains(seen, n) {
			t.Errorf("number %d after %d", n, seen)
		}
		seen = append(seen, n)
	}
	quiet(t, numbers)
}
