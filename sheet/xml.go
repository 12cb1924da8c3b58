package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// mark is a kind of token.
type mark int

const (
	opening mark = iota
	closing
	words
)

// xmlReader reads the XML of workbooks, token by token. Unlike encoding/xml it holds a
// bounded part of the file whatever is in it, and it refuses document types, by which
// entities are defined. It asks less of XML than a parser has to: who writes a workbook
// that is not well formed is told that it is damaged, or gets other cells than meant.
type xmlReader struct {
	in     *bufio.Reader
	tag    []byte // what stands between < and >
	text   []byte
	empty  bool // the tag closes itself: its end comes next
	nested int
}

// Bounds of a token. A cell of Excel has 32,767 characters at most.
const (
	longestToken = 1 << 20
	deepest      = 100
)

var (
	errXML      = errors.New("XML")
	errEntities = errors.New("document type")
)

func newXML(in io.Reader) *xmlReader {
	const buffer = 64 << 10
	return &xmlReader{in: bufio.NewReaderSize(in, buffer)}
}

// next reads a token. Text is in x.text, entities resolved; a tag is asked by name and attr.
func (x *xmlReader) next() (mark, error) {
	if x.empty {
		x.empty = false
		x.nested--
		return closing, nil
	}
	for {
		if err := x.until('<', &x.text); err != nil {
			if errors.Is(err, io.EOF) && x.nested > 0 {
				return 0, io.ErrUnexpectedEOF
			}
			return 0, err
		}
		if len(x.text) > 0 {
			x.text = resolved(x.text)
			return words, x.in.UnreadByte()
		}
		kind, found, err := x.readTag()
		if err != nil || found {
			return kind, err
		}
	}
}

// until reads up to a byte, which is taken and left out.
func (x *xmlReader) until(end byte, into *[]byte) error {
	*into = (*into)[:0]
	for {
		part, err := x.in.ReadSlice(end)
		if len(*into)+len(part) > longestToken {
			return errXML
		}
		*into = append(*into, part...)
		switch {
		case err == nil:
			*into = (*into)[:len(*into)-1]
			return nil
		case !errors.Is(err, bufio.ErrBufferFull):
			if errors.Is(err, io.EOF) && len(bytes.TrimSpace(*into)) > 0 && end != '<' {
				return io.ErrUnexpectedEOF
			}
			return err
		}
	}
}

// readTag reads what follows a <. Comments and instructions are no token.
func (x *xmlReader) readTag() (kind mark, found bool, err error) {
	if err := x.whole(); err != nil {
		return 0, false, err
	}
	tag := x.tag
	switch {
	case len(tag) == 0:
		return 0, false, errXML
	case tag[0] == '?':
		return 0, false, declared(tag)
	case tag[0] == '!':
		return x.special()
	case tag[0] == '/':
		x.tag = tag[1:]
		if x.nested--; x.nested < 0 {
			return 0, false, errXML
		}
		return closing, true, nil
	case tag[len(tag)-1] == '/':
		x.tag, x.empty = tag[:len(tag)-1], true
	}
	if x.nested++; x.nested > deepest {
		return 0, false, errXML
	}
	return opening, true, nil
}

// whole reads up to the > that ends a tag: one between quotes does not.
func (x *xmlReader) whole() error {
	x.tag = x.tag[:0]
	var part []byte
	var quote byte
	for {
		if err := x.until('>', &part); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		x.tag = append(x.tag, part...)
		if len(x.tag) > longestToken {
			return errXML
		}
		if len(x.tag) == 0 || x.tag[0] == '!' || x.tag[0] == '?' {
			return nil
		}
		if quote = inQuotes(part, quote); quote == 0 {
			return nil
		}
		x.tag = append(x.tag, '>')
	}
}

// inQuotes is the quote that is open behind a part of a tag, 0 where none is.
func inQuotes(part []byte, quote byte) byte {
	for _, b := range part {
		switch {
		case quote == 0 && (b == '"' || b == '\''):
			quote = b
		case b == quote:
			quote = 0
		}
	}
	return quote
}

