package smpp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	operator "relais/connector/smpp"
	"relais/smpp"
	"relais/sms"
)

func TestSubmit(t *testing.T) {
	l := connect(t, func(c *operator.Config) { c.ServiceType = "CMT" })
	if got := l.submit(t, message("Bonjour @£$_é€[")); got.Err != nil || got.ProviderID != "id1" {
		t.Errorf("%+v", got)
	}
	want := &smpp.SubmitSM{SM: smpp.SM{
		ServiceType:        "CMT",
		Source:             smpp.Address{TON: 5, Addr: "Mairie"},
		Dest:               smpp.Address{TON: 1, NPI: 1, Addr: "33639980101"},
		Validity:           "000000020000000R",
		RegisteredDelivery: 1,
		Text:               []byte("Bonjour \x00\x01\x02\x11\x05\x1be\x1b<"),
	}}
	if diff := cmp.Diff(want, await(t, l.smsc.submitted)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestSenders(t *testing.T) {
	l := connect(t, func(c *operator.Config) { c.Sender = "+33639980001" })
	for sender, want := range map[sms.Sender]smpp.Address{
		"Mairie": {TON: 5, Addr: "Mairie"}, "36180": {TON: 3, Addr: "36180"},
		"+33639980002": {TON: 1, NPI: 1, Addr: "33639980002"}, "": {TON: 1, NPI: 1, Addr: "33639980001"},
	} {
		m := message("Bonjour")
		m.Sender = sender
		if got := l.submit(t, m); got.Err != nil {
			t.Errorf("%q: %v", sender, got.Err)
		}
		if got := await(t, l.smsc.submitted).Source; got != want {
			t.Errorf("%q: %+v", sender, got)
		}
	}
	m := message("Bonjour")
	m.Sender = "Mairie@1" // the @ of GSM is the end of a C-string
	wantFault(t, l.submit(t, m).Err, connector.Rejected, "sender")
	quiet(t, l.smsc.submitted)
}

func TestAlphabets(t *testing.T) {
	tests := []struct {
		name, alphabet, text string
		coding               byte
		want                 string
	}{
		{"GSM", "gsm", "é@", 0, "\x05\x00"},
		{"packed", "gsm-packed", "hellohello", 0, "\xe8\x32\x9b\xfd\x46\x97\xd9\xec\x37"},
		{"Latin-1", "latin1", "é@", 0, "\xe9@"},
		{"UCS-2", "gsm", "ç😀", 8, "\x00\xe7\xd8\x3d\xde\x00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := connect(t, func(c *operator.Config) { c.Alphabet = test.alphabet })
			if got := l.submit(t, message(test.text)); got.Err != nil {
				t.Fatal(got.Err)
			}
			got := await(t, l.smsc.submitted)
			if string(got.Text) != test.want || got.DataCoding != test.coding {
				t.Errorf("coding %d, text %x", got.DataCoding, got.Text)
			}
		})
	}
	l := connect(t, func(c *operator.Config) { c.Alphabet = "latin1" })
	wantFault(t, l.submit(t, message("5 €")).Err, connector.Rejected, "alphabet")
	quiet(t, l.smsc.submitted)
}

func TestLongMessages(t *testing.T) {
	text := strings.Repeat("Bonjour à tous. ", 20) // 320 septets: 153, 153, 14
	for _, way := range []string{"udh", "sar"} {
		t.Run(way, func(t *testing.T) {
			l := connect(t, func(c *operator.Config) { c.LongMessages, c.Binds = way, 3 })
			for ref := range uint16(2) {
				if got := l.submit(t, message(text)); got.Err != nil || !strings.HasSuffix(got.ProviderID, "+2") {
					t.Errorf("%+v", got)
				}
				joined := ""
				for seq := range byte(3) {
					content := await(t, l.smsc.submitted).Content()
					part, err := smpp.GSM7.Decode(content.Text, 0)
					if err != nil {
						t.Fatal(err)
					}
					joined += part
					if c := content.Concat; !content.Part || c.Total != 3 || c.Seq != seq+1 || c.Ref != ref+1 {
						t.Errorf("part %+v", content.Concat)
					}
				}
				if joined != text {
					t.Errorf("joined %q", joined)
				}
			}
		})
	}
	t.Run("payload", func(t *testing.T) {
		l := connect(t, func(c *operator.Config) { c.LongMessages = "payload" })
		if got := l.submit(t, message(text)); got.Err != nil || got.ProviderID != "id1" {
			t.Errorf("%+v", got)
		}
		m := await(t, l.smsc.submitted)
		if got, err := smpp.GSM7.Decode(m.Octets(), 0); err != nil || got != text || len(m.Text) != 0 {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// cloudhopper-smpp#11: an SMSC joins no parts that came by several sessions.
func TestPartsGoByOneBind(t *testing.T) {
	l := connect(t, func(c *operator.Config) { c.Binds = 3 })
	by := make(chan *smpp.Conn, 100)
	l.smsc.willSubmit(func(conn *smpp.Conn, r *smpp.Received, _ *smpp.SubmitSM) {
		by <- conn
		_ = r.Respond(smpp.OK, &smpp.SubmitSMResp{MessageID: l.smsc.nextID()})
	})
	used := map[*smpp.Conn]bool{}
	for range 6 {
		l.submit(t, message(strings.Repeat("a", 400)))
		first := await(t, by)
		used[first] = true
		for range 2 {
			if await(t, by) != first {
				t.Error("a message went by two sessions")
			}
		}
	}
	if len(used) != 3 {
		t.Errorf("messages went by %d sessions of 3", len(used))
	}
}

func TestRefusals(t *testing.T) {
	tests := map[smpp.Status]connector.Fault{
		smpp.RTHROTTLED: connector.Throttled, smpp.RMSGQFUL: connector.Throttled, // vumi issue 636
		smpp.RINVDSTADR: connector.Rejected, smpp.RINVSRCADR: connector.Rejected,
		smpp.RSYSERR: connector.Temporary, smpp.RSUBMITFAIL: connector.Temporary,
		0x94: connector.Temporary, 0x401: connector.Temporary, // jasmin issue 563, jsmpp issue 172: of nobody's
		smpp.RINVSERTYP: connector.Blocked, smpp.RPROHIBITED: connector.Blocked,
	}
	l := connect(t, nil)
	for status, want := range tests {
		l.smsc.willSubmit(func(_ *smpp.Conn, r *smpp.Received, _ *smpp.SubmitSM) { _ = r.Respond(status, nil) })
		wantFault(t, l.submit(t, message("Bonjour")).Err, want, status.String())
	}
}

func TestEveryDocumentedStatusIsListed(t *testing.T) {
	others := map[smpp.Status]bool{ // answers to query_sm, cancel_sm, replace_sm and to nothing of ours
		smpp.OK: true, smpp.RINVMSGID: true, smpp.RCANCELFAIL: true, smpp.RREPLACEFAIL: true, smpp.RQUERYFAIL: true,
	}
	for status := range smpp.Status(0x105) {
		named := strings.HasPrefix(status.String(), "ESME_")
		if named && operator.Listed(status) == others[status] {
			t.Errorf("%s: listed %t", status, !others[status])
		}
	}
}

// One code on message after message is a fault of the configuration, and stops the lane.
func TestTheSameRefusalAgainAndAgain(t *testing.T) {
	l := connect(t, nil)
	refuse := func(_ *smpp.Conn, r *smpp.Received, _ *smpp.SubmitSM) { _ = r.Respond(smpp.RINVSRCADR, nil) }
	for _, taken := range []bool{false, true} { // one that is taken begins anew
		if taken {
			l.smsc.willSubmit(nil)
			if got := l.submit(t, message("Bonjour")); got.Err != nil {
				t.Fatal(got.Err)
			}
		}
		l.smsc.willSubmit(refuse)
		for n := range 6 {
			want := connector.Rejected
			if n >= 4 {
				want = connector.Blocked
			}
			wantFault(t, l.submit(t, message("Bonjour")).Err, want, "ESME_RINVSRCADR")
		}
	}
}

// jasmin issue 1036: messages went round while nothing was bound.
func TestWithoutASession(t *testing.T) {
	c := open(t, newSMSC(t).config())
	outcomes, err := c.Submit(t.Context(), []sms.Message{message("Bonjour")})
	if err != nil {
		t.Fatal(err)
	}
	wantFault(t, outcomes[0].Err, connector.Throttled, "not_bound")
}

// go-smpp issue 106 and its pull request 3: answers that took longer than a second came for nothing.
func TestAnAnswerHasAMinute(t *testing.T) {
	config := newSMSC(t).config()
	if config.AnswerTimeout != time.Minute {
		t.Errorf("an answer has %v unless told otherwise", config.AnswerTimeout)
	}
	_, facts, err := operator.Provider().Open(config, connector.Env{})
	if err != nil || facts.Timeout <= config.AnswerTimeout {
		t.Errorf("a call has %v, %v: it would be over before its answer is", facts.Timeout, err)
	}
}

// The list of Kannel's users has operators whose answers take longer than they are waited for: all that
// was under way was sent again, and arrived twice. Here nothing is, and the answers settle it.
func TestSlowAnswersAreNoReasonToSendAgain(t *testing.T) {
	const slow = 5
	l := connect(t, func(c *operator.Config) { c.AnswerTimeout = time.Second })
	for range slow + 1 { // the window grows with each answer, and has a place more than is under way
		if got := l.submit(t, message("Bonjour")); got.Err != nil {
			t.Fatal(got.Err)
		}
		await(t, l.smsc.submitted)
	}
	kept := make(chan *smpp.Received, 2*slow)
	l.smsc.willSubmit(func(_ *smpp.Conn, r *smpp.Received, _ *smpp.SubmitSM) { kept <- r })
	doubted := make(chan sms.ID, slow)
	for range slow {
		go func() {
			m := message("Bonjour")
			outcomes, err := l.Submit(t.Context(), []sms.Message{m})
			if err != nil || outcomes[0].Err == nil || connector.FaultOf(outcomes[0].Err) != connector.Uncertain {
				t.Errorf("%+v, %v; want a doubt", outcomes, err)
			}
			doubted <- m.ID
		}()
	}
	want := map[sms.ID]bool{}
	for range slow {
		want[await(t, doubted)] = true
	}
	for range slow {
		if err := await(t, kept).Respond(smpp.OK, &smpp.SubmitSMResp{MessageID: l.smsc.nextID()}); err != nil {
			t.Fatal(err)
		}
	}
	for range slow {
		told := l.desk.receipt(t)
		if !want[told.Ref] || told.Status != sms.Submitted || told.ProviderID == "" {
			t.Errorf("told of %+v", told)
		}
		delete(want, told.Ref)
	}
	quiet(t, kept)
}

// What was written and not answered is in doubt, and is settled by the answer that comes late
// (jasmin issue 247): at once, or by the next question where it cannot be stored.
func TestLateAnswers(t *testing.T) {
	l := connect(t, nil)
	kept := make(chan *smpp.Received, 1)
	l.smsc.willSubmit(func(_ *smpp.Conn, r *smpp.Received, _ *smpp.SubmitSM) { kept <- r })
	late := func(status smpp.Status) sms.ID {
		t.Helper()
		m := message("Bonjour")
		ctx, giveUp := context.WithCancel(t.Context())
		defer giveUp()
		given := make(chan error, 1)
		go func() {
			outcomes, err := l.Submit(ctx, []sms.Message{m})
			given <- errors.Join(err, outcomes[0].Err)
		}()
		request := await(t, kept)
		giveUp()
		wantFault(t, await(t, given), connector.Uncertain, "")
		_, err := l.lookup(t, m.ID)
		wantFault(t, err, connector.Uncertain, "")
		if err := request.Respond(status, &smpp.SubmitSMResp{MessageID: "late"}); err != nil {
			t.Fatal(err)
		}
		return m.ID
	}
	want := sms.Receipt{Ref: late(smpp.OK), ProviderID: "late", Status: sms.Submitted}
	if diff := cmp.Diff(want, l.desk.receipt(t)); diff != "" {
		t.Error(diff)
	}
	l.desk.fail(errFull)
	if got, err := l.told(t, late(smpp.OK)); err != nil || got.ProviderID != "late" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := l.told(t, late(smpp.RINVDSTADR)); !errors.Is(err, connector.ErrNotTaken) {
		t.Errorf("%v", err)
	}
}

func (l *line) lookup(t *testing.T, id sms.ID) (connector.Outcome, error) {
	t.Helper()
	return l.Connector.(connector.Reconciler).Lookup(t.Context(), id)
}

// told asks about a message until the answer is clear.
func (l *line) told(t *testing.T, id sms.ID) (got connector.Outcome, err error) {
	t.Helper()
	within(t, "nothing became clear", func() bool {
		got, err = l.lookup(t, id)
		return err == nil || errors.Is(err, connector.ErrNotTaken)
	})
	return got, err
}

// node-smpp and others leave requests hanging, or send them again, when the link breaks.
func TestBrokenLink(t *testing.T) {
	l := connect(t, nil)
	l.smsc.willSubmit(func(conn *smpp.Conn, _ *smpp.Received, _ *smpp.SubmitSM) { conn.Close() })
	m := message("Bonjour")
	wantFault(t, l.submit(t, m).Err, connector.Uncertain, "")
	if _, err := l.Connector.(connector.Reconciler).Lookup(t.Context(), m.ID); errors.Is(err, connector.ErrNotTaken) {
		t.Errorf("nothing proves that it was not taken: %v", err)
	}
	if got := len(l.smsc.submitted); got != 1 {
		t.Errorf("submitted %d times", got)
	}
	_ = l.stop() // it has ended by the broken link, and in which way is not asked here
	if n := operator.InDoubt(l.Connector); n != 0 {
		t.Errorf("%d messages are remembered for an answer that can never come", n)
	}
}

// Parts behind the first one are tried again, and nothing else: jasmin issue 925, vumi issue 965.
func TestAPartIsRefused(t *testing.T) {
	text := strings.Repeat("a", 400)
	answers := func(statuses ...smpp.Status) func(*smpp.Conn, *smpp.Received, *smpp.SubmitSM) {
		next := 0
		return func(_ *smpp.Conn, r *smpp.Received, _ *smpp.SubmitSM) {
			status := statuses[next]
			next++
			_ = r.Respond(status, &smpp.SubmitSMResp{MessageID: fmt.Sprint(next)})
		}
	}
	tests := []struct {
		name     string
		statuses []smpp.Status
		fault    connector.Fault
		taken    bool
	}{
		{"the first", []smpp.Status{smpp.RTHROTTLED}, connector.Throttled, false},
		{"another, for a while", []smpp.Status{smpp.OK, smpp.RTHROTTLED, smpp.OK, smpp.OK}, 0, true},
		{"another, for good", []smpp.Status{smpp.OK, smpp.RINVDSTADR}, connector.Uncertain, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := connect(t, nil)
			l.smsc.willSubmit(answers(test.statuses...))
			got := l.submit(t, message(text))
			if (got.Err == nil) != test.taken || !test.taken && connector.FaultOf(got.Err) != test.fault {
				t.Errorf("%v", got.Err)
			}
			if len(l.smsc.submitted) != len(test.statuses) {
				t.Errorf("%d requests for %d answers", len(l.smsc.submitted), len(test.statuses))
			}
		})
	}
}

func TestFlash(t *testing.T) {
	tests := []struct {
		name, way, text string
		coding          byte
		subunit         bool
	}{
		{"coding, GSM", "coding", "Alerte", 0x10, false},
		{"coding, UCS-2", "coding", "Alerte ç", 0x18, false},
		{"subunit, GSM", "subunit", "Alerte", 0, true},
		{"subunit, UCS-2", "subunit", "Alerte ç", 8, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := connect(t, func(c *operator.Config) { c.Flash = test.way })
			m := message(test.text)
			m.Kind = sms.Flash
			if got := l.submit(t, m); got.Err != nil {
				t.Fatal(got.Err)
			}
			got := await(t, l.smsc.submitted)
			unit, marked := got.TLVs.Number(smpp.TagDestAddrSubunit)
			if got.DataCoding != test.coding || marked != test.subunit || marked && unit != 1 {
				t.Errorf("coding 0x%02X, subunit %d (%t)", got.DataCoding, unit, marked)
			}
		})
	}
}

func TestBinary(t *testing.T) {
	l := connect(t, func(c *operator.Config) { c.Binary = true })
	port := []byte{6, 5, 4, 0x0b, 0x84, 0x23, 0xf0}
	for _, tc := range []struct {
		name   string
		octets sms.Octets
		header bool
		parts  int
	}{
		{"data", sms.Octets{Data: []byte{0xdc, 6}}, false, 1},
		{"with a header", sms.Octets{Header: port, Data: []byte{0xdc, 6}}, true, 1},
		{"in parts", sms.Octets{Header: port, Data: make([]byte, 200)}, true, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := message(tc.octets.Text())
			m.Kind, m.Segments = sms.Binary, tc.parts
			if got := l.submit(t, m); got.Err != nil {
				t.Fatal(got.Err)
			}
			var data []byte
			for n := range tc.parts {
				got := await(t, l.smsc.submitted)
				content := got.Content()
				if got.DataCoding != 4 || (got.ESMClass == smpp.ESMHeader) != tc.header || len(got.Text) > 140 {
					t.Errorf("coding %d, class 0x%02X, %d octets", got.DataCoding, got.ESMClass, len(got.Text))
				}
				if tc.parts > 1 && (!content.Part || int(content.Concat.Seq) != n+1 || int(content.Concat.Total) != tc.parts) {
					t.Errorf("part %d is numbered %+v", n+1, content.Concat)
				}
				data = append(data, content.Text...)
			}
			if !bytes.Equal(data, tc.octets.Data) {
				t.Errorf("octets %x", data)
			}
		})
	}
}

// An operator that could not read a request tells of the stream: the message was not taken, and is sent again by
// the session that is opened anew (sandbox: nack).
func TestANackIsOfTheStream(t *testing.T) {
	l := connect(t, nil)
	l.smsc.willSubmit(func(_ *smpp.Conn, r *smpp.Received, _ *smpp.SubmitSM) {
		_ = r.Respond(smpp.RINVCMDLEN, &smpp.GenericNack{})
	})
	wantFault(t, l.submit(t, message("Bonjour")).Err, connector.Temporary, "ESME_RINVCMDLEN")
	_ = l.stop() // the session ended by the nack
}
