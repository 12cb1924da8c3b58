package smpp_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	operator "relais/connector/smpp"
	"relais/smpp"
	"relais/sms"
)

// receiptOf is a receipt in the usual form.
func receiptOf(id, word string) smpp.SM {
	return smpp.SM{
		Source: smpp.Address{TON: 1, NPI: 1, Addr: "33639980101"}, Dest: smpp.Address{TON: 5, Addr: "Mairie"},
		ESMClass: smpp.ESMReceipt,
		Text:     []byte("id:" + id + " sub:001 dlvrd:001 submit date:2611301300 done date:2611301301 stat:" + word + " err:000 text:Bonjour"),
	}
}

func TestReceipts(t *testing.T) {
	tests := map[string]sms.Receipt{
		"DELIVRD": {Status: sms.Delivered}, "EXPIRED": {Status: sms.Expired, Reason: sms.ReasonExpired},
		"UNDELIV": {Status: sms.Undelivered, Reason: sms.ReasonUnknown}, "REJECTD": {Status: sms.Rejected, Reason: sms.ReasonUnknown},
		"DELETED": {Status: sms.Undelivered, Reason: sms.ReasonUnknown},
		"ENROUTE": {Status: sms.Submitted}, "ACCEPTD": {Status: sms.Submitted}, // jasmin issue 885
		"UNKNOWN": {Status: sms.Submitted}, "PARKED": {Status: sms.Submitted},
	}
	l := connect(t, func(c *operator.Config) { c.TimeZone = "Europe/Paris" })
	for word, want := range tests {
		if status := deliver(t, l.conns[0], receiptOf("a", word)); status != smpp.OK {
			t.Errorf("%s: answered %s", word, status)
		}
		want.ProviderID, want.Code, want.Text = "a", "000", word
		want.At = time.Date(2026, 11, 30, 12, 1, 0, 0, time.UTC)
		got := l.desk.receipt(t)
		got.At = got.At.UTC()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", word, diff)
		}
	}
}

