package app_test

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/client"
	"relais/sandbox"
	simworld "relais/sandbox/world"
	"relais/smpp"
)

// smppAddress is where the door for SMPP clients is.
func (w *world) smppAddress(t *testing.T) string {
	t.Helper()
	for _, d := range w.app.Doors() {
		if at, ok := strings.CutPrefix(d.Address, "smpp://"); ok {
			return at
		}
	}
	t.Fatal("the door for SMPP is not open")
	return ""
}

// esme is a client of the door that acknowledges what it gets.
type esme struct {
	*smpp.Conn

	mu  sync.Mutex
	got []smpp.SM
}

// bindAs connects and binds; the session ends with the test.
func bindAs(t *testing.T, address string, kind smpp.Command, systemID, password string) *esme {
	t.Helper()
	nc, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	e := &esme{}
	e.Conn = smpp.NewConn(nc, smpp.Options{Handle: func(_ context.Context, r *smpp.Received) {
		if told, ok := r.Body.(*smpp.DeliverSM); ok {
			e.mu.Lock()
			e.got = append(e.got, told.SM)
			e.mu.Unlock()
		}
		if err := r.Respond(smpp.OK, nil); err != nil {
			t.Errorf("acknowledge: %v", err)
		}
	}})
	go e.Serve(context.WithoutCancel(t.Context())) // ends with Close
	t.Cleanup(func() {
		e.Close()
		<-e.Done()
	})
	if _, err := e.Bind(t.Context(), &smpp.Bind{Kind: kind, SystemID: systemID, Password: password, InterfaceVersion: 0x34}); err != nil {
		t.Fatal(err)
	}
	return e
}

// submit sends a message and returns its id.
func (e *esme) submit(t *testing.T, sm smpp.SM) string {
	t.Helper()
	answer, _, err := e.Request(t.Context(), &smpp.SubmitSM{SM: sm}, nil)
	if err != nil || answer.Status != smpp.OK {
		t.Fatalf("submit_sm: %s, %v", answer.Status, err)
	}
	return answer.Body.(*smpp.SubmitSMResp).MessageID
}

func (e *esme) received() []smpp.SM {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]smpp.SM(nil), e.got...)
}

func message(to, text string) smpp.SM {
	octets, err := smpp.GSM7.Encode(text, 0)
	if err != nil {
		panic(err)
	}
	return smpp.SM{
		Source: smpp.Address{TON: 5, Addr: "RELAIS"}, Dest: smpp.Address{TON: 1, NPI: 1, Addr: strings.TrimPrefix(to, "+")},
		RegisteredDelivery: 1, Text: octets,
	}
}

// TestMessagesThroughTheSMPPDoor goes the whole way: from a bind to the handset, and back with the
// receipt and the reply.
func TestMessagesThroughTheSMPPDoor(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, "")
	e := bindAs(t, w.smppAddress(t), smpp.CommandBindTransceiver, "sandbox", "sandbox")
	const to = "+33639980300"
	id := e.submit(t, message(to, "Réunion à 9 h @£$_€["))
	await(t, "the text", patience, func() bool { return len(w.sandbox.Handset(to)) == 1 })
	if got := w.sandbox.Handset(to)[0]; got.Text != "Réunion à 9 h @£$_€[" {
		t.Errorf("on the handset: %q", got.Text)
	}
	await(t, "the receipt", patience, func() bool { return len(e.received()) == 1 })
	told := e.received()[0]
	receipt, ok := told.Receipt()
	if !ok || receipt.ID != id || receipt.OtherID != "" || receipt.State != smpp.Delivered || receipt.Dlvrd != "001" || !told.IsReceipt() {
		t.Errorf("receipt %+v of %q", receipt, id)
	}
	if want := (smpp.Address{TON: 1, NPI: 1, Addr: "33639980300"}); told.Source != want || told.Dest.Addr != "RELAIS" {
		t.Errorf("addresses %+v and %+v", told.Source, told.Dest)
	}
	var list struct{ Items []client.Message }
	w.call(t, "GET", "/v1/messages?limit=100", "", &list)
	for _, m := range list.Items {
		for key, value := range m.Metadata { // which outlives the number
			if strings.Contains(value, "39980300") {
				t.Errorf("metadata %s has the number: %q", key, value)
			}
		}
	}
	if err := w.sandbox.Reply(to, "", "Oui, à demain"); err != nil {
		t.Fatal(err)
	}
	await(t, "the reply", patience, func() bool { return len(e.received()) == 2 })
	reply := e.received()[1]
	if text, err := smpp.GSM7.Decode(reply.Text, 0); err != nil || text != "Oui, à demain" || reply.IsReceipt() || reply.Source.Addr != "33639980300" {
		t.Errorf("reply %q, %v, %+v", text, err, reply.Source)
	}
}

