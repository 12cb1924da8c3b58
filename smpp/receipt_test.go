package smpp_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/smpp"
)

// receipts are the forms of reference works and of other programs' issues.
var receipts = []struct {
	name string
	text string
	want smpp.Receipt
	ok   bool
}{
	{
		"3.4, appendix B", "id:0123456789 sub:001 dlvrd:001 submit date:2611301200 done date:2611301201 stat:DELIVRD err:000 text:Bonjour",
		smpp.Receipt{
			ID: "0123456789", Sub: "001", Dlvrd: "001", SubmitDate: "2611301200", DoneDate: "2611301201",
			Stat: "DELIVRD", Err: "000", Text: "Bonjour", State: smpp.Delivered, HasState: true,
		},
		true,
	},
	{
		"capitals", "ID:1 Sub:001 Dlvrd:001 Submit Date:2611301200 Done Date:2611301201 Stat:UNDELIV Err:21b Text: Bonjour à tous",
		smpp.Receipt{
			ID: "1", Sub: "001", Dlvrd: "001", SubmitDate: "2611301200", DoneDate: "2611301201",
			Stat: "UNDELIV", Err: "21b", Text: "Bonjour à tous", State: smpp.Undeliverable, HasState: true,
		},
		true,
	},
	{
		"jsmpp issue 62: no sub, no dlvrd", "id:1 submit date:2611301200 done date:2611301201 stat:EXPIRED err:0",
		smpp.Receipt{
			ID: "1", SubmitDate: "2611301200", DoneDate: "2611301201", Stat: "EXPIRED", Err: "0",
			State: smpp.Expired, HasState: true,
		},
		true,
	},
	{
		"another order, another field", "stat:REJECTD reason:7 err:008 id:1",
		smpp.Receipt{ID: "1", Stat: "REJECTD", Err: "008", State: smpp.Rejected, HasState: true},
		true,
	},
	{
		"smppex issue 46: a time of SMPP", "id:1 submit date:180711070003912+ done date:180711070005112+ stat:DELIVRD",
		smpp.Receipt{
			ID: "1", SubmitDate: "180711070003912+", DoneDate: "180711070005112+", Stat: "DELIVRD",
			State: smpp.Delivered, HasState: true,
		},
		true,
	},
	{
		"a blank before the value, another at the end", "id:1 stat:DELIVRD err: 000 text:\r\n\x00",
		smpp.Receipt{ID: "1", Stat: "DELIVRD", Err: "000", State: smpp.Delivered, HasState: true},
		true,
	},
	{
		"an empty value", "id:1 err: stat:DELIVRD sub: text:",
		smpp.Receipt{ID: "1", Stat: "DELIVRD", State: smpp.Delivered, HasState: true},
		true,
	},
	{
		"jasmin issues 916, 535: dashes, letters", "id:3f0c8f4e-7a52-4d67-9df2-1f7ab8a0d111 stat:acceptd",
		smpp.Receipt{ID: "3f0c8f4e-7a52-4d67-9df2-1f7ab8a0d111", Stat: "acceptd", State: smpp.Accepted, HasState: true},
		true,
	},
	{
		"jasmin issue 418: letters in front", "id:SAR-0123456789-2 stat:DELIVRD",
		smpp.Receipt{ID: "SAR-0123456789-2", Stat: "DELIVRD", State: smpp.Delivered, HasState: true},
		true,
	},
	{
		"php-smpp issue 70: 18 digits, ESC in the text", "id:123456789012345678 stat:DELIVRD err:0000 text:\x1be",
		smpp.Receipt{ID: "123456789012345678", Stat: "DELIVRD", Err: "0000", Text: "\x1be", State: smpp.Delivered, HasState: true},
		true,
	},
	{
		"jsmpp issue 80: a text with keys of its own", "id:1 stat:UNDELIV err:001 text:id:2 stat:DELIVRD err:000",
		smpp.Receipt{
			ID: "1", Stat: "UNDELIV", Err: "001", Text: "id:2 stat:DELIVRD err:000",
			State: smpp.Undeliverable, HasState: true,
		},
		true,
	},
	{
		"a key within a word", "id:1 covid:2 xstat:DELIVRD stat:FAILED",
		smpp.Receipt{ID: "1", Stat: "FAILED", State: smpp.Undeliverable, HasState: true},
		true,
	},
	{
		"a word of nobody's", "id:1 stat:PARKED",
		smpp.Receipt{ID: "1", Stat: "PARKED"},
		true,
	},
	{"no state", "id:1 sub:001", smpp.Receipt{ID: "1", Sub: "001"}, false},
	{"no id", "stat:DELIVRD", smpp.Receipt{Stat: "DELIVRD", State: smpp.Delivered, HasState: true}, false},
	{"a reply", "Bonjour, mon id est 5", smpp.Receipt{}, false},
	{"nothing", "", smpp.Receipt{}, false},
}

func TestReceiptTexts(t *testing.T) {
	for _, test := range receipts {
		t.Run(test.name, func(t *testing.T) {
			got, ok := smpp.ParseReceipt([]byte(test.text))
			if diff := cmp.Diff(test.want, got); diff != "" || ok != test.ok {
				t.Errorf("%t, -want +got:\n%s", ok, diff)
			}
		})
	}
}

