package gsm

// Alphabet is the way a text is coded on the air.
type Alphabet uint8

// The alphabets of TS 23.038. One character outside SevenBit moves the whole
// text to UCS2.
const (
	SevenBit Alphabet = iota // septets; extension characters take two
	UCS2                     // 16-bit units; characters beyond U+FFFF take two
)

// String is "gsm7" or "ucs2".
func (a Alphabet) String() string {
	if a == UCS2 {
		return "ucs2"
	}
	return "gsm7"
}

// A segment carries 140 octets. When a text needs several, each gives 6 of
// them to the header that says which part it is (TS 23.040, 9.2.3.24.1: a
// concatenation element with an 8-bit reference).
const (
	segmentOctets = 140
	headerOctets  = 6
)

// Single is how many units a text of one segment may have: 160 or 70.
func (a Alphabet) Single() int {
	if a == UCS2 {
		return segmentOctets / 2
	}
	return segmentOctets * 8 / 7
}

// PerPart is how many units each segment holds when there are several: 153 or
// 67.
func (a Alphabet) PerPart() int {
	if a == UCS2 {
		return (segmentOctets - headerOctets) / 2
	}
	return (segmentOctets - headerOctets) * 8 / 7
}

// width is the number of units that r takes. In SevenBit it is 0 for a
// character that the alphabet lacks.
func (a Alphabet) width(r rune) int {
	switch {
	case a == SevenBit:
		return int(cellOf(r) >> 8)
	case r > 0xFFFF:
		return 2
	default:
		return 1
	}
}

const escape = 0x1B

// basic is the default alphabet by code (TS 23.038, 6.2.1). The escape code
// stands for no character; U+FFFD holds its place.
var basic = [128]rune([]rune("@£$¥èéùìòÇ\nØø\rÅå" +
	"Δ_ΦΓΛΩΠΨΣΘΞ\uFFFDÆæßÉ" +
	" !\"#¤%&'()*+,-./" +
	"0123456789:;<=>?" +
	"¡ABCDEFGHIJKLMNO" +
	"PQRSTUVWXYZÄÖÑÜ§" +
	"¿abcdefghijklmno" +
	"pqrstuvwxyzäöñüà"))

const euro = '€'

// extension holds the characters behind an escape (TS 23.038, 6.2.1.1).
var extension = map[byte]rune{
	0x0A: '\f', 0x14: '^', 0x28: '{', 0x29: '}', 0x2F: '\\',
	0x3C: '[', 0x3D: '~', 0x3E: ']', 0x40: '|', 0x65: euro,
}

// cells gives, for a character below U+0400, its width in septets in the high
// byte and its code in the low one. Zero: not in the alphabet. The euro sign,
// the only character above, has its own cell.
var cells, euroCell = index()

func index() (table [0x400]uint16, euroCell uint16) {
	for code, r := range basic {
		if code != escape {
			table[r] = 1<<8 | uint16(code)
		}
	}
	for code, r := range extension {
		if r == euro {
			euroCell = 2<<8 | uint16(code)
			continue
		}
		table[r] = 2<<8 | uint16(code)
	}
	return table, euroCell
}

func cellOf(r rune) uint16 {
	switch {
	case uint32(r) < uint32(len(cells)):
		return cells[r]
	case r == euro:
		return euroCell
	default:
		return 0
	}
}
