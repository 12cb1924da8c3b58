package smpp

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"relais/gsm"
)

// Charset is how the octets of a text are to be read.
type Charset uint8

// The charsets.
const (
	GSM7       Charset = iota // the GSM 7-bit alphabet, one septet in each octet
	GSM7Packed                // the same, eight septets in seven octets
	Latin1                    // ISO 8859-1
	ASCII
	UCS2 // 16-bit units, high octet first
)

// ErrCharset is a text that a charset cannot write, or octets that it cannot read.
var ErrCharset = errors.New("not in the charset")

// CharsetOf tells the charset of a data_coding (3.4, 5.2.19; GSM 03.38, 4, for the values from
// 0x10 on that SMPP reserves and peers use). The default alphabet of the SMSC, 0x00, is what the
// two sides agreed on. known is false for octets that are no text, and for alphabets that are not
// read here.
func CharsetOf(coding byte, unmarked Charset) (charset Charset, known bool) {
	switch {
	case coding == 0x00:
		return unmarked, true
	case coding == 0x01:
		return ASCII, true
	case coding == 0x03:
		return Latin1, true
	case coding == 0x08:
		return UCS2, true
	case coding >= 0x10 && coding <= 0x13, coding >= 0xF0 && coding <= 0xF3, coding >= 0xC0 && coding <= 0xDF:
		return GSM7, true
	case coding >= 0x18 && coding <= 0x1B, coding >= 0xE0 && coding <= 0xEF:
		return UCS2, true
	default:
		return 0, false
	}
}

// Encode writes a text. header is how many octets of a user data header stand before it: packed
// septets begin on a border behind them. An error names no character.
func (c Charset) Encode(text string, header int) ([]byte, error) {
	switch c {
	case GSM7, GSM7Packed:
		septets, err := gsm.Encode(text)
		if err != nil || c == GSM7 {
			return septets, err
		}
		return gsm.Pack7(septets, fillBits(header)), nil
	case UCS2:
		return gsm.EncodeUCS2(text), nil
	case ASCII:
		return encodeBelow(text, utf8.RuneSelf)
	default:
		return encodeBelow(text, 0x100)
	}
}

// encodeBelow writes characters whose numbers are octets.
func encodeBelow(text string, limit rune) ([]byte, error) {
	octets := make([]byte, 0, len(text))
	for i, char := range text {
		if char >= limit {
			return nil, fmt.Errorf("at octet %d: %w", i, ErrCharset)
		}
		octets = append(octets, byte(char))
	}
	return octets, nil
}

// Decode reads a text behind header octets of a user data header. UCS-2 may begin with a byte
// order mark, which decides.
func (c Charset) Decode(octets []byte, header int) (string, error) {
	switch c {
	case GSM7:
		return gsm.Decode(octets)
	case GSM7Packed:
		return decodePacked(octets, fillBits(header))
	case UCS2:
		return decodeUCS2(octets)
	case ASCII:
		return decodeBelow(octets, utf8.RuneSelf)
	default:
		return decodeBelow(octets, 0x100)
	}
}

func decodeBelow(octets []byte, limit rune) (string, error) {
	chars := make([]rune, len(octets))
	for i, octet := range octets {
		if chars[i] = rune(octet); chars[i] >= limit {
			return "", fmt.Errorf("at octet %d: %w", i, ErrCharset)
		}
	}
	return string(chars), nil
}

// decodePacked reads as many septets as there is room for. Seven bits that are zero at the very
// end are no @: a text that fills seven octets of eight has them (3GPP TS 23.038, 6.1.2.3.1).
func decodePacked(octets []byte, fill int) (string, error) {
	n := max(len(octets)*8-fill, 0) / 7
	septets, err := gsm.Unpack7(octets, fill, n)
	if err != nil {
		return "", err
	}
	if spare := (len(octets)*8 - fill) % 7; n > 0 && spare == 0 && septets[n-1] == 0 {
		septets = septets[:n-1]
	}
	return gsm.Decode(septets)
}

func decodeUCS2(octets []byte) (string, error) {
	switch {
	case bytes.HasPrefix(octets, []byte{0xFE, 0xFF}):
		octets = octets[2:]
	case bytes.HasPrefix(octets, []byte{0xFF, 0xFE}):
		octets = swapped(octets[2:])
	}
	return gsm.DecodeUCS2(octets)
}

// swapped is the same units with their octets in the other order.
func swapped(octets []byte) []byte {
	other := bytes.Clone(octets)
	for i := 0; i+1 < len(other); i += 2 {
		other[i], other[i+1] = other[i+1], other[i]
	}
	return other
}

// fillBits are the empty bits behind a header, so that the text begins on a septet (3GPP TS
// 23.040, 9.2.3.24).
func fillBits(header int) int { return (7 - header*8%7) % 7 }
