package sandbox

import (
	"context"
	"encoding/hex"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/gsm"
	"relais/sandbox/smsc"
	"relais/sandbox/world"
	"relais/smpp"
)

// esme is a client of the simulated SMSC that takes whatever is delivered.
type esme struct {
	conn *smpp.Conn

	mu   sync.Mutex
	got  []smpp.SM
	full int // deliveries that it refuses
	news chan struct{}
}

// bindTo opens a session of a kind.
func bindTo(t *testing.T, s *Server, kind smpp.Command) *esme {
	t.Helper()
	nc, err := dialer.DialContext(t.Context(), "tcp", s.SMSC().Address())
	if err != nil {
		t.Fatal(err)
	}
	e := &esme{news: make(chan struct{}, 1000)}
	e.conn = smpp.NewConn(nc, smpp.Options{Role: smpp.ESME, Handle: e.take})
	var serving sync.WaitGroup
	serving.Go(func() { _ = e.conn.Serve(context.WithoutCancel(t.Context())) })
	t.Cleanup(func() {
		e.conn.Close()
		serving.Wait()
	})
	bind := &smpp.Bind{Kind: kind, SystemID: smsc.SystemID, Password: smsc.Password, InterfaceVersion: 0x34}
	if _, err := e.conn.Bind(t.Context(), bind); err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *esme) take(_ context.Context, r *smpp.Received) {
	status := smpp.OK
	if d, ok := r.Body.(*smpp.DeliverSM); ok {
		e.mu.Lock()
		e.got = append(e.got, d.SM)
		if e.full > 0 {
			e.full--
			status = smpp.RXTAPPN
		}
		e.mu.Unlock()
		e.news <- struct{}{}
	}
	_ = r.Respond(status, nil) // an ESME that is gone hears nothing
}

// next waits for the delivery of an index.
func (e *esme) next(t *testing.T, index int) smpp.SM {
	t.Helper()
	for {
		e.mu.Lock()
		if len(e.got) > index {
			sm := e.got[index]
			e.mu.Unlock()
			return sm
		}
		e.mu.Unlock()
		select {
		case <-e.news:
		case <-time.After(time.Minute):
			t.Fatalf("no delivery %d within a minute", index)
		}
	}
}

// text is a submit_sm of a text in the default alphabet that asks for a receipt.
func text(to, text string) smpp.SM {
	septets, err := gsm.Encode(text)
	if err != nil {
		panic(err)
	}
	return smpp.SM{
		Source: smpp.Address{TON: 5, Addr: "Mairie"}, Dest: smpp.Address{TON: 1, NPI: 1, Addr: to},
		RegisteredDelivery: 1, Text: septets,
	}
}

func (e *esme) submit(t *testing.T, sm smpp.SM) (id string, status smpp.Status) {
	t.Helper()
	answer, known, err := e.conn.Request(t.Context(), &smpp.SubmitSM{SM: sm}, nil)
	if err != nil || known != smpp.Answered {
		t.Fatalf("submit_sm: %s, %v", known, err)
	}
	if resp, ok := answer.Body.(*smpp.SubmitSMResp); ok {
		id = resp.MessageID
	}
	return id, answer.Status
}

var dialer net.Dialer

// The texts show a wrong alphabet at once: other octets in each.
const telling = "@£$_é€[Ç"

