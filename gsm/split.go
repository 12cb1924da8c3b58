package gsm

// Split cuts a text into its segments. Joined, they are the text again, byte
// for byte; there are as many as Count says, and none for an empty text.
func Split(text string) []string {
	info := Count(text)
	segments := make([]string, 0, info.Segments)
	start, used := 0, 0
	for offset, r := range text {
		width := info.Alphabet.width(r)
		if used+width > info.PerSegment {
			segments = append(segments, text[start:offset])
			start, used = offset, 0
		}
		used += width
	}
	if start < len(text) {
		segments = append(segments, text[start:])
	}
	return segments
}
