package jsonbody

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"relais/charset"
)

func TestLocate(t *testing.T) {
	const body = "{\n \"text\": \"é\", \"a/b~c\": {\"x\": [1, {\"y\": 2}]},\n \"to\": [\"1\",\t\"2\"]}"
	for _, tc := range []struct {
		name, pointer string
		at            string // what the position must stand before
	}{
		{"value", "/text", `"é"`},
		{"value of a key with escapes", "/a~1b~0c", `{"x"`},
		{"element", "/to/1", `"2"]`},
		{"first element", "/to/0", `"1"`},
		{"element that is not there", "/to/7", `["1"`},
		{"member of a member", "/a~1b~0c/x/1/y", `2}`},
		{"nothing like it", "/nothing", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := Locate([]byte(body), tc.pointer)
			want := Place{Field: tc.pointer}
			if tc.at != "" {
				offset := strings.Index(body, tc.at)
				before := body[:offset]
				want.Position, want.Line = offset+1, 1+strings.Count(before, "\n")
				want.Column = 1 + utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:])
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("fault (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNearest(t *testing.T) {
	keys := []string{"to", "text", "sender", "reference", "send_at", "valid_for"}
	for _, tc := range []struct{ name, key, want string }{
		{"case", "SendAt", "send_at"},
		{"dash", "send-at", "send_at"},
		{"missing letter", "referenc", "reference"},
		{"swap", "snedat", "send_at"},
		{"too far", "message", ""},
		{"very long", strings.Repeat("text", 1<<18), ""},
		{"not ASCII", "té", "to"},
		{"empty", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Nearest(tc.key, keys); got != tc.want {
				t.Errorf("nearest = %q, want %q", got, tc.want)
			}
		})
	}
}

func FuzzOffset(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":2}],"c":3}`), "/a/1/b", 3)
	f.Add([]byte("{\"é\":\n[1,"), "/é/5", -1)
	f.Add([]byte(`{"a`), "", 99)
	f.Add([]byte(`[1,2,3`), "/2", 0)
	f.Fuzz(func(t *testing.T, body []byte, pointer string, offset int) {
		if at := Locate(body, pointer); at.Position < 0 || at.Position > len(body)+1 || at.Field != pointer {
			t.Fatalf("locate = %+v in %d bytes", at, len(body))
		}
		number, line, column := position(body, offset)
		if number < 1 || number > len(body)+1 || line < 1 || column < 1 || line > number || column > number {
			t.Fatalf("position = %d, %d, %d in %d bytes", number, line, column, len(body))
		}
		if at := charset.LoneSurrogate(body); at >= len(body) || at >= 0 && body[at] != '\\' {
			t.Fatalf("loneSurrogate = %d", at)
		}
		fieldAt(body, offset)
	})
}

// The keys of a body are looked at in one pass, which costs less than decoding it.
func BenchmarkSpelling(b *testing.B) {
	many := `{"to":["+33639980001"` + strings.Repeat(`,"+33639980001"`, 9_999) + `],"text":"Bonjour"}`
	for name, body := range map[string]string{
		"one recipient":    `{"to":"+33639980001","text":"Bonjour Madame, votre rendez-vous est confirmé."}`,
		"10000 recipients": many,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if f := checkSpelling([]byte(body), Keys{Names: []string{"to", "text"}}); f != nil {
					b.Fatal(f)
				}
			}
		})
	}
}