func TestSMSCHandsetsReadEveryAlphabet(t *testing.T) {
	unit := func(hexadecimal string) []byte {
		octets, err := hex.DecodeString(hexadecimal)
		if err != nil {
			t.Fatal(err)
		}
		return octets
	}
	septets, err := gsm.Encode(telling)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("abcdefghij", 16) // needs two parts
	for _, tc := range []struct {
		name     string
		settings smsc.Settings
		parts    []smpp.SM
		want     world.Text
	}{
		{"GSM", smsc.Settings{}, []smpp.SM{{Text: septets}}, world.Text{Text: telling}},
		{"GSM by F1", smsc.Settings{Alphabet: "ascii"}, []smpp.SM{{Text: septets, DataCoding: 0xF1}}, world.Text{Text: telling}},
		{
			"GSM, packed",
			smsc.Settings{Alphabet: "gsm7_packed"},
			[]smpp.SM{{Text: gsm.Pack7(septets, 0)}},
			world.Text{Text: telling},
		},
		{"UCS-2", smsc.Settings{}, []smpp.SM{{Text: gsm.EncodeUCS2("œ🎉"), DataCoding: 8}}, world.Text{Text: "œ🎉"}},
		{"Latin-1", smsc.Settings{}, []smpp.SM{{Text: unit("e9e0"), DataCoding: 3}}, world.Text{Text: "éà"}},
		{"Latin-1 as the default", smsc.Settings{Alphabet: "latin1"}, []smpp.SM{{Text: unit("e9e0")}}, world.Text{Text: "éà"}},
		{"empty", smsc.Settings{}, []smpp.SM{{}}, world.Text{}},
		{"flash by F0", smsc.Settings{}, []smpp.SM{{Text: septets, DataCoding: 0xF0}}, world.Text{Kind: "flash", Text: telling}},
		{"flash in UCS-2", smsc.Settings{}, []smpp.SM{{Text: gsm.EncodeUCS2("œ"), DataCoding: 0x18}}, world.Text{Kind: "flash", Text: "œ"}},
		{
			"flash by subunit",
			smsc.Settings{},
			[]smpp.SM{{Text: septets, TLVs: smpp.TLVs{smpp.NumberTLV(smpp.TagDestAddrSubunit, 1, 1)}}},
			world.Text{Kind: "flash", Text: telling},
		},
		{
			"binary with a header",
			smsc.Settings{},
			[]smpp.SM{{Text: unit("0605040b8423f0dc0601"), DataCoding: 0xF5, ESMClass: smpp.ESMHeader}},
			world.Text{Kind: "binary", Data: "dc0601", UDH: "0605040b8423f0"},
		},
		{
			"payload",
			smsc.Settings{},
			[]smpp.SM{{TLVs: smpp.TLVs{{Tag: smpp.TagMessagePayload, Value: []byte(strings.Repeat(long, 4))}}}},
			world.Text{Text: strings.Repeat(long, 4)},
		},
		{
			"parts with headers, out of order, one of them twice",
			smsc.Settings{},
			[]smpp.SM{
				{Text: append(unit("050003070201"), long[:153]...), ESMClass: smpp.ESMHeader},
				{Text: append(unit("050003070201"), long[:153]...), ESMClass: smpp.ESMHeader},
				{Text: append(unit("050003070202"), long[153:]...), ESMClass: smpp.ESMHeader},
			},
			world.Text{Text: long},
		},
		{
			"parts with SAR, the last first",
			smsc.Settings{},
			[]smpp.SM{
				{Text: []byte(long[153:]), TLVs: smpp.Concat{Ref: 300, Total: 2, Seq: 2}.SAR()},
				{Text: []byte(long[:153]), TLVs: smpp.Concat{Ref: 300, Total: 2, Seq: 1}.SAR()},
			},
			world.Text{Text: long},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := start(t, Options{})
			if err := s.SMSC().Set(tc.settings); err != nil {
				t.Fatal(err)
			}
			e := bindTo(t, s, smpp.CommandBindTransmitter)
			for _, sm := range tc.parts {
				sm.Source, sm.Dest = smpp.Address{TON: 5, Addr: "Mairie"}, smpp.Address{TON: 1, NPI: 1, Addr: "33639980001"}
				if id, status := e.submit(t, sm); status != smpp.OK || id == "" {
					t.Fatalf("answered %s with the id %q", status, id)
				}
			}
			got := s.Handset("+33639980001")
			if len(got) != 1 {
				t.Fatalf("%d texts on the handset, want one: %+v", len(got), got)
			}
			tc.want.From, tc.want.Operator = "Mairie", world.SMSC
			tc.want.OperatorID, tc.want.At = got[0].OperatorID, got[0].At
			if diff := cmp.Diff(tc.want, got[0]); diff != "" {
				t.Errorf("on the handset (-want +got):\n%s", diff)
			}
			if n := len(s.SMSC().Taken()); n != len(tc.parts) {
				t.Errorf("%d PDUs in the ledger, want %d", n, len(tc.parts))
			}
		})
	}
}