func TestReceiptIsWrittenInTheUsualOrder(t *testing.T) {
	const want = "id:0123456789 sub:001 dlvrd:001 submit date:2611301200 done date:2611301201 stat:DELIVRD err:000 text:Bonjour"
	if got := string(receipts[0].want.Append(nil)); got != want {
		t.Errorf("wrote %q", got)
	}
}

func TestReceiptsInParameters(t *testing.T) {
	id, state := smpp.TextTLV(smpp.TagReceiptedMessageID, "7"), smpp.NumberTLV(smpp.TagMessageState, 1, 2)
	tests := []struct {
		name string
		m    smpp.SM
		want smpp.Receipt
		ok   bool
	}{
		{"parameters alone", smpp.SM{TLVs: smpp.TLVs{id, state}}, smpp.Receipt{ID: "7", State: smpp.Delivered, HasState: true}, true},
		{
			"an id without its NUL",
			smpp.SM{TLVs: smpp.TLVs{{Tag: smpp.TagReceiptedMessageID, Value: []byte("7")}, state}},
			smpp.Receipt{ID: "7", State: smpp.Delivered, HasState: true},
			true,
		},
		{
			"text and parameters disagree",
			smpp.SM{Text: []byte("id:07 stat:UNDELIV err:9"), TLVs: smpp.TLVs{id, state}},
			smpp.Receipt{ID: "7", OtherID: "07", Stat: "UNDELIV", Err: "9", State: smpp.Delivered, HasState: true},
			true,
		},
		{
			"a free text",
			smpp.SM{Text: []byte("Message livré"), TLVs: smpp.TLVs{id, state}},
			smpp.Receipt{ID: "7", State: smpp.Delivered, HasState: true},
			true,
		},
		{
			"the text in a payload",
			smpp.SM{TLVs: smpp.TLVs{{Tag: smpp.TagMessagePayload, Value: []byte("id:7 stat:DELIVRD")}}},
			smpp.Receipt{ID: "7", Stat: "DELIVRD", State: smpp.Delivered, HasState: true},
			true,
		},
		{
			"network errors",
			smpp.SM{TLVs: smpp.TLVs{id, state, {Tag: smpp.TagNetworkErrorCode, Value: []byte{3, 1, 2}}}},
			smpp.Receipt{ID: "7", Err: "258", State: smpp.Delivered, HasState: true},
			true,
		},
		{
			"network errors in digits",
			smpp.SM{TLVs: smpp.TLVs{id, state, {Tag: smpp.TagNetworkErrorCode, Value: []byte("021")}}},
			smpp.Receipt{ID: "7", Err: "021", State: smpp.Delivered, HasState: true},
			true,
		},
		{"an id alone", smpp.SM{TLVs: smpp.TLVs{id}}, smpp.Receipt{ID: "7"}, false},
		{"a reply", smpp.SM{Text: []byte("Oui")}, smpp.Receipt{}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, ok := test.m.Receipt()
			if diff := cmp.Diff(test.want, got); diff != "" || ok != test.ok {
				t.Errorf("%t, -want +got:\n%s", ok, diff)
			}
		})
	}
}

func TestWordsOfStates(t *testing.T) {
	words := map[string]smpp.MessageState{
		"DELIVRD": smpp.Delivered, "DELIVERED": smpp.Delivered, "delivrd": smpp.Delivered,
		"EXPIRED": smpp.Expired, "EXPIRD": smpp.Expired, "DELETED": smpp.Deleted, "UNDELIVERABLE": smpp.Undeliverable,
		"FAILED": smpp.Undeliverable, "ACCEPTD": smpp.Accepted, "ACKED": smpp.Accepted, "UNKNOWN": smpp.UnknownState,
		"REJECTD": smpp.Rejected, "SKIPPED": smpp.Skipped, "ENROUTE": smpp.EnRoute, "BUFFRED": smpp.EnRoute,
		"BUFFERD": smpp.EnRoute, "QUEUED": smpp.EnRoute,
	}
	for word, want := range words {
		if got, known := smpp.StateOfWord(word); !known || got != want {
			t.Errorf("%s: %d, %t", word, got, known)
		}
	}
	for state := range smpp.Skipped + 1 {
		if got, known := smpp.StateOfWord(state.Word()); !known || got != state {
			t.Errorf("%d is written %q and read %d", state, state.Word(), got)
		}
	}
	for _, word := range []string{"", "DEL", "DELIVERY_FAILED_X", "OK"} {
		if got, known := smpp.StateOfWord(word); known {
			t.Errorf("%s is taken for %d", word, got)
		}
	}
}

func TestKindsOfDeliveries(t *testing.T) {
	for class, want := range map[byte]bool{0x00: false, 0x04: true, 0x44: true, 0x20: true, 0x07: true, 0x08: false, 0x10: false, 0x40: false} {
		m := smpp.SM{ESMClass: class}
		if got := m.IsReceipt(); got != want {
			t.Errorf("0x%02X: %t", class, got)
		}
	}
}
