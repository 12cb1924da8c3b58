package sheet

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// longestLine is how many bytes of a line are kept. What is behind is left out, and its
// row is refused.
const longestLine = 1 << 20

// lines reads the lines of a text, whatever ends them: LF, CR LF, or CR alone.
type lines struct {
	in     *bufio.Reader
	source *counted
	total  int64
	table  *charmap.Charmap // of lines that are not UTF-8
	twice  bool
	number int
	mixed  int
	utf8   bool // lines were seen that are UTF-8 and not ASCII
	raw    []byte
	begun  bool
}

// line is a line in UTF-8, without its end.
type line struct {
	text string
	long bool
}

// counted counts what was read.
type counted struct {
	in   io.Reader
	done int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.done += int64(n)
	return n, err
}

func newLines(file io.ReaderAt, size int64, encoding string) *lines {
	l := &lines{
		source: &counted{in: io.NewSectionReader(file, 0, size)}, total: size,
		table: charmap.Windows1252, twice: encoding == utf8Twice,
	}
	if t := tableOf(encoding); t != nil {
		l.table = t
	}
	in := io.Reader(l.source)
	switch encoding {
	case utf16LE:
		in = transform.NewReader(in, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder())
	case utf16BE:
		in = transform.NewReader(in, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder())
	}
	const buffer = 64 << 10
	l.in = bufio.NewReaderSize(in, buffer)
	return l
}

// next reads a line.
func (l *lines) next() (line, error) {
	raw, long, err := l.read()
	if err != nil {
		return line{}, err
	}
	l.number++
	return line{text: l.decoded(raw), long: long}, nil
}

// read takes bytes up to the end of a line. They are valid until the next call.
func (l *lines) read() (raw []byte, long bool, err error) {
	l.raw = l.raw[:0]
	for {
		if _, err := l.in.Peek(1); err != nil {
			if err == io.EOF && l.begun {
				l.begun = false
				return l.raw, long, nil
			}
			return nil, false, err
		}
		l.begun = true
		chunk, _ := l.in.Peek(l.in.Buffered())
		end := endOf(chunk)
		part := chunk
		if end >= 0 {
			part = chunk[:end]
		}
		if room := longestLine - len(l.raw); len(part) > room {
			part, long = part[:max(room, 0)], true
		}
		l.raw = append(l.raw, part...)
		if end < 0 {
			_, _ = l.in.Discard(len(chunk))
			continue
		}
		cr := chunk[end] == '\r'
		_, _ = l.in.Discard(end + 1)
		if cr {
			if next, err := l.in.Peek(1); err == nil && next[0] == '\n' {
				_, _ = l.in.Discard(1)
			}
		}
		l.begun = false
		return l.raw, long, nil
	}
}

// endOf looks for an end a piece at a time: a file may have one kind of end alone, and be long.
func endOf(chunk []byte) int {
	const piece = 256
	for from := 0; from < len(chunk); from += piece {
		part := chunk[from:min(len(chunk), from+piece)]
		end := bytes.IndexByte(part, '\n')
		if end >= 0 {
			part = part[:end]
		}
		if cr := bytes.IndexByte(part, '\r'); cr >= 0 {
			end = cr
		}
		if end >= 0 {
			return from + end
		}
	}
	return -1
}

// invisible are characters that stand before a text and nobody sees: marks of byte order,
// the right one and others.
const invisible = "\ufeff\u200b\u200c\u200d\u2060\u180e"

// decoded makes UTF-8 of a line. A line that is not UTF-8 is read by the table, whatever
// the others are: files are pasted together.
func (l *lines) decoded(raw []byte) string {
	var text string
	switch {
	case utf8.Valid(raw):
		text = string(raw)
		l.utf8 = l.utf8 || len(raw) != utf8.RuneCount(raw)
		if l.twice {
			text, _ = once(text)
		}
	case l.number == 1 && strings.HasPrefix(string(raw), "\xef\xbb\xbf"):
		text = decode(l.table, raw[3:])
		l.mixed++
	default:
		text = decode(l.table, raw)
		l.mixed++
	}
	if l.number == 1 {
		text = strings.TrimLeft(text, invisible)
	}
	return text
}