// TestSMSCReceipts: each dialect and each form of ids says the same to who can read it.
func TestSMSCReceipts(t *testing.T) {
	rules := map[string]smpp.IDRule{
		"hex_dec": {Base: smpp.HexDec}, "dec_hex": {Base: smpp.DecHex}, "fold": {Fold: true},
		"zeros": {TrimZeros: true}, "short": {Fold: true, TrimZeros: true},
	}
	for _, dialect := range smsc.Dialects() {
		for _, ids := range smsc.IDForms() {
			if dialect != "full" && ids != "same" {
				continue
			}
			t.Run(dialect+" "+ids, func(t *testing.T) {
				s := start(t, Options{})
				if err := s.SMSC().Set(smsc.Settings{Dialect: dialect, IDs: ids}); err != nil {
					t.Fatal(err)
				}
				e := bindTo(t, s, smpp.CommandBindTransceiver)
				id, _ := e.submit(t, text("33639980001", "Bonjour"))
				told := e.next(t, 0)
				r, ok := told.Receipt()
				if !ok || r.State != smpp.Delivered || rules[ids].Receipted(r.ID) != rules[ids].Answered(id) {
					t.Errorf("told %+v (%t) of the id %s", r, ok, id)
				}
				if told.Source.Addr != "33639980001" || told.Dest.Addr != "Mairie" {
					t.Errorf("from %s to %s", told.Source.Addr, told.Dest.Addr)
				}
				if got := told.IsReceipt(); got != (dialect != "unmarked") {
					t.Errorf("marked as a receipt: %t", got)
				}
				quiet(t, s)
			})
		}
	}
}

func TestSMSCFates(t *testing.T) {
	s := start(t, Options{FateDelay: 10 * time.Millisecond})
	e := bindTo(t, s, smpp.CommandBindTransceiver)
	for i, tc := range []struct {
		to    string
		state smpp.MessageState
		code  string
		texts int
	}{
		{"33639980001", smpp.Delivered, "000", 1},
		{"33639980050", smpp.Undeliverable, "003", 0},
		{"33639980055", smpp.Undeliverable, "009", 0},
		{"33639980070", smpp.Delivered, "000", 1},
		{"33639980075", smpp.Delivered, "000", 1},
		{"33639980080", smpp.Rejected, "008", 0},
		{"33639980085", smpp.Expired, "000", 0},
		{"33639980090", smpp.Undeliverable, "002", 0},
	} {
		e.submit(t, text(tc.to, "a"))
		sm := e.next(t, i)
		r, _ := sm.Receipt()
		if r.State != tc.state || r.Err != tc.code || len(s.Handset("+"+tc.to)) != tc.texts {
			t.Errorf("%s: %s %s with %d texts, want %s %s and %d", tc.to, r.State.Word(), r.Err, len(s.Handset("+"+tc.to)),
				tc.state.Word(), tc.code, tc.texts)
		}
	}
	e.submit(t, text("33639980060", "a")) // no receipt ever
	quiet(t, s)
	if s.Stats().SMSC.Pushed != 8 {
		t.Errorf("%d deliveries, want 8", s.Stats().SMSC.Pushed)
	}
}

