package plaintext

import "testing"

func TestWide(t *testing.T) {
	for _, tt := range []struct{ name, start, want string }{
		{"nothing", "", ""},
		{"one zero", "\x00", ""},
		{"three zeros and no more", "\x00\x00\x00", "UTF-16"},
		{"a zero, a letter, two zeros cut short", "\x00A\x00", "UTF-16"},
		{"JSON", `{"to"`, ""},
		{"UTF-8 with its mark", "\xef\xbb\xbf{", ""},
		{"UTF-16 with its mark", "\xff\xfe{\x00", "UTF-16"},
		{"UTF-16, big end first, with its mark", "\xfe\xff\x00{", "UTF-16"},
		{"UTF-16 without a mark", "{\x00\"\x00", "UTF-16"},
		{"UTF-32 with its mark", "\xff\xfe\x00\x00{\x00\x00\x00", "UTF-32"},
		{"UTF-32, big end first, without a mark", "\x00\x00\x00{", "UTF-32"},
		{"UTF-32 without a mark", "{\x00\x00\x00", "UTF-32"},
	} {
		if got := Wide([]byte(tt.start)); got != tt.want {
			t.Errorf("%s: Wide(%q) = %q, want %q", tt.name, tt.start, got, tt.want)
		}
	}
}
