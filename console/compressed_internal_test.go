package console

import (
	"net/http"
	"strings"
	"testing"
)

// TestWhatIsCompressed holds which pages travel compressed: lists, for a click.
func TestWhatIsCompressed(t *testing.T) {
	for _, test := range []struct {
		name, page, method, site, mode, accepts string
		want                                    bool
	}{
		{"a click", "messages", "GET", "same-origin", "navigate", "gzip, br", true},
		{"another site", "messages", "GET", "cross-site", "navigate", "gzip", false},
		{"another host of the town", "messages", "GET", "same-site", "navigate", "gzip", false},
		{"a typed address", "messages", "GET", "none", "navigate", "gzip", true},
		{"the script", "messages", "GET", "same-origin", "cors", "gzip", false},
		{"a browser that says nothing", "messages", "GET", "", "", "gzip", false},
		{"one that reads no gzip", "messages", "GET", "same-origin", "navigate", "br", false},
		{"a form", "messages", "POST", "same-origin", "navigate", "gzip", false},
		{"a new key", "key", "GET", "same-origin", "navigate", "gzip", false},
		{"a secret of webhooks", "webhook_secret", "GET", "same-origin", "navigate", "gzip", false},
		{"the profile, with a second step", "me_step", "GET", "same-origin", "navigate", "gzip", false},
	} {
		q := &request{Request: &http.Request{Method: test.method, Header: http.Header{
			"Sec-Fetch-Site": {test.site}, "Sec-Fetch-Mode": {test.mode}, "Accept-Encoding": {test.accepts},
		}}}
		if got := q.compresses(test.page); got != test.want {
			t.Errorf("%s: compressed %v, want %v", test.name, got, test.want)
		}
	}
}

// TestLongPagesAreThere keeps the names true.
func TestLongPagesAreThere(t *testing.T) {
	pages := parsePages()
	for name := range longPages {
		if pages[name] == nil {
			t.Errorf("there is no page %s", name)
		}
	}
}

// TestCompressedLengthTellsLittle compresses one page again and again, which is what somebody
// does who wants to learn of it by its length.
func TestCompressedLengthTellsLittle(t *testing.T) {
	page := strings.Repeat("<td>+33 6 39 98 00 01</td>", 1000)
	lengths := map[int]bool{}
	for range 200 {
		got := compressed([]byte(page))
		lengths[len(got)] = true
		if string(unpacked(t, got)) != page {
			t.Fatal("it is another page")
		}
		if most := len(page)/20 + longestPadding; len(got) > most {
			t.Fatalf("%d bytes, want at most %d", len(got), most)
		}
	}
	if len(lengths) < 50 {
		t.Errorf("%d lengths of 200, want as good as one each", len(lengths))
	}
}
