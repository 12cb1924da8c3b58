package smpp_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/smpp"
)

func TestCharsets(t *testing.T) {
	tests := []struct {
		name    string
		charset smpp.Charset
		header  int
		text    string
		hex     string
	}{
		// jsmpp issue 83: what shows a wrong alphabet at once
		{"GSM", smpp.GSM7, 0, "@£$_é€[", "000102110" + "51b651b3c"},
		{"packed", smpp.GSM7Packed, 0, "hellohello", "e8329bfd4697d9ec37"},
		{"packed behind a header", smpp.GSM7Packed, 6, "hello", "d06536fb0d"},
		{"packed to the border", smpp.GSM7Packed, 0, "1234567", "31d98c56b3dd00"},
		{"Latin-1", smpp.Latin1, 0, "é£ÿ", "e9a3ff"},
		{"ASCII", smpp.ASCII, 0, "@$_", "40245f"},
		{"UCS-2", smpp.UCS2, 0, "ç😀", "00e7d83dde00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := octetsOf(t, test.hex)
			got, err := test.charset.Encode(test.text, test.header)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("wrote: %v\n%s", err, diff)
			}
			text, err := test.charset.Decode(want, test.header)
			if err != nil || text != test.text {
				t.Errorf("read %q, %v", text, err)
			}
		})
	}
}

func TestCharsetsRefuse(t *testing.T) {
	for charset, text := range map[smpp.Charset]string{
		smpp.GSM7: "ç", smpp.GSM7Packed: "ê", smpp.Latin1: "€", smpp.ASCII: "é",
	} {
		if octets, err := charset.Encode(text, 0); err == nil || strings.Contains(err.Error(), text) {
			t.Errorf("charset %d: %x, %v", charset, octets, err)
		}
	}
	for charset, octets := range map[smpp.Charset]string{smpp.GSM7: "\x80", smpp.ASCII: "\xe9", smpp.UCS2: "\x00"} {
		if text, err := charset.Decode([]byte(octets), 0); err == nil {
			t.Errorf("charset %d: %q", charset, text)
		}
	}
}

func TestByteOrderMarks(t *testing.T) {
	for name, octets := range map[string]string{"none": "00e9", "high first": "feff00e9", "low first": "fffee900"} {
		if got, err := smpp.UCS2.Decode(octetsOf(t, octets), 0); err != nil || got != "é" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestDataCodings(t *testing.T) {
	tests := map[byte]smpp.Charset{
		0x00: smpp.Latin1, // what the caller says
		0x01: smpp.ASCII, 0x03: smpp.Latin1, 0x08: smpp.UCS2,
		0x10: smpp.GSM7, 0x18: smpp.UCS2, 0xF0: smpp.GSM7, 0xF3: smpp.GSM7, 0xC8: smpp.GSM7, 0xE0: smpp.UCS2,
	}
	for coding, want := range tests {
		if got, known := smpp.CharsetOf(coding, smpp.Latin1); !known || got != want {
			t.Errorf("0x%02X: %d, %t", coding, got, known)
		}
	}
	for _, coding := range []byte{0x02, 0x04, 0x05, 0x0D, 0x14, 0xF4, 0xF7} {
		if got, known := smpp.CharsetOf(coding, smpp.Latin1); known {
			t.Errorf("0x%02X is taken for %d", coding, got)
		}
	}
}

func TestParts(t *testing.T) {
	narrow := smpp.Concat{Ref: 0x2A, Total: 2, Seq: 1}
	wide := smpp.Concat{Ref: 0x102, Wide: true, Total: 3, Seq: 3}
	payload := smpp.TLVs{{Tag: smpp.TagMessagePayload, Value: []byte("text")}}
	tests := []struct {
		name     string
		m        smpp.SM
		want     smpp.Concat
		wantText string
	}{
		{"header", smpp.SM{ESMClass: 0x40, Text: append(narrow.Header().Append(nil), "text"...)}, narrow, "text"},
		{"wide header", smpp.SM{ESMClass: 0x43, Text: append(wide.Header().Append(nil), "text"...)}, wide, "text"},
		// jasmin issue 513: only the first element was read, at its place
		{"behind another element", smpp.SM{ESMClass: 0x40, Text: []byte("\x08\x24\x01\x01\x00\x03\x2a\x02\x01text")}, narrow, "text"},
		{"SAR", smpp.SM{Text: []byte("text"), TLVs: wide.SAR()}, wide, "text"},
		{"no header though it looks like one", smpp.SM{Text: []byte("\x05\x00\x03\x2a\x02\x01")}, smpp.Concat{}, "\x05\x00\x03\x2a\x02\x01"},
		{"number 0", smpp.SM{ESMClass: 0x40, Text: []byte("\x05\x00\x03\x2a\x02\x00text")}, smpp.Concat{}, "text"},
		{"number beyond the total", smpp.SM{ESMClass: 0x40, Text: []byte("\x05\x00\x03\x2a\x02\x03text")}, smpp.Concat{}, "text"},
		{"header cut short", smpp.SM{ESMClass: 0x40, Text: []byte("\x40text")}, smpp.Concat{}, "\x40text"},
		// vumi issue 330
		{"payload", smpp.SM{TLVs: payload}, smpp.Concat{}, "text"},
		{"two of SAR's three", smpp.SM{Text: []byte("text"), TLVs: wide.SAR()[:2]}, smpp.Concat{}, "text"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := test.m.Content()
			if got.Concat != test.want || got.Part != (test.want != smpp.Concat{}) {
				t.Errorf("part %+v (%t), want %+v", got.Concat, got.Part, test.want)
			}
			if string(got.Text) != test.wantText {
				t.Errorf("text %q", got.Text)
			}
		})
	}
}

func TestTimes(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	paris := time.FixedZone("", 3600)
	tests := []struct {
		text string
		want time.Time
	}{
		{"260101120000000+", time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)},
		{"260101130000004+", time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)},
		{"260101030000536-", time.Date(2026, 1, 1, 12, 0, 0, 5e8, time.UTC)},
		{"000000020000000R", now.Add(2 * time.Hour)},
		{"000002000001000R", now.Add(48*time.Hour + time.Second)},
		{"260101130000", time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)},
		{"", time.Time{}},
	}
	for _, test := range tests {
		if got, ok := smpp.ParseTime(test.text, now, paris); !ok || !got.Equal(test.want) {
			t.Errorf("%q: %v, %t, want %v", test.text, got, ok, test.want)
		}
	}
	for _, text := range []string{"2", "261301120000000+", "260101120000049+", "260101120000000X", "26010112000000-+", "0000x0020000000R"} {
		if got, ok := smpp.ParseTime(text, now, paris); ok {
			t.Errorf("%q is %v", text, got)
		}
	}
	for got, want := range map[string]string{
		smpp.FormatTime(now):                    "261130120000000+",
		smpp.FormatTime(now.In(paris)):          "261130130000004+",
		smpp.FormatRelative(2 * time.Hour):      "000000020000000R",
		smpp.FormatRelative(90*time.Second + 1): "000000000131000R",
		smpp.FormatRelative(200 * 24 * 3600e9):  "000099000000000R",
		smpp.FormatRelative(-1):                 "000000000000000R",
	} {
		if got != want {
			t.Errorf("wrote %q, want %q", got, want)
		}
	}
}

