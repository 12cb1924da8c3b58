package kannel

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// Values of coding (gw/sms.h: DC_8BIT, DC_UCS2).
const (
	binary = 1
	ucs2   = 2
)

// textOf decodes what a client sent. Without a charset it is UTF-8, or UTF-16BE
// with coding=2 (userguide, table 7-17; gw/sms.c sms_charset_processing).
func textOf(raw []byte, charset string, coding int) (text string, ok bool) {
	name := plainName(charset)
	switch {
	case name == "" && coding != ucs2, name == "utf8", name == "usascii":
		return string(raw), utf8.Valid(raw)
	case name == "":
		name = "utf16be"
	}
	known := encodings[name]
	if known == nil {
		return "", false
	}
	decoded, err := known.NewDecoder().Bytes(raw)
	text = string(decoded)
	return text, err == nil && !strings.ContainsRune(text, utf8.RuneError)
}

// encodings are the charsets beside UTF-8 and ASCII, by their plain names: UTF-16,
// as iconv calls it too, and those of one byte.
var encodings = func() map[string]encoding.Encoding {
	big := unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	all := map[string]encoding.Encoding{
		"utf16": big, "utf16be": big, "ucs2": big, "ucs2be": big, "iso10646ucs2": big,
		"utf16le": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
		"ucs2le":  unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
		"latin9":  charmap.ISO8859_15,
	}
	for _, known := range charmap.All {
		name := plainName(fmt.Sprint(known))
		all[name] = known
		if number, windows := strings.CutPrefix(name, "windows"); windows {
			all["cp"+number] = known
		}
	}
	for _, name := range []string{"latin1", "l1", "iso88591"} { // WHATWG, Encoding Standard, 4.2
		all[name] = charmap.Windows1252
	}
	return all
}()

// plainName makes one name of "ISO-8859-1", "iso8859_1" and "ISO 8859-1".
func plainName(charset string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(charset))
}
