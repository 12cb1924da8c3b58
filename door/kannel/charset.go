package kannel

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
)

// Values of coding (gw/sms.h: DC_7BIT, DC_8BIT, DC_UCS2).
const (
	sevenBit = 0
	binary   = 1
	ucs2     = 2
)

// textOf decodes what a client sent. Without a charset it is UTF-8, or UTF-16BE
// with coding=2 (userguide, table 7-17; gw/sms.c sms_charset_processing).
func textOf(raw []byte, charset string, coding int) (string, bool) {
	if charset == "" {
		charset = "UTF-8"
		if coding == ucs2 {
			charset = "UTF-16BE"
		}
	}
	decoder := decoderOf(charset)
	if decoder == nil {
		return string(raw), utf8.Valid(raw)
	}
	text, err := decoder.Bytes(raw)
	return string(text), err == nil && !strings.ContainsRune(string(text), utf8.RuneError)
}

// decoderOf knows the names of IANA, and those by which iconv calls UCS-2. It
// returns nil for UTF-8.
func decoderOf(charset string) *encoding.Decoder {
	switch strings.ToUpper(charset) {
	case "UTF-8", "UTF8":
		return nil
	case "UCS-2", "UCS-2BE", "UTF-16BE", "ISO-10646-UCS-2":
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder()
	case "UCS-2LE":
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()
	}
	known, err := ianaindex.IANA.Encoding(charset)
	if err != nil || known == nil {
		return encoding.Replacement.NewDecoder() // nothing is read right by it
	}
	return known.NewDecoder()
}