// TestReceiptsWaitForABind keeps receipts while nobody is bound that receives, and tells of them once.
func TestReceiptsWaitForABind(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, "")
	sender := bindAs(t, w.smppAddress(t), smpp.CommandBindTransmitter, "sandbox", "sandbox")
	ids := map[string]bool{}
	for i := range 20 {
		ids[sender.submit(t, message(fmt.Sprintf("+336399804%02d", i), "Bonjour"))] = true
	}
	await(t, "the ends", patience, func() bool {
		var list struct{ Items []client.Message }
		w.call(t, "GET", "/v1/messages?status=delivered&limit=100", "", &list)
		return len(list.Items) == 20
	})
	receiver := bindAs(t, w.smppAddress(t), smpp.CommandBindReceiver, "sandbox", "sandbox")
	await(t, "the receipts", patience, func() bool { return len(receiver.received()) >= 20 })
	for _, told := range receiver.received() {
		receipt, ok := told.Receipt()
		if !ok || !ids[receipt.ID] {
			t.Errorf("a receipt of %q, twice or of nothing", receipt.ID)
		}
		delete(ids, receipt.ID)
	}
	if got := sender.received(); len(got) > 0 {
		t.Errorf("a transmitter got %d", len(got))
	}
}

// TestRepliesThatWaitedComeOldestFirst keeps replies while nobody is bound, and hands them over in the order in which they came.
func TestRepliesThatWaitedComeOldestFirst(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, "")
	const to, count = "+33639980340", 40
	sender := bindAs(t, w.smppAddress(t), smpp.CommandBindTransmitter, "sandbox", "sandbox")
	sender.submit(t, message(to, "Viendrez-vous ?"))
	await(t, "the text", patience, func() bool { return len(w.sandbox.Handset(to)) == 1 })
	for n := range count {
		if err := w.sandbox.Reply(to, "", fmt.Sprint(n)); err != nil {
			t.Fatal(err)
		}
	}
	var came *client.InboundList
	await(t, "the replies", patience, func() (all bool) {
		var err error
		if came, err = w.Inbounds(t.Context(), client.InboundQuery{Limit: 1000}); err != nil {
			t.Fatal(err)
		}
		return len(came.Items) == count
	})
	receiver := bindAs(t, w.smppAddress(t), smpp.CommandBindReceiver, "sandbox", "sandbox")
	texts := func() (all []string) {
		for _, told := range receiver.received() {
			if !told.IsReceipt() {
				all = append(all, string(told.Text))
			}
		}
		return all
	}
	await(t, "the replies by the bind", patience, func() bool { return len(texts()) >= count })
	var want []string
	for _, one := range slices.Backward(came.Items) { // newest first
		want = append(want, one.Text)
	}
	if diff := cmp.Diff(want, texts()); diff != "" {
		t.Errorf("replies (-in their order +as told):\n%s", diff)
	}
}

// TestKannelBindsToTheDoor has a real Kannel as the client: texts in every alphabet, flash and
// binary, and its delivery reports.
func TestKannelBindsToTheDoor(t *testing.T) {
	w := live(t, sandbox.Options{}, smscOf)
	host, port, _ := strings.Cut(w.smppAddress(t), ":")
	k := startKannelWith(t, fmt.Sprintf(kannelSMPP, host, port, "sandbox", "sandbox"))
	reports := listen(t)
	for i, tc := range []struct {
		name string
		more url.Values
		want simworld.Text
	}{
		{"GSM", url.Values{"text": {"Réunion à 9 h @£$_€[Ç"}}, simworld.Text{Text: "Réunion à 9 h @£$_€[Ç"}},
		{"UCS-2", url.Values{"text": {"œuvre 🎉"}, "coding": {"2"}}, simworld.Text{Text: "œuvre 🎉"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			number := fmt.Sprintf("+336399805%02d", i)
			asked := url.Values{
				"username": {"tester"}, "password": {"foobar"}, "from": {"RELAIS"}, "to": {number}, "charset": {"UTF-8"},
				"dlr-mask": {"3"}, "dlr-url": {reports.URL + "?type=%d&to=" + url.QueryEscape(number)},
			}
			maps.Copy(asked, tc.more)
			answer, err := http.Get(k.sendsms + "?" + asked.Encode())
			if err != nil {
				t.Fatal(err)
			}
			if answer.Body.Close(); answer.StatusCode != http.StatusAccepted {
				t.Fatalf("smsbox answered %d", answer.StatusCode)
			}
			await(t, "the text", patience, func() bool { return len(w.sandbox.Handset(number)) > 0 })
			await(t, "the report", patience, func() bool { return reports.of(number) != "" })
			got := w.sandbox.Handset(number)
			tc.want.From, tc.want.Operator = "RELAIS", got[0].Operator
			tc.want.OperatorID, tc.want.Reference, tc.want.At = got[0].OperatorID, got[0].Reference, got[0].At
			if diff := cmp.Diff([]simworld.Text{tc.want}, got); diff != "" {
				t.Errorf("on the handset (-want +got):\n%s", diff)
			}
			if report := reports.of(number); !strings.HasPrefix(report, "1") {
				t.Errorf("reports %q, want delivered", report)
			}
		})
	}
}