func TestReceiptsOfOtherForms(t *testing.T) {
	parameters := smpp.TLVs{
		smpp.TextTLV(smpp.TagReceiptedMessageID, "a"), smpp.NumberTLV(smpp.TagMessageState, 1, uint32(smpp.Delivered)),
	}
	tests := []struct {
		name string
		m    smpp.SM
		want sms.Receipt
	}{
		{"parameters alone", smpp.SM{ESMClass: 4, TLVs: parameters}, sms.Receipt{ProviderID: "a", Status: sms.Delivered, Text: "DELIVRD"}},
		{
			"not final by its class",
			smpp.SM{ESMClass: 0x20, Text: []byte("id:a stat:DELIVRD err:0")},
			sms.Receipt{ProviderID: "a", Status: sms.Submitted, Code: "0", Text: "DELIVRD"},
		},
		{
			"an error beside good news (jasmin issue 760)",
			smpp.SM{ESMClass: 4, Text: []byte("id:a stat:DELIVRD err:002")},
			sms.Receipt{ProviderID: "a", Status: sms.Delivered, Code: "002", Text: "DELIVRD"},
		},
	}
	l := connect(t, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if status := deliver(t, l.conns[0], test.m); status != smpp.OK {
				t.Errorf("answered %s", status)
			}
			if diff := cmp.Diff(test.want, l.desk.receipt(t)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// mokai issue 8, jasmin issue 586: hexadecimal in the answer, decimal in the receipt.
func TestIDsInTwoBases(t *testing.T) {
	l := connect(t, func(c *operator.Config) { c.IDs = "hex-dec" })
	l.smsc.willSubmit(func(_ *smpp.Conn, r *smpp.Received, _ *smpp.SubmitSM) {
		_ = r.Respond(smpp.OK, &smpp.SubmitSMResp{MessageID: "812FC7470000001B"})
	})
	sent := l.submit(t, message("Bonjour"))
	deliver(t, l.conns[0], receiptOf("9308878062554710043", "DELIVRD"))
	if got := l.desk.receipt(t); sent.ProviderID == "" || got.ProviderID != sent.ProviderID {
		t.Errorf("sent as %q, receipt of %q", sent.ProviderID, got.ProviderID)
	}
}

// Nothing is acknowledged before it is stored; ruby-smpp issue 5: nor left without an answer.
func TestNothingIsAcknowledgedBeforeItIsStored(t *testing.T) {
	l := connect(t, nil)
	l.desk.fail(errFull)
	for _, m := range []smpp.SM{receiptOf("a", "DELIVRD"), reply("Oui")} {
		if status := deliver(t, l.conns[0], m); status != smpp.RXTAPPN {
			t.Errorf("answered %s", status)
		}
	}
	l.desk.fail(nil)
	if status := deliver(t, l.conns[0], receiptOf("a", "DELIVRD")); status != smpp.OK {
		t.Errorf("answered %s", status)
	}
	l.desk.receipt(t)
}

func TestReceiptThatCannotBeRead(t *testing.T) {
	l := connect(t, nil)
	if status := deliver(t, l.conns[0], smpp.SM{ESMClass: 4, Text: []byte("Message bien livré")}); status != smpp.OK {
		t.Errorf("answered %s", status)
	}
	quiet(t, l.desk.news)
}

func TestReceiptsOfParts(t *testing.T) {
	l := connect(t, nil)
	m := message(strings.Repeat("a", 400))
	sent := l.submit(t, m)
	want := sms.Receipt{Ref: m.ID, ProviderID: sent.ProviderID, Status: sms.Delivered, Code: "000", Text: "DELIVRD"}
	for _, id := range []string{"id2", "id1", "id2"} { // one part of three is no message, however often it is told
		deliver(t, l.conns[0], receiptOf(id, "DELIVRD"))
		quiet(t, l.desk.news)
	}
	deliver(t, l.conns[0], receiptOf("id3", "DELIVRD"))
	if diff := cmp.Diff(want, l.desk.receipt(t)); diff != "" {
		t.Error(diff)
	}
	deliver(t, l.conns[0], receiptOf("id3", "DELIVRD"))
	quiet(t, l.desk.news)

	m = message(strings.Repeat("b", 400))
	l.submit(t, m)
	deliver(t, l.conns[0], receiptOf("id5", "UNDELIV"))
	if got := l.desk.receipt(t); got.Ref != m.ID || got.Status != sms.Undelivered {
		t.Errorf("%+v", got)
	}
}

// jasmin issue 796: a message that was put off and sent again had lost what its receipt is matched by.
func TestReceiptsOfAMessageThatWasPutOff(t *testing.T) {
	l := connect(t, nil)
	l.smsc.willSubmit(func(_ *smpp.Conn, r *smpp.Received, _ *smpp.SubmitSM) { _ = r.Respond(smpp.RTHROTTLED, nil) })
	m := message(strings.Repeat("a", 400))
	wantFault(t, l.submit(t, m).Err, connector.Throttled, "ESME_RTHROTTLED")
	l.smsc.willSubmit(nil)
	sent := l.submit(t, m)
	for _, id := range []string{"id1", "id2", "id3"} {
		deliver(t, l.conns[0], receiptOf(id, "DELIVRD"))
	}
	if got := l.desk.receipt(t); got.Ref != m.ID || got.ProviderID != sent.ProviderID || got.Status != sms.Delivered {
		t.Errorf("%+v of %q", got, sent.ProviderID)
	}
}

// What could not be stored is told again, and is not taken for old news then.
func TestTheEndOfALongMessageIsStoredLate(t *testing.T) {
	l := connect(t, nil)
	for _, word := range []string{"DELIVRD", "UNDELIV"} {
		m := message(strings.Repeat("a", 400))
		sent := l.submit(t, m)
		first, _, _ := strings.Cut(sent.ProviderID, "+")
		last := first
		if word == "DELIVRD" {
			for _, id := range []string{"id1", "id2"} {
				deliver(t, l.conns[0], receiptOf(id, word))
			}
			last = "id3"
		}
		l.desk.fail(errFull)
		if status := deliver(t, l.conns[0], receiptOf(last, word)); status != smpp.RXTAPPN {
			t.Errorf("%s: answered %s", word, status)
		}
		l.desk.fail(nil)
		if status := deliver(t, l.conns[0], receiptOf(last, word)); status != smpp.OK {
			t.Errorf("%s: answered %s", word, status)
		}
		select {
		case news := <-l.desk.news: // it was stored before it was acknowledged
			if len(news.Receipts) != 1 || news.Receipts[0].Ref != m.ID || news.Receipts[0].Text != word {
				t.Errorf("%s: %+v", word, news)
			}
		default:
			t.Errorf("%s: the end is lost", word)
		}
		deliver(t, l.conns[0], receiptOf(last, word))
		quiet(t, l.desk.news)
	}
}

// The receipt of a part may overtake the answer to it, so that one of an id that nobody knows waits
// while a long message is on its way; that of a message which is known does not.
func TestReceiptsWhileALongMessageIsOnItsWay(t *testing.T) {
	c := newSMSC(t).config()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, c)
		operator.Know(l, 1, "known")
		operator.OnItsWay(l, 1)
		for id, want := range map[string]time.Duration{"known": 0, "unknown": 3 * time.Second} {
			began := time.Now()
			got := operator.Receipts(t.Context(), l, sms.Receipt{ProviderID: id, Status: sms.Delivered})
			if len(got) != 1 || got[0].ProviderID != id {
				t.Errorf("%s: %+v", id, got)
			}
			if waited := time.Since(began); waited != want {
				t.Errorf("%s waited %s, want %s", id, waited, want)
			}
		}
	})
}

