package terminal

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"

	"golang.org/x/term"
	"golang.org/x/text/width"
)

// Screen is a standard output that a person looks at: it has a width, and maybe
// colours. What goes to a file or a pipe is written as it is, a row on a line.
type Screen struct {
	io.Writer
	width   int
	colours bool
}

// ScreenOf returns a screen where w is a terminal, or where COLUMNS asks for a width
// (POSIX, XBD 8.3), and else w.
func ScreenOf(w io.Writer, env func(string) (string, bool)) io.Writer {
	seen := IsTerminal(w)
	columns := ColumnsOf(w, env)
	if !seen && columns == 0 {
		return w
	}
	const usual = 80
	return &Screen{Writer: w, width: cmp.Or(columns, usual), colours: seen && coloured(env)}
}

// IsTerminal reports whether what is written there is seen at once.
func IsTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// ColumnsOf is the width that COLUMNS asks for, or that the terminal has; else 0.
func ColumnsOf(w io.Writer, env func(string) (string, bool)) int {
	text, _ := env("COLUMNS")
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return n
	}
	if file, ok := w.(*os.File); ok {
		if n, _, err := term.GetSize(int(file.Fd())); err == nil && n > 0 {
			return n
		}
	}
	return 0
}

// coloured reports whether a terminal is to be coloured: NO_COLOR with any text says no
// (https://no-color.org), and a dumb terminal cannot.
func coloured(env func(string) (string, bool)) bool {
	no, _ := env("NO_COLOR")
	kind, _ := env("TERM")
	return no == "" && kind != "" && kind != "dumb"
}

// The colours, as ECMA-48 (8.3.117) numbers them.
const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
)

func paint(colour, text string) string { return "\x1b[" + colour + "m" + text + "\x1b[0m" }

// colours are those of words that say how something stands.
var colours = map[string]string{
	"delivered": green, "active": green, "ok": green, "bon": green, "ready": green,
	"uncertain": yellow, "warning": yellow, "attention": yellow, "quarantined": yellow, "pending": yellow,
	"undelivered": red, "rejected": red, "expired": red, "failure": red, "échec": red, "failed": red,
	"disabled": red,
}

// Gap lies between two columns.
const Gap = 2

