package smpp_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/gsm"
	"relais/smpp"
)

// FuzzParse states that what was read is written, and read again as the same, unless a field is
// over its limit; and that nothing is read twice or out of octets that did not come.
func FuzzParse(f *testing.F) {
	for _, vector := range vectors {
		f.Add(octetsOf(f, vector.hex))
	}
	for _, body := range full {
		octets, err := smpp.Append(nil, smpp.PDU{Sequence: 1, Body: body})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(octets)
	}
	f.Fuzz(func(t *testing.T, octets []byte) {
		reader := smpp.NewReader(bytes.NewReader(octets))
		for range len(octets)/16 + 1 {
			p, err := reader.Next()
			if broken, ok := errors.AsType[*smpp.BodyError](err); ok {
				if broken.Status == smpp.OK || broken.Command.IsResponse() && broken.Command != smpp.CommandSubmitMulti.Response() {
					t.Errorf("%+v", broken)
				}
				continue
			}
			if err != nil {
				return
			}
			again(t, p)
		}
		if _, err := reader.Next(); err == nil {
			t.Error("more PDUs than headers")
		}
	})
}

func again(t *testing.T, p smpp.PDU) {
	t.Helper()
	octets, err := smpp.Append(nil, p)
	if _, over := errors.AsType[*smpp.FieldError](err); over {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	reader := smpp.NewReader(bytes.NewReader(octets))
	got, err := reader.Next()
	if err != nil {
		t.Fatalf("%s is not read as it was written: %v", p.Body.Command(), err)
	}
	if diff := cmp.Diff(p, got); diff != "" {
		t.Errorf("-read +read again:\n%s", diff)
	}
	if _, err := reader.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("something is left: %v", err)
	}
}

// FuzzWrite states that a message of any fields is either refused or read as it is.
func FuzzWrite(f *testing.F) {
	f.Add("", "Mairie", "33639980001", "", byte(0x40), byte(0), []byte("text"), uint16(0x0424), []byte("payload"))
	f.Add("CMT", "\x00", "+33", "000000020000000R", byte(4), byte(8), []byte{}, uint16(0), []byte{})
	f.Fuzz(func(t *testing.T, service, from, to, validity string, class, coding byte, text []byte, tag uint16, value []byte) {
		m := smpp.SM{
			ServiceType: service, Source: smpp.Address{TON: 5, Addr: from}, Dest: smpp.Address{TON: 1, NPI: 1, Addr: to},
			ESMClass: class, Validity: validity, DataCoding: coding, TLVs: smpp.TLVs{{Tag: smpp.Tag(tag), Value: append([]byte{}, value...)}},
		}
		if len(text) > 0 {
			m.Text = text
		}
		p := smpp.PDU{Sequence: 1, Body: &smpp.SubmitSM{SM: m}}
		octets, err := smpp.Append(nil, p)
		if err != nil {
			if _, over := errors.AsType[*smpp.FieldError](err); !over || len(octets) > 0 {
				t.Errorf("%d octets and %v", len(octets), err)
			}
			return
		}
		got, err := smpp.NewReader(bytes.NewReader(octets)).Next()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, got); diff != "" {
			t.Error(diff)
		}
	})
}

// FuzzReceipt states that the text of a receipt never panics, and that what was read of one is
// read again from what Append makes of it.
func FuzzReceipt(f *testing.F) {
	for _, test := range receipts {
		f.Add([]byte(test.text))
	}
	f.Fuzz(func(t *testing.T, octets []byte) {
		first, ok := smpp.ParseReceipt(octets)
		if !ok {
			return
		}
		second, ok := smpp.ParseReceipt(first.Append(nil))
		if !ok || second != first {
			t.Errorf("read %+v, then %+v", first, second)
		}
	})
}

// FuzzContent states that headers lose no octet, and that they are written as they were read.
func FuzzContent(f *testing.F) {
	f.Add(byte(0x40), []byte("\x05\x00\x03\x2a\x02\x01Bonjour"))
	f.Add(byte(0x40), []byte("\x06\x08\x04\x01\x02\x03\x01Bonjour"))
	f.Add(byte(0x40), []byte("\xff"))
	f.Add(byte(0x00), []byte("Bonjour"))
	f.Fuzz(func(t *testing.T, class byte, octets []byte) {
		m := smpp.SM{ESMClass: class, Text: octets}
		content := m.Content()
		if content.HeaderLength+len(content.Text) != len(octets) {
			t.Errorf("%d octets of header and %d of text in %d", content.HeaderLength, len(content.Text), len(octets))
		}
		if content.HeaderLength > 0 {
			if got := content.Header.Append(nil); !bytes.Equal(got, octets[:content.HeaderLength]) {
				t.Errorf("header %x, written as %x", octets[:content.HeaderLength], got)
			}
		}
		if content.Part && (content.Concat.Seq == 0 || content.Concat.Seq > content.Concat.Total) {
			t.Errorf("part %d of %d", content.Concat.Seq, content.Concat.Total)
		}
	})
}

// FuzzCharset states that a text which a charset can write is read as it was.
func FuzzCharset(f *testing.F) {
	f.Add("Bonjour @£$_é€[ç", 0)
	f.Add("ÇÀÉ{}|~", 6)
	f.Add("1234567@", 7)
	f.Add("😀", 0)
	f.Fuzz(func(t *testing.T, text string, header int) {
		for _, charset := range []smpp.Charset{smpp.GSM7, smpp.GSM7Packed, smpp.Latin1, smpp.ASCII, smpp.UCS2} {
			octets, err := charset.Encode(text, header&0x7F)
			if err != nil {
				continue
			}
			got, err := charset.Decode(octets, header&0x7F)
			want := string([]rune(text))
			if charset == smpp.GSM7Packed && (got+"@" == want) && len(gsm.Split(text)) > 0 {
				continue // seven bits that are zero at the end say nothing
			}
			bom := charset == smpp.UCS2 && len(octets) > 1 && (octets[0]^octets[1] == 1) && octets[0] >= 0xFE
			if !bom && (err != nil || got != want) {
				t.Errorf("charset %d: %q, %v, want %q", charset, got, err, want)
			}
		}
	})
}

// FuzzTimes states that no text is a time which is written as another.
func FuzzTimes(f *testing.F) {
	for _, text := range []string{"260101120000000+", "260101130000004+", "000000020000000R", "261130120000", "x"} {
		f.Add(text)
	}
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		smpp.ReceiptTime(text, time.UTC)
		first, ok := smpp.ParseTime(text, now, time.UTC)
		if !ok || len(text) != 16 || text[15] == 'R' {
			return
		}
		second, ok := smpp.ParseTime(smpp.FormatTime(first), now, time.UTC)
		if !ok || !second.Equal(first) {
			t.Errorf("%q is %v, then %v", text, first, second)
		}
	})
}