// TestSMSCFaults: what each order does to the answer, and whether the message was taken.
func TestSMSCFaults(t *testing.T) {
	for _, tc := range []struct {
		kind   string
		known  smpp.Delivery
		status smpp.Status
		taken  int
	}{
		{world.FaultThrottle, smpp.Answered, smpp.RTHROTTLED, 0},
		{world.FaultQueueFull, smpp.Answered, smpp.RMSGQFUL, 0},
		{world.FaultSystemError, smpp.Answered, smpp.RSYSERR, 0},
		{world.FaultNack, smpp.Answered, smpp.RINVCMDLEN, 0},
		{world.FaultResetBefore, smpp.Written, 0, 0},
		{world.FaultResetAfterAccept, smpp.Written, 0, 1},
		{world.FaultTimeoutAfterAccept, smpp.Written, 0, 1},
		{world.FaultSlow, smpp.Answered, smpp.OK, 1},
		{world.FaultStopReading, smpp.Answered, smpp.OK, 1},
		{world.FaultCut, smpp.Written, 0, 1},
		{world.FaultNackZero, smpp.Written, 0, 1},
		{world.FaultWrongSequence, smpp.Written, 0, 1},
		{world.FaultWrongType, smpp.Written, 0, 1},
		{world.FaultDoubleAnswer, smpp.Answered, smpp.OK, 1},
		{world.FaultEmptyID, smpp.Answered, smpp.OK, 1},
		{world.FaultNoBody, smpp.Answered, smpp.OK, 1},
		{world.FaultUnbind, smpp.Answered, smpp.OK, 1},
	} {
		t.Run(tc.kind, func(t *testing.T) {
			s := start(t, Options{})
			e := bindTo(t, s, smpp.CommandBindTransmitter)
			if err := s.SetFault(world.Fault{Operator: world.SMSC, Kind: tc.kind, DelayMS: 20}); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			asWanted := func() bool {
				return len(s.SMSC().Taken()) == tc.taken && s.Stats().SMSC.Faults == 1 && len(s.Faults()) == 0
			}
			if tc.kind == world.FaultTimeoutAfterAccept || tc.kind == world.FaultWrongSequence { // nothing ends the request
				go func() {
					defer cancel()
					tick := time.NewTicker(5 * time.Millisecond)
					defer tick.Stop()
					for !asWanted() && ctx.Err() == nil {
						<-tick.C
					}
				}()
			}
			sm := text("33639980001", "a")
			answer, known, err := e.conn.Request(ctx, &smpp.SubmitSM{SM: sm}, nil)
			if known != tc.known || known == smpp.Answered && answer.Status != tc.status {
				t.Errorf("%s, answered %s, %v; want %s and %s", known, answer.Status, err, tc.known, tc.status)
			}
			if n := len(s.SMSC().Taken()); n != tc.taken {
				t.Errorf("%d taken, want %d", n, tc.taken)
			}
			if s.Stats().SMSC.Faults != 1 || len(s.Faults()) != 0 {
				t.Errorf("stats %+v, orders left %+v", s.Stats().SMSC, s.Faults())
			}
		})
	}
}

// TestSMSCFaultsOfReceipts: how many come, and when.
func TestSMSCFaultsOfReceipts(t *testing.T) {
	for _, tc := range []struct {
		kind   string
		states []smpp.MessageState
		other  bool // by the bind that did not submit
	}{
		{world.FaultNoReceipt, nil, false},
		{world.FaultLateReceipt, []smpp.MessageState{smpp.Delivered}, false},
		{world.FaultDuplicateReceipt, []smpp.MessageState{smpp.Delivered, smpp.Delivered, smpp.Delivered}, false},
		{world.FaultReorderedReceipt, []smpp.MessageState{smpp.Delivered, smpp.EnRoute}, false},
		{world.FaultReceiptBeforeAnswer, []smpp.MessageState{smpp.Delivered}, false},
		{world.FaultReceiptElsewhere, []smpp.MessageState{smpp.Delivered}, true},
	} {
		t.Run(tc.kind, func(t *testing.T) {
			s := start(t, Options{})
			e, other := bindTo(t, s, smpp.CommandBindTransceiver), bindTo(t, s, smpp.CommandBindTransceiver)
			if err := s.SetFault(world.Fault{Operator: world.SMSC, Kind: tc.kind, DelayMS: 20}); err != nil {
				t.Fatal(err)
			}
			id, _ := e.submit(t, text("33639980001", "a"))
			by := e
			if tc.other {
				by = other
			}
			if tc.kind == world.FaultReceiptBeforeAnswer && len(by.got) != 1 {
				t.Errorf("%d receipts came before the answer", len(by.got))
			}
			for i, state := range tc.states {
				sm := by.next(t, i)
				if r, _ := sm.Receipt(); r.State != state || r.ID != id {
					t.Errorf("told %+v, want %s of %s", r, state.Word(), id)
				}
			}
			quiet(t, s)
			if n := s.Stats().SMSC.Acknowledged; n != int64(len(tc.states)) {
				t.Errorf("%d receipts acknowledged, want %d", n, len(tc.states))
			}
		})
	}
}