const smscOf = ""

// TestLongMessagesAreOneMessage sends parts in any order; the handset has the whole text, and each
// part has an id and a receipt of its own.
func TestLongMessagesAreOneMessage(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, "")
	e := bindAs(t, w.smppAddress(t), smpp.CommandBindTransceiver, "sandbox", "sandbox")
	const to = "+33639980310"
	texts := []string{strings.Repeat("a", 153), strings.Repeat("b", 153), "c"}
	var sending sync.WaitGroup
	ids := make([]string, len(texts))
	for _, i := range []int{2, 0, 1} {
		sending.Go(func() {
			part := message(to, texts[i])
			header := smpp.Concat{Ref: 7, Total: 3, Seq: byte(i + 1)}.Header().Append(nil)
			part.ESMClass, part.Text = smpp.ESMHeader, append(header, part.Text...)
			answer, _, err := e.Request(t.Context(), &smpp.SubmitSM{SM: part}, nil)
			if err != nil || answer.Status != smpp.OK {
				t.Errorf("part %d: %s, %v", i+1, answer.Status, err)
				return
			}
			ids[i] = answer.Body.(*smpp.SubmitSMResp).MessageID
		})
	}
	sending.Wait()
	await(t, "the text", patience, func() bool { return len(w.sandbox.Handset(to)) == 1 })
	if got := w.sandbox.Handset(to)[0].Text; got != strings.Join(texts, "") {
		t.Errorf("on the handset: %q", got)
	}
	await(t, "the receipts", patience, func() bool { return len(e.received()) == len(texts) })
	var told []string
	for _, sm := range e.received() {
		receipt, _ := sm.Receipt()
		told = append(told, receipt.ID)
	}
	slices.Sort(ids)
	slices.Sort(told)
	if diff := cmp.Diff(ids, told); diff != "" || ids[0] == ids[1] {
		t.Errorf("ids of receipts (-answers +receipts):\n%s", diff)
	}
}

// TestPartsAreTheirPersons: who asks what is known of them is told of a part that waits for the others too, and an erasure
// removes it.
func TestPartsAreTheirPersons(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, "")
	e := bindAs(t, w.smppAddress(t), smpp.CommandBindTransmitter, "sandbox", "sandbox")
	const to = "+33639980350"
	part := message(to, "Réunion à 9 h ")
	part.ESMClass, part.Text = smpp.ESMHeader, append(smpp.Concat{Ref: 7, Total: 2, Seq: 1}.Header().Append(nil), part.Text...)
	e.submit(t, part)
	exported, err := w.ExportPerson(t.Context(), to)
	if err != nil || len(exported.Parts) != 1 {
		t.Fatalf("exported %+v, %v", exported, err)
	}
	if got := exported.Parts[0]; got.Text != "Réunion à 9 h " || got.Part != 1 || got.Client != "sandbox" || got.At.IsZero() {
		t.Errorf("the part: %+v", got)
	}
	if _, err := w.ErasePerson(t.Context(), to, false, false); err != nil {
		t.Fatal(err)
	}
	if exported, err = w.ExportPerson(t.Context(), to); err != nil || len(exported.Parts) != 0 {
		t.Errorf("after the erasure: %+v, %v", exported, err)
	}
}

