package gsm

// Info is what a text costs.
type Info struct {
	Alphabet   Alphabet
	Units      int // septets or 16-bit units
	Segments   int // 0 for an empty text
	PerSegment int // most units in each: Single for one segment, else PerPart
}

// Count tells the alphabet of a text and the segments that it takes. A segment
// never ends between an escape and its character, nor inside a surrogate pair,
// so there may be one more than the division of the units gives.
func Count(text string) Info {
	return CountWith(text, "")
}

// CountWith counts text with suffix after it, without joining them: a STOP
// clause, for one.
func CountWith(text, suffix string) Info {
	if septets, pairs, ok := sevenBit(text, suffix); ok {
		return info(SevenBit, septets, pairs, text, suffix)
	}
	units, pairs := utf16Units(text)
	more, morePairs := utf16Units(suffix)
	return info(UCS2, units+more, pairs+morePairs, text, suffix)
}

func sevenBit(text, suffix string) (units, pairs int, ok bool) {
	units, pairs, ok = septets(text)
	if !ok {
		return 0, 0, false
	}
	more, morePairs, ok := septets(suffix)
	return units + more, pairs + morePairs, ok
}

// septets measures a text and the characters that take two; ok is false when
// one is not in the alphabet.
func septets(text string) (units, pairs int, ok bool) {
	for _, r := range text {
		width := int(cellOf(r) >> 8)
		if width == 0 {
			return 0, 0, false
		}
		units += width
		pairs += width - 1
	}
	return units, pairs, true
}

func utf16Units(text string) (units, pairs int) {
	for _, r := range text {
		width := UCS2.width(r)
		units += width
		pairs += width - 1
	}
	return units, pairs
}

func info(a Alphabet, units, pairs int, text, suffix string) Info {
	single, part := a.Single(), a.PerPart()
	switch {
	case units <= single:
		return Info{Alphabet: a, Units: units, Segments: min(units, 1), PerSegment: single}
	case pairs == 0: // no segment ends early
		return Info{Alphabet: a, Units: units, Segments: (units + part - 1) / part, PerSegment: part}
	default:
		return Info{Alphabet: a, Units: units, Segments: parts(a, text, suffix), PerSegment: part}
	}
}

// parts fills segments one after the other.
func parts(a Alphabet, text, suffix string) int {
	count, used := 1, 0
	for _, piece := range [...]string{text, suffix} {
		for _, r := range piece {
			width := a.width(r)
			if used+width > a.PerPart() {
				count, used = count+1, 0
			}
			used += width
		}
	}
	return count
}

// Char is one character of a text and its place in it.
type Char struct {
	Rune     rune
	Offset   int // in bytes, from 0
	Position int // in characters, from 0
}

// Costly lists the characters that force a text into UCS2, in order. It is
// empty for a text in the 7-bit alphabet.
func Costly(text string) []Char {
	var found []Char
	position := 0
	for offset, r := range text {
		if cellOf(r) == 0 {
			found = append(found, Char{Rune: r, Offset: offset, Position: position})
		}
		position++
	}
	return found
}