// PrintTable writes rows in columns. On a screen they fit its width: a last column of
// words is Wrapped, and columns that find no room go on below, indented.
func PrintTable(w io.Writer, rows ...[]string) error {
	if s, ok := w.(*Screen); ok {
		return s.table(rows)
	}
	t := tabwriter.NewWriter(w, 0, 0, Gap, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	return t.Flush()
}

// column is a place in a table.
type column struct {
	width int
	line  int // of those that one row takes, from 0
	wraps bool
}

func (s *Screen) table(rows [][]string) error {
	columns := s.columns(rows)
	titled := len(rows) > 1 && heading(rows[0])
	var b strings.Builder
	for i, row := range rows {
		for line := 0; line <= lines(columns); line++ {
			s.row(&b, row, columns, line, titled && i == 0)
		}
	}
	_, err := io.WriteString(s.Writer, b.String())
	return err
}

func lines(columns []column) int {
	if len(columns) == 0 {
		return 0
	}
	return columns[len(columns)-1].line
}

const (
	// Indent is that of columns that go on below.
	Indent    = 4
	leastText = 20 // columns below which a text is not Wrapped beside others
)

// columns gives each column its width and the line that it is on.
func (s *Screen) columns(rows [][]string) []column {
	var all []column
	for _, row := range rows {
		for i, cell := range row {
			if i == len(all) {
				all = append(all, column{})
			}
			all[i].width = max(all[i].width, Cells(ShownSafely(cell)))
		}
	}
	line, used := 0, 0
	for i := range all {
		c := &all[i]
		room := s.width - used
		last := i == len(all)-1
		switch {
		case c.width <= room:
		case last && room >= leastText && wordy(rows, i):
			c.width, c.wraps = room, true
		case used > Indent || line == 0 && used > 0:
			line, used = line+1, Indent
			if c.width > s.width-used {
				c.width, c.wraps = s.width-used, true
			}
		default:
			c.width, c.wraps = max(room, leastText), true
		}
		c.line = line
		used += c.width + Gap
	}
	return all
}

// wordy reports whether a column holds sentences.
func wordy(rows [][]string, i int) bool {
	for _, row := range rows {
		if i < len(row) && strings.Contains(strings.TrimSpace(row[i]), " ") {
			return true
		}
	}
	return false
}

// row writes those columns of a row that are on one line.
func (s *Screen) row(b *strings.Builder, row []string, columns []column, line int, title bool) {
	at, first, any := 0, -1, false
	for i := range columns {
		if columns[i].line == line {
			if first < 0 {
				first = i
			}
			any = any || i < len(row) && row[i] != ""
		}
	}
	if !any && line > 0 {
		return
	}
	if line > 0 {
		at = Indent
	}
	var out strings.Builder
	out.WriteString(strings.Repeat(" ", at))
	for i := first; i >= 0 && i < len(columns) && columns[i].line == line; i++ {
		cell := ""
		if i < len(row) {
			cell = ShownSafely(row[i])
		}
		pad := columns[i].width - Cells(cell)
		if columns[i].wraps {
			cell, pad = Wrapped(cell, columns[i].width, at), 0
		}
		out.WriteString(s.painted(cell, title) + strings.Repeat(" ", max(pad, 0)+Gap))
		at += columns[i].width + Gap
	}
	b.WriteString(strings.TrimRight(out.String(), " ") + "\n")
}

func (s *Screen) painted(cell string, title bool) string {
	word := strings.TrimSpace(cell)
	colour := colours[word]
	if title {
		colour = bold
	}
	if !s.colours || colour == "" || word == "" {
		return cell
	}
	before, after, _ := strings.Cut(cell, word)
	return before + paint(colour, word) + after
}

// heading reports whether a row has names of columns: letters, all of them capitals.
func heading(row []string) bool {
	text := strings.Join(row, "")
	return text == strings.ToUpper(text) && strings.IndexFunc(text, unicode.IsLetter) >= 0 &&
		strings.IndexFunc(text, unicode.IsDigit) < 0
}

// breaks reports whether a line may end at a character: U+00A0 is a space that keeps what
// it parts together.
func breaks(r rune) bool { return unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f' }

// Wrapped breaks a text between words, so that it fits size columns that begin at one.
// A word that is longer stays whole: it may have to be copied.
func Wrapped(text string, size, begin int) string {
	var b strings.Builder
	used := 0
	for i, word := range strings.FieldsFunc(text, breaks) {
		n := Cells(word)
		switch {
		case i == 0:
			lead := len(text) - len(strings.TrimLeft(text, " "))
			b.WriteString(strings.Repeat(" ", lead))
			used = lead
		case used+1+n > size:
			b.WriteString("\n" + strings.Repeat(" ", begin))
			used = 0
		default:
			b.WriteString(" ")
			used++
		}
		b.WriteString(word)
		used += n
	}
	return b.String()
}

// Cells are the columns that a text takes on a terminal (Unicode, UAX 11).
func Cells(text string) int {
	n := 0
	for _, r := range text {
		switch kind := width.LookupRune(r).Kind(); {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case kind == width.EastAsianWide, kind == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// ShownSafely marks what would steer a terminal: words of operators and of files are shown.
func ShownSafely(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\ufffd'
		}
		return r
	}, text)
}

// OnScreen reports whether a person looks at the result.
func (t *Terminal) OnScreen() bool {
	_, seen := t.Stdout.(*Screen)
	return seen
}

// Redraw writes over everything that stands on the screen.
func (t *Terminal) Redraw(write func(*Terminal) error) error {
	s := t.Stdout.(*Screen)
	var b strings.Builder
	over := *t
	over.Stdout = &Screen{Writer: &b, width: s.width, colours: s.colours}
	if err := write(&over); err != nil {
		return err
	}
	_, err := io.WriteString(s.Writer, "\x1b[H\x1b[2J"+b.String())
	return err
}
