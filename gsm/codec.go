package gsm

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
)

// Errors of the codec. They name no character: a text may be personal.
var (
	ErrNotSevenBit = errors.New("not in the GSM 7-bit default alphabet")
	ErrSeptet      = errors.New("not a septet: more than seven bits")
	ErrOddOctets   = errors.New("UCS-2 with an odd number of octets")
	ErrShort       = errors.New("fewer octets than septets need")
)

// Encode gives a text as septets, one in each byte. The error wraps
// ErrNotSevenBit and says where the first costly character is.
func Encode(text string) ([]byte, error) {
	septets := make([]byte, 0, len(text))
	for offset, r := range text {
		cell := cellOf(r)
		switch cell >> 8 {
		case 0:
			return nil, fmt.Errorf("character at byte %d: %w", offset, ErrNotSevenBit)
		case 2:
			septets = append(septets, escape)
		}
		septets = append(septets, byte(cell))
	}
	return septets, nil
}

// Decode reads septets, one in each byte. It shows what a handset would: an
// escape before a code without a meaning gives the basic character of that
// code, and an escape before another, or at the end, gives a space (TS 23.038,
// 6.2.1 note 1 and 6.2.1.1 notes). A byte above 0x7F is ErrSeptet.
func Decode(septets []byte) (string, error) {
	var text strings.Builder
	escaped := false
	for i, code := range septets {
		switch {
		case code > 0x7F:
			return "", fmt.Errorf("octet %d: %w", i, ErrSeptet)
		case code == escape && !escaped:
			escaped = true
			continue
		case code == escape:
			text.WriteByte(' ')
		default:
			text.WriteRune(character(code, escaped))
		}
		escaped = false
	}
	if escaped {
		text.WriteByte(' ')
	}
	return text.String(), nil
}

func character(code byte, escaped bool) rune {
	if r, ok := extension[code]; ok && escaped {
		return r
	}
	return basic[code]
}

// Pack7 packs septets into octets, lowest bits first, after fill empty bits
// (TS 23.038, 6.1.2.1). A header of 6 octets asks for one, so that the text
// begins on a septet (TS 23.040, 9.2.3.24).
func Pack7(septets []byte, fill int) []byte {
	octets := make([]byte, (fill+7*len(septets)+7)/8)
	for i, septet := range septets {
		bit := fill + 7*i
		wide := uint16(septet&0x7F) << (bit % 8)
		octets[bit/8] |= byte(wide)
		if wide > 0xFF {
			octets[bit/8+1] |= byte(wide >> 8)
		}
	}
	return octets
}

// Unpack7 reads n septets behind fill bits. The count is needed: seven spare
// bits at the end look like an @. It returns ErrShort when octets ends before.
func Unpack7(octets []byte, fill, n int) ([]byte, error) {
	if (fill+7*n+7)/8 > len(octets) {
		return nil, ErrShort
	}
	septets := make([]byte, n)
	for i := range septets {
		bit := fill + 7*i
		wide := uint16(octets[bit/8])
		if bit/8+1 < len(octets) {
			wide |= uint16(octets[bit/8+1]) << 8
		}
		septets[i] = byte(wide>>(bit%8)) & 0x7F
	}
	return septets, nil
}

// EncodeUCS2 gives a text as 16-bit units, high octet first. A character
// beyond U+FFFF becomes a surrogate pair, as handsets expect, although UCS-2
// proper has none.
func EncodeUCS2(text string) []byte {
	octets := make([]byte, 0, 2*len(text))
	for _, r := range text {
		if high, low := utf16.EncodeRune(r); r > 0xFFFF {
			octets = append(octets, byte(high>>8), byte(high), byte(low>>8), byte(low))
			continue
		}
		octets = append(octets, byte(r>>8), byte(r))
	}
	return octets
}

// DecodeUCS2 reads 16-bit units. Half a surrogate pair gives U+FFFD. An odd
// number of octets is ErrOddOctets.
func DecodeUCS2(octets []byte) (string, error) {
	if len(octets)%2 != 0 {
		return "", ErrOddOctets
	}
	units := make([]uint16, len(octets)/2)
	for i := range units {
		units[i] = uint16(octets[2*i])<<8 | uint16(octets[2*i+1])
	}
	return string(utf16.Decode(units)), nil
}
