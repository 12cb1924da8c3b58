package smpp_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"relais/smpp"
)

// full are bodies with every field set, of every command that has fields.
var full = []smpp.Body{
	&smpp.Bind{
		Kind: smpp.CommandBindReceiver, SystemID: "system", Password: "password", SystemType: "type",
		InterfaceVersion: 0x50, AddrTON: 1, AddrNPI: 2, AddressRange: "^336",
	},
	&smpp.BindResp{Kind: smpp.CommandBindTransmitter, SystemID: "smsc", TLVs: someTLVs},
	&smpp.Outbind{SystemID: "smsc", Password: "password"},
	&smpp.SubmitSM{SM: someSM},
	&smpp.SubmitSMResp{MessageID: "id", TLVs: someTLVs},
	&smpp.DeliverSM{SM: someSM},
	&smpp.DeliverSMResp{MessageID: "id", TLVs: someTLVs},
	&smpp.DataSM{
		ServiceType: "CMT", Source: someAddress, Dest: someAddress, ESMClass: 4, RegisteredDelivery: 1,
		DataCoding: 8, TLVs: someTLVs,
	},
	&smpp.DataSMResp{MessageID: "id", TLVs: someTLVs},
	&smpp.SubmitMulti{
		SM:    smpp.SM{ServiceType: "CMT", Source: someAddress, DataCoding: 3, Text: []byte("text"), TLVs: someTLVs},
		Dests: []smpp.Dest{{Address: someAddress}, {List: "everybody"}},
	},
	&smpp.SubmitMultiResp{
		MessageID: "id", Failed: []smpp.FailedDest{{Address: someAddress, Status: smpp.RINVDSTADR}}, TLVs: someTLVs,
	},
	&smpp.QuerySM{MessageID: "id", Source: someAddress},
	&smpp.QuerySMResp{MessageID: "id", FinalDate: "261130120000000+", State: smpp.Delivered, ErrorCode: 3},
	&smpp.CancelSM{ServiceType: "CMT", MessageID: "id", Source: someAddress, Dest: someAddress},
	&smpp.ReplaceSM{
		MessageID: "id", Source: someAddress, Schedule: "261130120000000+", Validity: "000000020000000R",
		RegisteredDelivery: 1, DefaultMessageID: 2, Text: []byte("text"),
	},
	&smpp.AlertNotification{Source: someAddress, ESME: someAddress, TLVs: someTLVs},
	&smpp.Unknown{ID: 0x42, Octets: []byte("octets")},
}

var (
	someAddress = smpp.Address{TON: 1, NPI: 1, Addr: "33639980001"}
	// in no order of tags, with a repeat and one without octets.
	someTLVs = smpp.TLVs{
		{Tag: 0x1400, Value: []byte{1}},
		{Tag: 0x0381, Value: []byte("one")},
		{Tag: 0x0381, Value: []byte("two")},
		{Tag: 0x130C, Value: []byte{}},
	}
	someSM = smpp.SM{
		ServiceType: "CMT", Source: smpp.Address{TON: 5, Addr: "Mairie"}, Dest: someAddress, ESMClass: 3,
		ProtocolID: 1, Priority: 2, Schedule: "261130120000000+", Validity: "000000020000000R",
		RegisteredDelivery: 1, ReplaceIfPresent: 1, DataCoding: 8, DefaultMessageID: 1,
		Text: []byte("text"), TLVs: someTLVs,
	}
)