// TestSMSCTellsAnOlderStateAfterTheEnd: also where the end must be told twice.
func TestSMSCTellsAnOlderStateAfterTheEnd(t *testing.T) {
	s := start(t, Options{})
	e := bindTo(t, s, smpp.CommandBindTransceiver)
	e.full = 1
	if err := s.SetFault(world.Fault{Operator: world.SMSC, Kind: world.FaultReorderedReceipt}); err != nil {
		t.Fatal(err)
	}
	e.submit(t, text("33639980001", "a"))
	for i, state := range []smpp.MessageState{smpp.Delivered, smpp.Delivered, smpp.EnRoute} {
		sm := e.next(t, i)
		if r, _ := sm.Receipt(); r.State != state {
			t.Errorf("delivery %d tells %s, want %s", i, r.State.Word(), state.Word())
		}
	}
	quiet(t, s)
}

// TestSMSCKeepsWhatNobodyTakes: receipts and replies wait for a bind, a long reply in parts.
func TestSMSCKeepsWhatNobodyTakes(t *testing.T) {
	s := start(t, Options{})
	sender := bindTo(t, s, smpp.CommandBindTransmitter)
	sender.submit(t, text("33639980001", "a"))
	answer := strings.Repeat("Réponse à œ ", 20)
	if err := s.Reply("+33639980001", "", answer); err != nil {
		t.Fatal(err)
	}
	if s.SMSC().Idle() {
		t.Error("nothing waits")
	}
	e := bindTo(t, s, smpp.CommandBindReceiver)
	quiet(t, s)
	parts, receipts := map[byte]string{}, 0
	for i := range len(e.got) {
		sm := e.next(t, i)
		if sm.IsReceipt() {
			receipts++
			continue
		}
		content := sm.Content()
		said, err := smpp.UCS2.Decode(content.Text, content.HeaderLength)
		if err != nil || sm.DataCoding != 8 {
			t.Errorf("data coding %d, %v", sm.DataCoding, err)
		}
		parts[content.Concat.Seq] = said
	}
	said := ""
	for seq := byte(1); parts[seq] != ""; seq++ {
		said += parts[seq]
	}
	if said != answer || receipts != 1 {
		t.Errorf("said %q with %d receipts, want %q and one", said, receipts, answer)
	}
}

