package smpp_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	operator "relais/connector/smpp"
	"relais/smpp"
)

func TestParametersOfTheOperator(t *testing.T) {
	l := connect(t, func(c *operator.Config) {
		c.TLVs = []string{"campaign=0x1400", "key=5121:octets", "route=0x1402:uint8", "cost=0x1403:uint16", "order = 0x3fff : uint32"}
		c.Flash = "subunit"
	})
	m := message("Bonjour")
	m.Kind, m.Metadata = "flash", map[string]string{
		"order": "4294967295", "campaign": "Hiver 2026", "key": "00ff", "cost": "258", "route": "7", "other": "é",
	}
	if got := l.submit(t, m); got.Err != nil {
		t.Fatal(got.Err)
	}
	want := smpp.TLVs{
		{Tag: 0x1400, Value: []byte("Hiver 2026\x00")},
		{Tag: 0x1401, Value: []byte{0, 0xFF}},
		{Tag: 0x1402, Value: []byte{7}},
		{Tag: 0x1403, Value: []byte{1, 2}},
		{Tag: 0x3FFF, Value: []byte{0xFF, 0xFF, 0xFF, 0xFF}},
		{Tag: smpp.TagDestAddrSubunit, Value: []byte{1}},
	}
	if diff := cmp.Diff(want, await(t, l.smsc.submitted).TLVs); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := l.submit(t, message("Bonjour")); got.Err != nil {
		t.Fatal(got.Err)
	}
	if got := await(t, l.smsc.submitted).TLVs; len(got) != 0 {
		t.Errorf("without metadata: %+v", got)
	}
}

// Each part has them, whichever way parts are told, and so has a binary message.
func TestParametersOfEachPart(t *testing.T) {
	for _, way := range []string{"udh", "sar", "payload"} {
		l := connect(t, func(c *operator.Config) { c.TLVs, c.LongMessages, c.Binary = []string{"campaign=0x1400"}, way, true })
		m := message(strings.Repeat("Bonjour à tous. ", 20))
		octets := message("0605040b8423f0:dc0601ae")
		octets.Kind = "binary"
		m.Metadata = map[string]string{"campaign": "7"}
		octets.Metadata = m.Metadata
		parts := 3
		if way == "payload" {
			parts = 1
		}
		if got := l.submit(t, m); got.Err != nil {
			t.Fatal(got.Err)
		}
		if got := l.submit(t, octets); got.Err != nil {
			t.Fatal(got.Err)
		}
		for range parts + 1 {
			if got, _ := await(t, l.smsc.submitted).TLVs.Text(0x1400); got != "7" {
				t.Errorf("%s: a part without it", way)
			}
		}
	}
}

func TestParametersThatCannotBeSent(t *testing.T) {
	l := connect(t, func(c *operator.Config) {
		c.TLVs = []string{"campaign=0x1400", "key=5121:octets", "route=0x1402:uint8"}
	})
	for _, test := range []struct{ name, value, want string }{
		{"campaign", "été", "ASCII"},
		{"campaign", strings.Repeat("a", 255), "254"},
		{"key", "abc", "hexadecimal"},
		{"route", "256", "0 to 255"},
		{"route", "", "0 to 255"},
	} {
		m := message("Bonjour")
		m.Metadata = map[string]string{test.name: test.value}
		err := l.submit(t, m).Err
		wantFault(t, err, connector.Rejected, "metadata")
		if !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), test.name) ||
			test.value != "" && strings.Contains(err.Error(), test.value) {
			t.Errorf("%s=%s: %v", test.name, test.value, err)
		}
	}
	quiet(t, l.smsc.submitted)
}

func TestParametersThatAreNone(t *testing.T) {
	for _, wrong := range [][]string{
		{"campaign"},
		{"=0x1400"},
		{"campaign=0x13FF"},
		{"campaign=0x4000"},
		{"campaign=65536"},
		{"campaign=-1"},
		{"campaign=0x1400:word"},
		{"campaign=0x1400:"},
		{"a=0x1400", "b=0x1400"},
		{"a=0x1400", "a=0x1401"},
	} {
		c := newSMSC(t).config()
		c.TLVs = wrong
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "tlvs") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