func TestEveryFieldIsReadAsItWasWritten(t *testing.T) {
	for _, body := range full {
		t.Run(body.Command().String(), func(t *testing.T) {
			want := smpp.PDU{Sequence: 9, Body: body}
			octets, err := smpp.Append(nil, want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := smpp.NewReader(iotest.OneByteReader(bytes.NewReader(octets))).Next()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A cut at any octet costs no more than an error, and that a plain one.
func TestCutPDUs(t *testing.T) {
	for _, body := range full {
		octets, err := smpp.Append(nil, smpp.PDU{Body: body})
		if err != nil {
			t.Fatal(err)
		}
		for length := 16; length < len(octets); length++ {
			cut := bytes.Clone(octets[:length])
			binary.BigEndian.PutUint32(cut, uint32(length))
			p, err := smpp.NewReader(bytes.NewReader(cut)).Next()
			var broken *smpp.BodyError
			if err != nil && !errors.As(err, &broken) {
				t.Fatalf("%s cut at %d: %v", body.Command(), length, err)
			}
			if broken != nil && (broken.Command != body.Command() || broken.Status == smpp.OK || p.Body == nil) {
				t.Errorf("%s cut at %d: %+v", body.Command(), length, broken)
			}
		}
	}
}

func TestLimitsOfFields(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	sm := func(set func(*smpp.SM)) smpp.Body {
		m := someSM
		set(&m)
		return &smpp.SubmitSM{SM: m}
	}
	tests := []struct {
		name      string
		body      smpp.Body
		wantField string
		want      smpp.Status
	}{
		{"longest system_id", &smpp.Bind{Kind: smpp.CommandBindReceiver, SystemID: long(15)}, "", 0},
		{"system_id", &smpp.Bind{Kind: smpp.CommandBindReceiver, SystemID: long(16)}, "system_id", smpp.RINVSYSID},
		{"password", &smpp.Bind{Kind: smpp.CommandBindReceiver, Password: long(9)}, "password", smpp.RINVPASWD},
		{"longest text", sm(func(m *smpp.SM) { m.Text = make([]byte, 254) }), "", 0},
		{"text", sm(func(m *smpp.SM) { m.Text = make([]byte, 255) }), "short_message", smpp.RINVMSGLEN},
		{"source", sm(func(m *smpp.SM) { m.Source.Addr = long(21) }), "source_addr", smpp.RINVSRCADR},
		{"destination", sm(func(m *smpp.SM) { m.Dest.Addr = long(21) }), "destination_addr", smpp.RINVDSTADR},
		{"NUL in an address", sm(func(m *smpp.SM) { m.Dest.Addr = "33\x006" }), "destination_addr", smpp.RINVDSTADR},
		{"service_type", sm(func(m *smpp.SM) { m.ServiceType = long(6) }), "service_type", smpp.RINVSERTYP},
		{"validity", sm(func(m *smpp.SM) { m.Validity = "2h" }), "validity_period", smpp.RINVEXPIRY},
		{"schedule", sm(func(m *smpp.SM) { m.Schedule = long(17) }), "schedule_delivery_time", smpp.RINVSCHED},
		{"message id", &smpp.SubmitSMResp{MessageID: long(65)}, "message_id", smpp.RINVMSGID},
		{"no destinations", &smpp.SubmitMulti{}, "number_of_dests", smpp.RINVNUMDESTS},
		{"destinations", &smpp.SubmitMulti{Dests: make([]smpp.Dest, 255)}, "number_of_dests", smpp.RINVNUMDESTS},
		{"long address of data_sm", &smpp.DataSM{Dest: smpp.Address{Addr: long(64)}}, "", 0},
		{"payload", sm(func(m *smpp.SM) { m.TLVs = smpp.TLVs{{Value: make([]byte, 65_536)}} }), "optional parameter", smpp.RINVPARLEN},
		{"all of it", sm(func(m *smpp.SM) {
			m.TLVs = smpp.TLVs{{Value: make([]byte, 65_535)}, {Value: make([]byte, 5_000)}}
		}), "command_length", smpp.RINVCMDLEN},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			octets, err := smpp.Append(nil, smpp.PDU{Body: test.body})
			got, _ := errors.AsType[*smpp.FieldError](err)
			if test.wantField == "" {
				if err != nil || len(octets) == 0 {
					t.Fatal(err)
				}
				return
			}
			if got == nil || got.Field != test.wantField || got.Status != test.want || len(octets) != 0 {
				t.Errorf("got %v and %d octets, want %s, %s and none", err, len(octets), test.wantField, test.want)
			}
			if checked := smpp.Check(test.body); test.want != smpp.RINVCMDLEN && (checked == nil || *checked != *got) {
				t.Errorf("Check says %v", checked)
			}
		})
	}
}

func TestBrokenBodies(t *testing.T) {
	submit := func(rest string) string { return "00" + "000000" + "010133330" + "0" + rest }
	tests := []struct {
		name    string
		command smpp.Command
		hex     string
		want    smpp.Status
	}{
		// jsmpp issues 16 and 214: the rest was shifted
		{"TLV cut short", smpp.CommandSubmitSM, submit("000000000000000000" + "0161" + "0424000561"), smpp.RINVOPTPARSTREAM},
		{"TLV without a length", smpp.CommandSubmitSM, submit("000000000000000000" + "0161" + "042400"), smpp.RINVOPTPARSTREAM},
		// cloudhopper issue 64: the text is longer than sm_length
		{"text behind its length", smpp.CommandSubmitSM, submit("000000000000000000" + "01" + "616263"), smpp.RINVOPTPARSTREAM},
		{"text shorter than its length", smpp.CommandSubmitSM, submit("000000000000000000" + "09" + "616263"), smpp.RINVMSGLEN},
		{"no end of a C-string", smpp.CommandSubmitSM, "414141", smpp.RINVCMDLEN},
		{"nothing", smpp.CommandSubmitSM, "", smpp.RINVCMDLEN},
		{"a third kind of destination", smpp.CommandSubmitMulti, "00" + "000000" + "0103", smpp.RINVDESTFLAG},
		{"an unnamed list", smpp.CommandSubmitMulti, "00" + "000000" + "010200", smpp.RINVDLNAME},
		{"255 destinations claimed", smpp.CommandSubmitMulti, "00" + "000000" + "ff0101013300", smpp.RINVCMDLEN},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			body := octetsOf(t, test.hex)
			octets := binary.BigEndian.AppendUint32(nil, uint32(16+len(body)))
			octets = binary.BigEndian.AppendUint32(octets, uint32(test.command))
			octets = append(append(octets, 0, 0, 0, 0, 0, 0, 0, 7), body...)
			next, err := smpp.Append(octets, smpp.PDU{Sequence: 8, Body: &smpp.EnquireLink{}})
			if err != nil {
				t.Fatal(err)
			}
			reader := smpp.NewReader(bytes.NewReader(next))
			_, err = reader.Next()
			broken, _ := errors.AsType[*smpp.BodyError](err)
			if broken == nil || broken.Status != test.want || broken.Sequence != 7 {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if p, err := reader.Next(); err != nil || p.Sequence != 8 {
				t.Errorf("the next PDU is lost: %+v, %v", p, err)
			}
		})
	}
}

// gosmpp issue 119, cloudhopper pull request 31: the session was closed.
func TestResponsesThatLackTheirBody(t *testing.T) {
	for _, body := range full {
		if !body.Command().IsResponse() || body.Command() == smpp.CommandSubmitMulti.Response() {
			continue
		}
		octets := binary.BigEndian.AppendUint32(nil, 16)
		octets = binary.BigEndian.AppendUint32(octets, uint32(body.Command()))
		octets = append(octets, 0, 0, 0, 0, 0, 0, 0, 7)
		p, err := smpp.NewReader(bytes.NewReader(octets)).Next()
		if err != nil || p.Body.Command() != body.Command() {
			t.Errorf("%s: %+v, %v", body.Command(), p, err)
		}
	}
}

func TestInfoOfARefusal(t *testing.T) {
	info := "001d000870617573652021" + "00"
	for name, tail := range map[string]string{"behind nothing": info, "behind an id": "414200" + info} {
		p := smpp.PDU{Status: smpp.RTHROTTLED, Body: &smpp.SubmitSMResp{}, Tail: octetsOf(t, tail)}
		if got := p.Info(); got != "pause !" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestFrames(t *testing.T) {
	tests := []struct {
		name string
		hex  string
		want error
	}{
		{"shorter than a header", "0000000f" + strings.Repeat("00", 12), &smpp.FrameError{Length: 15}},
		{"longer than any PDU", "00011171" + strings.Repeat("00", 12), &smpp.FrameError{Length: 70_001}},
		{"another protocol", "474554202f20485454502f312e310d0a", &smpp.FrameError{Length: 0x47455420}},
		{"an end in the header", "00000010", io.ErrUnexpectedEOF},
		{"an end in the body", "00000020" + strings.Repeat("00", 12), io.ErrUnexpectedEOF},
		{"an end between", "", io.EOF},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := smpp.NewReader(bytes.NewReader(octetsOf(t, test.hex))).Next()
			if diff := cmp.Diff(test.want.Error(), err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A deadline in the middle of a PDU loses nothing of it.
func TestReaderGoesOnAfterAnError(t *testing.T) {
	want, err := smpp.Append(nil, smpp.PDU{Sequence: 3, Body: full[3]})
	if err != nil {
		t.Fatal(err)
	}
	pause := errors.New("pause")
	reader := smpp.NewReader(io.MultiReader(
		bytes.NewReader(want[:5]), &failOnce{err: pause}, bytes.NewReader(want[5:40]), &failOnce{err: pause}, bytes.NewReader(want[40:]),
	))
	for range 2 {
		if _, err := reader.Next(); !errors.Is(err, pause) || !reader.Half() {
			t.Fatalf("got %v, half %t", err, reader.Half())
		}
	}
	p, err := reader.Next()
	if err != nil || reader.Half() {
		t.Fatal(err)
	}
	if diff := cmp.Diff(full[3], p.Body); diff != "" {
		t.Error(diff)
	}
}

type failOnce struct{ err error }

func (f *failOnce) Read([]byte) (int, error) {
	err := f.err
	f.err = io.EOF
	return 0, err
}

// A length is a claim: room is made for what arrives.
func TestNoRoomForWhatIsOnlyClaimed(t *testing.T) {
	claim := octetsOf(t, "000111700000000400000000"+"00000001")
	got := testing.AllocsPerRun(100, func() {
		if _, err := smpp.NewReader(bytes.NewReader(claim)).Next(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
	})
	if got > 5 {
		t.Errorf("%v allocations", got)
	}
	result := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = smpp.NewReader(bytes.NewReader(claim)).Next()
		}
	})
	if got := result.AllocedBytesPerOp(); got > 4096 {
		t.Errorf("%d octets for 16 that came", got)
	}
}

func TestLongPDUs(t *testing.T) {
	payload := bytes.Repeat([]byte("é"), 32_000)
	want := smpp.PDU{Sequence: 1, Body: &smpp.DataSM{TLVs: smpp.TLVs{{Tag: smpp.TagMessagePayload, Value: payload}}}}
	octets, err := smpp.Append(nil, want)
	if err != nil {
		t.Fatal(err)
	}
	short, err := smpp.Append(nil, smpp.PDU{Sequence: 2, Body: &smpp.EnquireLink{}})
	if err != nil {
		t.Fatal(err)
	}
	stream := bytes.Repeat(append(octets, short...), 3)
	reader := smpp.NewReader(iotest.HalfReader(bytes.NewReader(stream)))
	for range 3 {
		p, err := reader.Next()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, p); diff != "" {
			t.Fatal(diff)
		}
		if p, err := reader.Next(); err != nil || p.Sequence != 2 {
			t.Fatal(p, err)
		}
	}
}

func TestNames(t *testing.T) {
	for got, want := range map[string]string{
		smpp.CommandSubmitSM.String():            "submit_sm",
		smpp.CommandSubmitSM.Response().String(): "submit_sm_resp",
		smpp.CommandGenericNack.String():         "generic_nack",
		smpp.Command(0x111).String():             "command 0x00000111",
		smpp.RTHROTTLED.String():                 "ESME_RTHROTTLED",
		smpp.Status(0x401).String():              "0x00000401",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
