package smpp_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/smpp"
)

// vectors are whole PDUs, put together by hand from the layouts of 3.4, 4.
var vectors = []struct {
	name string
	hex  string
	want smpp.PDU
}{
	{
		name: "bind_transceiver",
		hex:  "0000002500000009000000000000000172656c616973007365637265743038000034000000",
		want: smpp.PDU{Sequence: 1, Body: &smpp.Bind{
			Kind: smpp.CommandBindTransceiver, SystemID: "relais", Password: "secret08", InterfaceVersion: 0x34,
		}},
	},
	{
		name: "its response with a version",
		hex:  "0000001a800000090000000000000001534d5343000210000134",
		want: smpp.PDU{Sequence: 1, Body: &smpp.BindResp{
			Kind: smpp.CommandBindTransceiver, SystemID: "SMSC",
			TLVs: smpp.TLVs{smpp.NumberTLV(smpp.TagSCInterfaceVersion, 1, 0x34)},
		}},
	},
	{
		name: "submit_sm with a header, a receipt and two hours",
		hex: "0000004f0000000400000000000000020005004d6169726965000101333336333939383030303100400000" +
			"003030303030303032303030303030305200010000000d0500032a0201426f6e6a6f7572",
		want: smpp.PDU{Sequence: 2, Body: &smpp.SubmitSM{SM: smpp.SM{
			Source:   smpp.Address{TON: 5, Addr: "Mairie"},
			Dest:     smpp.Address{TON: 1, NPI: 1, Addr: "33639980001"},
			ESMClass: smpp.ESMHeader, Validity: "000000020000000R", RegisteredDelivery: 1,
			Text: []byte("\x05\x00\x03\x2a\x02\x01Bonjour"),
		}}},
	},
	{
		name: "its response",
		hex:  "000000218000000400000000000000023831324643373437303030303030314200",
		want: smpp.PDU{Sequence: 2, Body: &smpp.SubmitSMResp{MessageID: "812FC7470000001B"}},
	},
	{
		name: "throttled",
		hex:  "00000010800000040000005800000003",
		want: smpp.PDU{Status: smpp.RTHROTTLED, Sequence: 3, Body: &smpp.SubmitSMResp{}},
	},
	{
		name: "generic_nack",
		hex:  "00000010800000000000000300000000",
		want: smpp.PDU{Status: smpp.RINVCMDID, Body: &smpp.GenericNack{}},
	},
	{
		name: "enquire_link",
		hex:  "00000010000000150000000000000007",
		want: smpp.PDU{Sequence: 7, Body: &smpp.EnquireLink{}},
	},
	{
		name: "a refusal with a body, which it should not have",
		hex:  "00000013800000040000000b00000003616200",
		want: smpp.PDU{Status: smpp.RINVDSTADR, Sequence: 3, Body: &smpp.SubmitSMResp{}, Tail: []byte("ab\x00")},
	},
	{
		name: "a status of nobody's",
		hex:  "0000001080000004deadbeefffffffff",
		want: smpp.PDU{Status: 0xDEADBEEF, Sequence: 0xFFFFFFFF, Body: &smpp.SubmitSMResp{}},
	},
	{
		name: "a command of 5.0",
		hex:  "00000012000001110000000000000004abcd",
		want: smpp.PDU{Sequence: 4, Body: &smpp.Unknown{ID: 0x111, Octets: []byte{0xAB, 0xCD}}},
	},
}

func octetsOf(t testing.TB, text string) []byte {
	t.Helper()
	octets, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

func TestVectors(t *testing.T) {
	for _, test := range vectors {
		t.Run(test.name, func(t *testing.T) {
			octets := octetsOf(t, test.hex)
			got, err := smpp.NewReader(bytes.NewReader(octets)).Next()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("read (-want +got):\n%s", diff)
			}
			written, err := smpp.Append([]byte("before"), test.want)
			if err != nil {
				t.Fatal(err)
			}
			if want := append([]byte("before"), octets...); !bytes.Equal(written, want) {
				t.Errorf("wrote %x, want %x", written, want)
			}
		})
	}
}