func TestReceiptTimes(t *testing.T) {
	want := time.Date(2018, 7, 11, 7, 0, 0, 0, time.UTC)
	for _, text := range []string{"1807110700", "180711070000", "20180711070000", "201807110700", "180711070000000+"} {
		if got := smpp.ReceiptTime(text, time.UTC); !got.Equal(want) {
			t.Errorf("%q: %v", text, got)
		}
	}
	for _, text := range []string{"", "0000000000", "000000000000", "yesterday", "9999999999", "180711070003912R"} {
		if got := smpp.ReceiptTime(text, time.UTC); !got.IsZero() {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestIDs(t *testing.T) {
	tests := []struct {
		name              string
		rule              smpp.IDRule
		answered, receipt string
		want              bool
	}{
		{"same", smpp.IDRule{}, "00aB-1", "00aB-1", true},
		{"capitals differ", smpp.IDRule{}, "aB", "ab", false},
		{"capitals overlooked", smpp.IDRule{Fold: true}, "aB", "Ab", true},
		// jasmin issues 408, 423, 1129
		{"zeros differ", smpp.IDRule{}, "0012", "12", false},
		{"zeros overlooked", smpp.IDRule{TrimZeros: true}, "12", "0000000012", true},
		{"22 digits", smpp.IDRule{TrimZeros: true}, "0123456789012345678901", "123456789012345678901", true},
		{"nothing but zeros", smpp.IDRule{TrimZeros: true}, "0", "000", true},
		// jasmin issue 586: beyond 63 bits
		{"hexadecimal, then decimal", smpp.IDRule{Base: smpp.HexDec}, "812FC7470000001B", "9308878062554710043", true},
		{"padded", smpp.IDRule{Base: smpp.HexDec}, "1a", "0000000026", true}, // jsmpp issue 56
		{"decimal, then hexadecimal", smpp.IDRule{Base: smpp.DecHex}, "26", "1A", true},
		{"no number", smpp.IDRule{Base: smpp.HexDec}, "a-b", "a-b", true},
		{"another number", smpp.IDRule{Base: smpp.HexDec}, "1a", "27", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, b := test.rule.Answered(test.answered), test.rule.Receipted(test.receipt)
			if got := a == b; got != test.want {
				t.Errorf("%q and %q", a, b)
			}
		})
	}
}