// special passes over a comment, takes CDATA for text, and refuses the rest.
func (x *xmlReader) special() (mark, bool, error) {
	const comment, data = "!--", "![CDATA["
	switch {
	case bytes.HasPrefix(x.tag, []byte(comment)):
		return 0, false, x.endOf("--", len(comment))
	case bytes.HasPrefix(x.tag, []byte(data)):
		if err := x.endOf("]]", len(data)); err != nil {
			return 0, false, err
		}
		x.text = append(x.text[:0], x.tag[len(data):len(x.tag)-2]...)
		return words, true, nil
	}
	return 0, false, errEntities
}

// endOf reads on until the tag ends with some bytes before its >.
func (x *xmlReader) endOf(end string, begin int) error {
	var part []byte
	for len(x.tag) < begin+len(end) || !bytes.HasSuffix(x.tag, []byte(end)) {
		if err := x.until('>', &part); err != nil {
			return io.ErrUnexpectedEOF
		}
		x.tag = append(append(x.tag, '>'), part...)
		if len(x.tag) > longestToken {
			return errXML
		}
	}
	return nil
}

// declared refuses a declaration of another encoding than UTF-8.
func declared(tag []byte) error {
	lower := strings.ToLower(string(tag))
	if _, rest, found := strings.Cut(lower, "encoding="); found && strings.HasPrefix(lower, "?xml") &&
		!strings.HasPrefix(strings.Trim(rest, `"'`), "utf-8") && !strings.HasPrefix(strings.Trim(rest, `"'`), "us-ascii") {
		return errXML
	}
	return nil
}

// name is that of the tag, without its prefix.
func (x *xmlReader) name() []byte {
	name := x.tag
	if i := bytes.IndexAny(name, " \t\r\n"); i >= 0 {
		name = name[:i]
	}
	return local(name)
}

func local(name []byte) []byte {
	if _, after, prefixed := bytes.Cut(name, []byte{':'}); prefixed {
		return after
	}
	return name
}

// attr is the value of an attribute of the tag, by its name without a prefix; ok is false
// where there is none.
func (x *xmlReader) attr(name string) (string, bool) {
	rest := x.tag
	i := bytes.IndexAny(rest, " \t\r\n")
	for i >= 0 {
		rest = bytes.TrimLeft(rest[i:], " \t\r\n")
		key, value, found := bytes.Cut(rest, []byte("="))
		value = bytes.TrimLeft(value, " \t\r\n")
		if !found || len(value) == 0 || value[0] != '"' && value[0] != '\'' {
			return "", false
		}
		inside, behind, closed := bytes.Cut(value[1:], value[:1])
		if !closed {
			return "", false
		}
		if string(local(bytes.TrimSpace(key))) == name {
			return string(resolved(bytes.Clone(inside))), true
		}
		rest, i = behind, 0
		if len(rest) == 0 {
			return "", false
		}
	}
	return "", false
}

// skip passes over everything up to the end of the tag that was opened last.
func (x *xmlReader) skip() error {
	for depth := 1; depth > 0; {
		kind, err := x.next()
		if err != nil {
			return err
		}
		switch kind {
		case opening:
			depth++
		case closing:
			depth--
		case words:
		}
	}
	return nil
}

// resolved puts characters in the place of the five entities that XML has, and of numbers.
func resolved(text []byte) []byte {
	if bytes.IndexByte(text, '&') < 0 {
		return text
	}
	out := text[:0]
	for i := 0; i < len(text); i++ {
		if text[i] != '&' {
			out = append(out, text[i])
			continue
		}
		const longest = 12
		end := bytes.IndexByte(text[i:min(len(text), i+longest)], ';')
		r, ok := entity(text[i+1 : max(i+end, i+1)])
		if end < 0 || !ok {
			out = append(out, '&')
			continue
		}
		out = utf8.AppendRune(out, r) // never longer than what it stands for
		i += end
	}
	return out
}

func entity(name []byte) (rune, bool) {
	switch string(name) {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := string(name[1:]), 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	if err != nil || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}
