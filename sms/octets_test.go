package sms

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOctets(t *testing.T) {
	port := []byte{6, 5, 4, 0x0b, 0x84, 0x23, 0xf0}
	for _, tc := range []struct {
		name     string
		header   []byte
		data     int
		segments int
	}{
		{"one octet", nil, 1, 1},
		{"a whole segment", nil, 140, 1},
		{"one more", nil, 141, 2},
		{"two whole ones", nil, 2 * 134, 2},
		{"three", nil, 2*134 + 1, 3},
		{"with a header", port, 133, 1},
		{"with a header, in two", port, 134, 2},
		{"two whole ones with a header", port, 2 * 128, 2},
		{"a part that its header numbers", []byte{5, 0, 3, 1, 2, 1}, 134, 1},
		{"such a part that is too long", []byte{5, 0, 3, 1, 2, 1}, 135, 0},
		{"with 16 bits of reference, behind another element", []byte{11, 5, 4, 1, 2, 3, 4, 8, 4, 0, 1, 2}, 140, 0},
		{"no room", append([]byte{134, 0x70, 132}, make([]byte, 132)...), 10, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := Octets{Header: tc.header, Data: bytes.Repeat([]byte{0xA5}, tc.data)}
			if got := o.Segments(); got != tc.segments {
				t.Fatalf("%d segments, want %d", got, tc.segments)
			}
			again, err := OctetsOf(o.Text())
			if err != nil || !bytes.Equal(again.Header, o.Header) || !bytes.Equal(again.Data, o.Data) {
				t.Errorf("read again %+v, %v", again, err)
			}
			if tc.segments == 0 {
				return
			}
			parts, data := o.Split(7), []byte(nil)
			for i, part := range parts {
				if n := len(part.Header) + len(part.Data); n > mostOctets || len(part.Header) > 0 && int(part.Header[0]) != len(part.Header)-1 {
					t.Errorf("part %d has %d octets and the header %x", i+1, n, part.Header)
				}
				data = append(data, part.Data...)
			}
			if len(parts) != tc.segments || !bytes.Equal(data, o.Data) {
				t.Errorf("%d parts, whole: %t", len(parts), bytes.Equal(data, o.Data))
			}
		})
	}
	first := Octets{Header: port, Data: make([]byte, 140)}.Split(7)[0]
	if diff := cmp.Diff([]byte{11, 0, 3, 7, 2, 1, 5, 4, 0x0b, 0x84, 0x23, 0xf0}, first.Header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	for _, text := range []string{"", "00", "0:00", "00:0", "zz:00"} {
		if _, err := OctetsOf(text); err == nil {
			t.Errorf("%q is taken for a binary message", text)
		}
	}
}
