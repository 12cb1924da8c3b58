package world

import "strings"

// The characters of GSM 03.38: one septet each, or two in the extension table.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "^{}\\[~]|€\f"
)

var gsmWidth = func() map[rune]int {
	width := map[rune]int{}
	for _, c := range gsmBasic {
		width[c] = 1
	}
	for _, c := range gsmExtended {
		width[c] = 2
	}
	return width
}()

// Width is the number of septets of a character, 0 when GSM 03.38 has it not.
func Width(c rune) int { return gsmWidth[c] }

// Septets counts a text in GSM 03.38, and reports whether it fits that alphabet.
func Septets(text string) (n int, ok bool) {
	for i := range len(text) {
		if text[i] >= 0x80 || text[i] == '`' || text[i] < ' ' {
			return septetsSlowly(text)
		}
	}
	n = len(text)
	for _, c := range []byte(`^{}\[~]|`) {
		n += strings.Count(text, string(rune(c)))
	}
	return n, true
}

func septetsSlowly(text string) (n int, ok bool) {
	for _, c := range text {
		width := gsmWidth[c]
		if width == 0 {
			return 0, false
		}
		n += width
	}
	return n, true
}

// Units counts a text in UCS-2.
func Units(text string) int {
	n := 0
	for _, c := range text {
		n++
		if c > 0xffff {
			n++
		}
	}
	return n
}
