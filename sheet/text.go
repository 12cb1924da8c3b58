package sheet

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"relais/reason"
)

// openText tells the encoding of a text file and what parts its columns.
func openText(file io.ReaderAt, size int64, o Options) (*Book, error) {
	b := &Book{Format: CSV}
	encoding, err := b.encodingOf(file, size, o)
	if err != nil {
		return nil, err
	}
	b.Encoding = encoding
	form, err := b.formOf(newLines(file, size, encoding), o)
	if err != nil {
		return nil, err
	}
	b.Separator = form.separator
	limits := Usual
	b.rows = func() (Rows, error) {
		return &csvRows{lines: newLines(file, size, encoding), form: form, limits: limits}, nil
	}
	return b, nil
}

// encodingOf tells the encoding. What cannot be told is asked.
func (b *Book) encodingOf(file io.ReaderAt, size int64, o Options) (string, error) {
	start := make([]byte, min(size, 4096))
	if _, err := file.ReadAt(start, 0); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if o.Encoding != "" {
		return o.Encoding, nil
	}
	switch name := wideOf(start); name {
	case "":
	case "utf-32":
		return "", refuse(codeUTF32, nil)
	default:
		b.Notes = append(b.Notes, reason.Of(CodeLegacy, reason.Args{"encoding": reason.Name(name)}))
		return name, nil
	}
	s := sampleOf(newLines(file, size, plainUTF8))
	switch {
	case len(s.foreign) == 0 && s.twice != "":
		right, _ := once(s.twice)
		b.Questions = append(b.Questions, reason.Of(CodeTwice, reason.Args{
			"written": reason.Name(s.twice), "read": reason.Name(right),
		}))
		return utf8Twice, nil
	case len(s.foreign) == 0:
		return plainUTF8, nil
	}
	g := guessEncoding(s.foreign)
	if g.second != "" {
		b.Questions = append(b.Questions, reason.Of(CodeWhichBytes, reason.Args{
			"taken": reason.Name(g.name), "other": reason.Name(g.second),
			"read":  reason.Name(word(decode(tableOf(g.name), s.foreign[0]))),
			"would": reason.Name(word(decode(tableOf(g.second), s.foreign[0]))),
		}))
	}
	if !s.utf8 {
		b.Notes = append(b.Notes, reason.Of(CodeLegacy, reason.Args{"encoding": reason.Name(g.name)}))
	}
	return g.name, nil
}

// sample is what tells the encoding of a text.
type sample struct {
	foreign [][]byte // lines that are not UTF-8
	utf8    bool     // others are, and not ASCII
	twice   string   // a word that was encoded twice
}

// sampleOf looks for lines that are not ASCII, at the beginning of the file and, as names
// with accents may come late, up to its end.
func sampleOf(l *lines) sample {
	const enough, longest = 200, 200
	var s sample
	for len(s.foreign) < enough {
		raw, _, err := l.read()
		if err != nil {
			break
		}
		if !foreign(raw) {
			continue
		}
		if !utf8.Valid(raw) {
			s.foreign = append(s.foreign, bytes.Clone(raw[:min(len(raw), longest)]))
			continue
		}
		s.utf8 = true
		if s.twice == "" && mayBeTwice(raw) {
			s.twice = twiceIn(string(raw[:min(len(raw), longest)]))
		}
	}
	return s
}

