package httpapi

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// spellings are charsets that a push can name for its text, whose octets are escaped then as in an
// address (observed: Clickatell).
var spellings = map[string]encoding.Encoding{
	"UTF-16BE": unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "ISO-8859-1": charmap.ISO8859_1,
}

// spelled is the text of a reply, whose charset may stand beside it.
func (c *callback) spelled(doc *document, text string) string {
	name, _ := doc.at(c.textCharset)
	of := spellings[strings.ToUpper(name)]
	if of == nil {
		return text
	}
	raw, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	if utf8.ValidString(raw) { // a character for each octet
		octets, err := charmap.ISO8859_1.NewEncoder().String(raw)
		if err != nil {
			return text
		}
		raw = octets
	}
	decoded, err := of.NewDecoder().String(raw)
	if err != nil {
		return text
	}
	return decoded
}
