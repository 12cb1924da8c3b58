package console

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"sync"
)

// The length of a compressed page tells whether two of its parts are alike: somebody who
// brings their own words into a page, has it sent again and again, and sees how long it is on
// its way, could guess what else is in it. A page is therefore compressed only
//
//   - if it is a list or a manual, as in longPages: what the program shows once, such as a key, is on none;
//   - for a person's click on a page of the console, or an address that they typed, as browsers
//     say: neither another site nor the script that keeps a page up to date makes one;
//   - with a padding of random length.
//
// Whoever writes replies on purpose then has one look for each click, and none is exact.

// longPages are the pages that are long, by template.
var longPages = map[string]bool{
	"audit": true, "contacts": true, "conversation": true, "group": true, "help.en": true, "help.fr": true, "held": true, "inbox": true, "messages": true, "optouts": true,
	"usage": true, "webhook": true,
}

// compresses reports whether a page travels compressed.
func (q *request) compresses(page string) bool {
	h := q.Header
	from := h.Get("Sec-Fetch-Site")
	return longPages[page] && q.Method == http.MethodGet && (from == "same-origin" || from == "none") &&
		h.Get("Sec-Fetch-Mode") == "navigate" && takesGzip(h)
}

// longestPadding is the most that is added to a compressed page, in bytes.
const longestPadding = 256

var compressors = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// compressed returns a page in gzip. The padding is the comment of the format, which browsers skip.
func compressed(page []byte) []byte {
	var b bytes.Buffer
	w, _ := compressors.Get().(*gzip.Writer)
	defer compressors.Put(w)
	w.Reset(&b)
	w.Comment = padding()
	w.Write(page) //nolint:errcheck // a buffer takes everything
	w.Close()     //nolint:errcheck // a buffer takes everything
	return b.Bytes()
}

// padding is text of a random length.
func padding() string {
	var random [1 + longestPadding/2]byte
	rand.Read(random[:])
	return hex.EncodeToString(random[1:])[:random[0]]
}