// foreign reports whether there is more than ASCII, eight bytes at a time.
func foreign(raw []byte) bool {
	const word, high = 8, 0x8080808080808080
	for ; len(raw) >= word; raw = raw[word:] {
		if binary.LittleEndian.Uint64(raw)&high != 0 {
			return true
		}
	}
	for _, b := range raw {
		if b >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// mayBeTwice reports whether there is one of the letters without which nothing was encoded
// twice. It is what most lines with accents need.
func mayBeTwice(raw []byte) bool {
	for {
		at := bytes.IndexByte(raw, marksTwice[0])
		if at < 0 || at+1 == len(raw) {
			return false
		}
		raw = raw[at+1:]
		for i := 0; i < len(marksTwice); i += 2 {
			if raw[0] == marksTwice[i+1] {
				return true
			}
		}
	}
}

// apart parts words that are shown: digits do, so that no number is.
func apart(r rune) bool { return r < utf8.RuneSelf && !unicode.IsLetter(r) }

func twiceIn(text string) string {
	for w := range strings.FieldsFuncSeq(text, apart) {
		if _, yes := once(w); yes {
			return w
		}
	}
	return ""
}

// word is the first word with a letter that is not ASCII.
func word(text string) string {
	for w := range strings.FieldsFuncSeq(text, apart) {
		if foreign([]byte(w)) {
			return w
		}
	}
	return ""
}

// form is how the lines of a text file are made.
type form struct {
	separator string
	wrapped   bool // each line is between quotes
	told      bool // by a first line sep=;
	columns   int  // of most lines
}

// separators are those that part columns, the most likely first.
var separators = []string{";", "\t", ",", "|"}

// formOf looks at the first lines.
func (b *Book) formOf(l *lines, o Options) (form, error) {
	const most = 100
	var first []string
	for len(first) < most {
		one, err := l.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return form{}, err
		}
		if strings.TrimSpace(one.text) != "" {
			first = append(first, one.text[:min(len(one.text), 4*longestField)])
		}
	}
	if len(first) == 0 {
		return form{}, refuse(CodeNoRows, nil)
	}
	if told, ok := separatorLine(first[0]); ok {
		_, columns := separatorOf(first[1:], cmp.Or(o.Separator, told))
		return form{separator: cmp.Or(o.Separator, told), told: true, columns: columns}, nil
	}
	if o.Separator != "" {
		_, columns := separatorOf(first, o.Separator)
		return form{separator: o.Separator, columns: columns}, nil
	}
	if s, columns := separatorOf(first, separators...); s != "" {
		return form{separator: s, columns: columns}, nil
	}
	inside := make([]string, 0, len(first))
	for _, text := range first {
		if bare, ok := unwrapped(text); ok {
			inside = append(inside, bare)
		}
	}
	const five, most5 = 5, 4 // lines of five
	if len(inside)*five >= len(first)*most5 {
		if s, columns := separatorOf(inside, separators...); s != "" {
			b.Notes = append(b.Notes, reason.Of(CodeAllQuoted, nil))
			return form{separator: s, wrapped: true, columns: columns}, nil
		}
	}
	return form{}, nil
}

const longestField = 4000

// separatorLine reads sep=; which Excel takes for a hint and not for a row.
func separatorLine(text string) (string, bool) {
	rest, ok := strings.CutPrefix(strings.ToLower(strings.Trim(text, "\" ")), "sep=")
	if !ok || len(rest) > 1 || rest != "" && !slices.Contains(separators, rest) {
		return "", false
	}
	return cmp.Or(rest, "\t"), true
}

// separatorOf is the one by which most lines have the same, large number of columns, and
// that number; none where there is one column alone.
func separatorOf(lines []string, among ...string) (separator string, columns int) {
	most := 0.0
	for _, s := range among {
		seen, counts := map[int]int{}, 0
		var r recordReader
		for _, text := range lines {
			fields, _ := r.split(text, s, false)
			if n := len(fields); n > 1 {
				seen[n]++
			}
			counts++
		}
		for _, found := range slices.Sorted(maps.Keys(seen)) { // so that equal ones are told apart the same way
			even := float64(seen[found]) / float64(counts)
			if score := even * even * float64(found-1); score > most {
				separator, columns, most = s, found, score
			}
		}
	}
	const least = 0.2
	if most < least {
		return "", 1
	}
	return separator, columns
}

// unwrapped takes the quotes off a line that has them around all of it.
func unwrapped(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' {
		return text, false
	}
	inside := text[1 : len(text)-1]
	if strings.Contains(strings.ReplaceAll(inside, `""`, ""), `"`) {
		return text, false
	}
	return strings.ReplaceAll(inside, `""`, `"`), true
}