// mokai issue 15: the receipt comes before the answer, here of a part.
func TestReceiptOfAPartBeforeItsAnswer(t *testing.T) {
	l := connect(t, nil)
	l.smsc.willSubmit(func(conn *smpp.Conn, r *smpp.Received, _ *smpp.SubmitSM) {
		id := l.smsc.nextID()
		m := receiptOf(id, "DELIVRD")
		if err := conn.Send(smpp.PDU{Sequence: conn.NextSequence(), Body: &smpp.DeliverSM{SM: m}}); err != nil {
			t.Errorf("%v", err)
		}
		_ = r.Respond(smpp.OK, &smpp.SubmitSMResp{MessageID: id})
	})
	m := message(strings.Repeat("a", 400))
	if got := l.submit(t, m); got.Err != nil {
		t.Fatal(got.Err)
	}
	if got := l.desk.receipt(t); got.Ref != m.ID || got.Status != sms.Delivered {
		t.Errorf("%+v", got)
	}
}

func reply(text string) smpp.SM {
	return smpp.SM{
		Source: smpp.Address{TON: 1, NPI: 1, Addr: "33639980101"}, Dest: smpp.Address{TON: 3, Addr: "36180"},
		Text: []byte(text),
	}
}

func TestReplies(t *testing.T) {
	tests := []struct {
		name   string
		change func(*smpp.SM)
		want   string
	}{
		{"GSM", func(m *smpp.SM) { m.Text = []byte("Oui \x05\x00") }, "Oui é@"},
		{"UCS-2", func(m *smpp.SM) { m.DataCoding, m.Text = 8, []byte("\x00O\x00u\x00i\x00 \xd8\x3d\xde\x00") }, "Oui 😀"},
		{"Latin-1", func(m *smpp.SM) { m.DataCoding, m.Text = 3, []byte("d\xe9") }, "dé"},
		{"not what its coding says", func(m *smpp.SM) { m.Text = []byte("d\xe9") }, "dé"},
		{"no text", func(m *smpp.SM) { m.DataCoding, m.Text = 4, []byte{1, 0xFF} }, "01ff"},
		// vumi issue 330
		{"in a payload", func(m *smpp.SM) { m.Text, m.TLVs = nil, smpp.TLVs{{Tag: smpp.TagMessagePayload, Value: []byte("Oui")}} }, "Oui"},
		// a handset that writes a receipt
		{"what looks like a receipt", func(m *smpp.SM) { m.Text = []byte("id:1 stat:DELIVRD") }, "id:1 stat:DELIVRD"},
		{"empty", func(m *smpp.SM) { m.Text = nil }, ""},
	}
	l := connect(t, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := reply("Oui")
			test.change(&m)
			if status := deliver(t, l.conns[0], m); status != smpp.OK {
				t.Errorf("answered %s", status)
			}
			if diff := cmp.Diff(sms.Inbound{From: "+33639980101", To: "36180", Text: test.want}, l.desk.inbound(t)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// part is one of a reply of several.
func part(seq, total byte, text string) smpp.SM {
	m := reply("")
	m.ESMClass = smpp.ESMHeader
	m.Text = append(smpp.Concat{Ref: 7, Total: total, Seq: seq}.Header().Append(nil), text...)
	return m
}

// held waits until a text waits for its parts.
func (l *line) held(t *testing.T) {
	t.Helper()
	within(t, "no part waits for others", func() bool { return operator.Held(l.Connector) == 1 })
	quiet(t, l.desk.news)
}

// jasmin issues 513 and 1257: parts that came out of their order were lost.
func TestRepliesInParts(t *testing.T) {
	l := connect(t, nil)
	first := send(t, l.conns[0], &smpp.DeliverSM{SM: part(2, 2, "tous")})
	l.held(t)
	quiet(t, first) // it is acknowledged with the whole
	if status := deliver(t, l.conns[0], part(1, 2, "Bonjour à ")); status != smpp.OK || await(t, first) != smpp.OK {
		t.Errorf("answered %s", status)
	}
	if got := l.desk.inbound(t); got.Text == "" || !strings.HasSuffix(got.Text, " tous") {
		t.Errorf("%q", got.Text)
	}
}

// jasmin issue 850, JamaaSMPP issue 39: parts were joined by their reference alone, and texts of two people mixed.
func TestPartsOfTwoPeople(t *testing.T) {
	l := connect(t, nil)
	of := func(from string, seq byte, text string) *smpp.DeliverSM {
		m := part(seq, 2, text)
		m.Source.Addr = from
		return &smpp.DeliverSM{SM: m}
	}
	const one, other = "33639980101", "33639980102"
	answers := []<-chan smpp.Status{send(t, l.conns[0], of(one, 1, "Je ")), send(t, l.conns[0], of(other, 2, "pas"))}
	within(t, "the parts do not wait", func() bool { return operator.Held(l.Connector) == 2 })
	for from, rest := range map[string]*smpp.DeliverSM{one: of(one, 2, "viens"), other: of(other, 1, "Je ne viens ")} {
		answers = append(answers, send(t, l.conns[0], rest))
		want := map[string]string{one: "Je viens", other: "Je ne viens pas"}[from]
		if got := l.desk.inbound(t); got.From != "+"+from || got.Text != want {
			t.Errorf("%+v, want %q", got, want)
		}
	}
	for _, answer := range answers {
		if status := await(t, answer); status != smpp.OK {
			t.Errorf("answered %s", status)
		}
	}
}

// A text may have 255 parts, none of which is acknowledged before the last is there.
func TestAReplyOfManyParts(t *testing.T) {
	l := connect(t, nil)
	const total = 255
	var answers []<-chan smpp.Status
	for seq := range total {
		answers = append(answers, send(t, l.conns[0], &smpp.DeliverSM{SM: part(byte(seq+1), total, "a")}))
	}
	if got := l.desk.inbound(t); got.Text != strings.Repeat("a", total) {
		t.Errorf("%q", got.Text)
	}
	for _, answer := range answers {
		if status := await(t, answer); status != smpp.OK {
			t.Errorf("answered %s", status)
		}
	}
}

func TestALonePart(t *testing.T) {
	m := part(2, 2, "tous")
	for _, body := range []smpp.Body{
		&smpp.DeliverSM{SM: m},
		&smpp.DataSM{
			Source: m.Source, Dest: m.Dest, ESMClass: m.ESMClass,
			TLVs: smpp.TLVs{{Tag: smpp.TagMessagePayload, Value: m.Text}},
		},
	} {
		t.Run(body.Command().String(), func(t *testing.T) {
			l := connect(t, nil)
			answered := send(t, l.conns[0], body)
			l.held(t)
			operator.AgeHeld(l.Connector)
			if got := l.desk.inbound(t); got.Text != "[…]tous" {
				t.Errorf("%q", got.Text)
			}
			if status := await(t, answered); status != smpp.OK {
				t.Errorf("answered %s", status)
			}
		})
	}
}

// The parts of a text may come by several sessions. What one of them brought comes again when it
// ends, and the others are told to send theirs again too.
func TestPartsOfASessionThatEnds(t *testing.T) {
	l := connect(t, func(c *operator.Config) { c.Binds = 2 })
	answered := send(t, l.conns[0], &smpp.DeliverSM{SM: part(1, 3, "Bonjour ")})
	l.held(t)
	m := part(2, 3, "à ")
	if err := l.conns[1].Send(smpp.PDU{Sequence: l.conns[1].NextSequence(), Body: &smpp.DeliverSM{SM: m}}); err != nil {
		t.Fatal(err)
	}
	within(t, "the second part does not wait", func() bool { return operator.HeldParts(l.Connector) == 2 })
	l.conns[1].Close()
	if status := await(t, answered); status != smpp.RXTAPPN {
		t.Errorf("answered %s", status)
	}
	quiet(t, l.desk.news)
}

// All parts are answered alike, whichever session brought them.
func TestPartsThatCannotBeStored(t *testing.T) {
	l := connect(t, func(c *operator.Config) { c.Binds = 2 })
	l.desk.fail(errFull)
	answered := send(t, l.conns[0], &smpp.DeliverSM{SM: part(1, 2, "Bonjour à ")})
	l.held(t)
	if status := deliver(t, l.conns[1], part(2, 2, "tous")); status != smpp.RXTAPPN {
		t.Errorf("answered %s", status)
	}
	if status := await(t, answered); status != smpp.RXTAPPN {
		t.Errorf("answered %s", status)
	}
}

// Two equal texts of one person are two.
func TestTheSameReplyTwice(t *testing.T) {
	l := connect(t, nil)
	for range 2 {
		deliver(t, l.conns[0], reply("Oui"))
		if got := l.desk.inbound(t); got.Text != "Oui" {
			t.Errorf("%+v", got)
		}
	}
}

// A text whose answer may have been lost with its session is known when it comes again, as
// often as that happens.
func TestAReplyThatIsSentAgain(t *testing.T) {
	texts := map[string][]smpp.SM{
		"single": {reply("Oui")},
		"parts":  {part(1, 2, "Bonjour à "), part(2, 2, "tous")},
	}
	for name, pieces := range texts {
		t.Run(name, func(t *testing.T) {
			l := connect(t, func(c *operator.Config) { c.Binds = 2 })
			tell := func(conn *smpp.Conn) {
				t.Helper()
				var answers []<-chan smpp.Status
				for _, m := range pieces {
					answers = append(answers, send(t, conn, &smpp.DeliverSM{SM: m}))
				}
				for _, answer := range answers {
					if status := await(t, answer); status != smpp.OK {
						t.Errorf("answered %s", status)
					}
				}
			}
			tell(l.conns[0])
			l.desk.inbound(t)
			session := l.conns[0]
			for range 2 { // the answer to the second may be lost too
				session.Close()
				session = await(t, l.smsc.bound)
				within(t, "the session does not end", func() bool { return operator.Broken(l.Connector) == 1 })
				tell(session)
				quiet(t, l.desk.news)
			}
			if got := operator.Repeated(l.Connector); got != 2*len(pieces) {
				t.Errorf("%d texts are counted as sent again, want %d", got, 2*len(pieces))
			}
			tell(l.conns[1])
			l.desk.inbound(t)
		})
	}
}

// An SMSC that begins its ids anew gives a new message the id of an old part.
func TestAnIDThatIsUsedAgain(t *testing.T) {
	config := newSMSC(t).config()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, config)
		operator.Know(c, 2, "a")
		receipt := sms.Receipt{ProviderID: "a", Status: sms.Delivered}
		if got := operator.Receipts(t.Context(), c, receipt); len(got) != 0 {
			t.Errorf("the receipt of a part is one of a message: %+v", got)
		}
		time.Sleep(9 * 24 * time.Hour)
		got := operator.Receipts(t.Context(), c, receipt)
		if diff := cmp.Diff([]sms.Receipt{receipt}, got); diff != "" {
			t.Errorf("the receipt of another message (-want +got):\n%s", diff)
		}
	})
}

func TestAbilities(t *testing.T) {
	caps := connector.CapabilitiesOf(open(t, newSMSC(t).config()))
	if diff := cmp.Diff([]string{"submit", "session", "lookup", "check"}, caps.Names()); diff != "" {
		t.Error(diff)
	}
}