// TestOtherCommandsOfTheSMPPDoor has query_sm, cancel_sm, replace_sm, submit_multi and data_sm.
func TestOtherCommandsOfTheSMPPDoor(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, "")
	e := bindAs(t, w.smppAddress(t), smpp.CommandBindTransceiver, "sandbox", "sandbox")
	ask := func(body smpp.Body) smpp.PDU {
		t.Helper()
		answer, _, err := e.Request(t.Context(), body, nil)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	later := message("+33639980320", "Plus tard")
	later.Schedule = "000001000000000R"
	id, source := e.submit(t, later), later.Source
	if got := ask(&smpp.QuerySM{MessageID: id, Source: source}); got.Status != smpp.OK || got.Body.(*smpp.QuerySMResp).State != smpp.EnRoute {
		t.Errorf("query_sm: %s, %+v", got.Status, got.Body)
	}
	for name, tc := range map[string]struct {
		body smpp.Body
		want smpp.Status
	}{
		"query of nothing":         {&smpp.QuerySM{MessageID: "1", Source: source}, smpp.RQUERYFAIL},
		"query by another source":  {&smpp.QuerySM{MessageID: id, Source: smpp.Address{Addr: "Autre"}}, smpp.RQUERYFAIL},
		"cancel without an id":     {&smpp.CancelSM{Source: source, Dest: later.Dest}, smpp.RCANCELFAIL},
		"replace":                  {&smpp.ReplaceSM{MessageID: id, Source: source}, smpp.RREPLACEFAIL},
		"a list":                   {&smpp.SubmitMulti{SM: later, Dests: []smpp.Dest{{List: "all"}}}, smpp.RINVDLNAME},
		"no number":                {&smpp.SubmitSM{SM: message("33", "Bonjour")}, smpp.RINVDSTADR},
		"no text":                  {&smpp.SubmitSM{SM: message("+33639980321", "")}, smpp.RINVMSGLEN},
		"a sender of 12 letters":   {&smpp.SubmitSM{SM: smpp.SM{Source: smpp.Address{TON: 5, Addr: "DouzeLettres"}, Dest: later.Dest, Text: []byte("a")}}, smpp.RINVSRCADR},
		"an alphabet of elsewhere": {&smpp.SubmitSM{SM: smpp.SM{Source: source, Dest: later.Dest, DataCoding: 6, Text: []byte("a")}}, smpp.RINVDCS},
	} {
		if got := ask(tc.body); got.Status != tc.want {
			t.Errorf("%s: %s, want %s", name, got.Status, tc.want)
		}
	}
	if got := ask(&smpp.CancelSM{MessageID: id, Source: source, Dest: later.Dest}); got.Status != smpp.OK {
		t.Errorf("cancel_sm: %s", got.Status)
	}
	if got := ask(&smpp.QuerySM{MessageID: id, Source: source}); got.Body.(*smpp.QuerySMResp).State != smpp.Deleted {
		t.Errorf("after cancel_sm: %+v", got.Body)
	}
	many := ask(&smpp.SubmitMulti{SM: message("", "Bonjour"), Dests: []smpp.Dest{
		{Address: smpp.Address{TON: 1, NPI: 1, Addr: "33639980322"}}, {Address: smpp.Address{TON: 1, NPI: 1, Addr: "1"}},
	}})
	answer, ok := many.Body.(*smpp.SubmitMultiResp)
	if !ok || many.Status != smpp.OK || len(answer.Failed) != 1 || answer.Failed[0].Status != smpp.RINVDSTADR || answer.Failed[0].Address.Addr != "1" {
		t.Errorf("submit_multi: %s, %+v", many.Status, many.Body)
	}
	data := ask(&smpp.DataSM{Source: source, Dest: smpp.Address{TON: 1, NPI: 1, Addr: "33639980323"}, TLVs: smpp.TLVs{{Tag: smpp.TagMessagePayload, Value: []byte("Bonjour")}}})
	if got, ok := data.Body.(*smpp.DataSMResp); !ok || data.Status != smpp.OK || got.MessageID == "" {
		t.Errorf("data_sm: %s, %+v", data.Status, data.Body)
	}
	for _, to := range []string{"+33639980322", "+33639980323"} {
		await(t, "the text of "+to, patience, func() bool { return len(w.sandbox.Handset(to)) == 1 })
	}
	await(t, "the receipt of submit_multi", patience, func() bool {
		for _, told := range e.received() {
			if receipt, _ := told.Receipt(); receipt.ID == answer.MessageID && told.Source.Addr == "33639980322" {
				return true
			}
		}
		return false
	})
}

// TestRepeatsAtTheSMPPDoor sends the same message again: by a key of the client's, and by what it says.
func TestRepeatsAtTheSMPPDoor(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, "[smpp.kannel1]\npassword = \"secret08\"\naccount = \"sandbox\"\nkey_tlv = 5120\nrepeats_within = \"5m\"\n")
	e := bindAs(t, w.smppAddress(t), smpp.CommandBindTransmitter, "kannel1", "secret08")
	plain := message("+33639980330", "Bonjour")
	if first, again := e.submit(t, plain), e.submit(t, plain); first != again {
		t.Errorf("the same message got %q and %q", first, again)
	}
	keyed := func(key, text string) string {
		m := message("+33639980331", text)
		m.TLVs = smpp.TLVs{{Tag: 0x1400, Value: []byte(key)}}
		return e.submit(t, m)
	}
	if first, again, other := keyed("1", "Code 1"), keyed("1", "Code 1"), keyed("2", "Code 1"); first != again || first == other {
		t.Errorf("keys 1, 1 and 2 got %q, %q and %q", first, again, other)
	}
}