// TestSMSCBinds: who may not in, and an outage.
func TestSMSCBinds(t *testing.T) {
	s := start(t, Options{})
	try := func(password string) (smpp.Status, error) {
		nc, err := dialer.DialContext(t.Context(), "tcp", s.SMSC().Address())
		if err != nil {
			return 0, err
		}
		conn := smpp.NewConn(nc, smpp.Options{Role: smpp.ESME, Handle: func(context.Context, *smpp.Received) {}})
		var serving sync.WaitGroup
		serving.Go(func() { _ = conn.Serve(t.Context()) })
		defer serving.Wait()
		defer conn.Close()
		_, err = conn.Bind(t.Context(), &smpp.Bind{
			Kind: smpp.CommandBindTransceiver, SystemID: smsc.SystemID, Password: password, InterfaceVersion: 0x34,
		})
		if refused, ok := errors.AsType[*smpp.StatusError](err); ok {
			return refused.Status, nil
		}
		return smpp.OK, err
	}
	for _, tc := range []struct {
		name, password, fault string
		want                  smpp.Status
	}{
		{"right", smsc.Password, "", smpp.OK},
		{"wrong password", "secret09", "", smpp.RBINDFAIL},
		{"refused as ordered", smsc.Password, world.FaultBindRefused, smpp.RBINDFAIL},
		{"an old session lingers", smsc.Password, world.FaultAlreadyBound, smpp.RALYBND},
	} {
		if tc.fault != "" {
			if err := s.SetFault(world.Fault{Operator: world.SMSC, Kind: tc.fault}); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := try(tc.password); got != tc.want || err != nil {
			t.Errorf("%s: %s, %v; want %s", tc.name, got, err, tc.want)
		}
	}
	e := bindTo(t, s, smpp.CommandBindTransceiver)
	if err := s.SetFault(world.Fault{Operator: world.SMSC, Kind: world.FaultRefuseConnection, DelayMS: 50}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-e.conn.Done():
	case <-time.After(time.Minute):
		t.Error("the session outlives the outage")
	}
	deadline, again := time.Now().Add(time.Minute), time.NewTicker(10*time.Millisecond)
	defer again.Stop()
	for {
		if _, err := try(smsc.Password); err == nil {
			return
		} else if time.Now().After(deadline) {
			t.Fatalf("no bind within a minute after the outage: %v", err)
		}
		<-again.C
	}
}

// TestSMSCRefuses: what no SMSC may take is refused with the status that says why.
func TestSMSCRefuses(t *testing.T) {
	s := start(t, Options{})
	e := bindTo(t, s, smpp.CommandBindTransceiver)
	for _, tc := range []struct {
		name   string
		change func(sm *smpp.SM)
		want   smpp.Status
	}{
		{"no sender", func(sm *smpp.SM) { sm.Source.Addr = "" }, smpp.RINVSRCADR},
		{"no number", func(sm *smpp.SM) { sm.Dest.Addr = "" }, smpp.RINVDSTADR},
		{"a national number", func(sm *smpp.SM) { sm.Dest.Addr = "0639980001" }, smpp.RINVDSTADR},
		{"text and payload", func(sm *smpp.SM) {
			sm.TLVs = smpp.TLVs{{Tag: smpp.TagMessagePayload, Value: []byte("a")}}
		}, smpp.RINVMSGLEN},
		{"replace if present", func(sm *smpp.SM) { sm.ReplaceIfPresent = 1 }, smpp.RINVREPFLAG},
		{"a validity that is no time", func(sm *smpp.SM) { sm.Validity = "tomorrow, at 9!" + "R" }, smpp.RINVEXPIRY},
	} {
		sm := text("33639980001", "a")
		tc.change(&sm)
		if _, status := e.submit(t, sm); status != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, status, tc.want)
		}
	}
	if err := s.SMSC().Set(smsc.Settings{Rate: 1}); err != nil {
		t.Fatal(err)
	}
	s.SetClock(time.Now().Truncate(time.Hour)) // two in one second
	e.submit(t, text("33639980001", "a"))
	if _, status := e.submit(t, text("33639980001", "b")); status != smpp.RTHROTTLED {
		t.Errorf("beyond the rate: %s", status)
	}
	if len(s.SMSC().Taken()) != 1 || s.Stats().SMSC.OverRate != 1 {
		t.Errorf("%d taken, stats %+v", len(s.SMSC().Taken()), s.Stats().SMSC)
	}
}

func TestSMSCControlRoutes(t *testing.T) {
	s := start(t, Options{})
	if got := control(t, s, "PUT", "/smsc", `{"dialect":"short","ids":"hex_dec"}`); got.status != 200 ||
		!strings.Contains(got.body, `"dialect": "short"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := control(t, s, "PUT", "/smsc", `{"dialect":"klingon"}`); got.status != 422 || !strings.Contains(got.body, `"appendix"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := control(t, s, "PUT", "/faults", `{"operator":"smsc","kind":"http_500"}`); got.status != 422 ||
		!strings.Contains(got.body, world.FaultNackZero) {
		t.Errorf("%d %s", got.status, got.body)
	}
	bindTo(t, s, smpp.CommandBindTransmitter).submit(t, text("33639980001", "a"))
	if got := control(t, s, "GET", "/smsc/taken", ""); !strings.Contains(got.body, `"octets": "61"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := s.Help().Credentials; got["smsc_address"] != s.SMSC().Address() {
		t.Errorf("credentials %v", got)
	}
}
