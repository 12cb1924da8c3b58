package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"relais/reason"
)

// workbook is an XLSX file (ECMA-376): the parts that every sheet needs.
type workbook struct {
	archive *archive
	o       Options
	sheets  []sheetPart
	base    time.Time // day 0 of its dates
	strings sharedStrings
	formats []*format // by the number of a cell's style
	unknown []bool    // formats of dates that are not known
}

type sheetPart struct {
	Info
	part string
}

// workbook is the part that names the sheets, where it has an unusual name.
func (a *archive) workbook() string {
	found := ""
	_ = a.each("_rels/.rels", func(x *xmlReader) error {
		kind, _ := x.attr("Type")
		if target, ok := x.attr("Target"); ok && strings.HasSuffix(kind, "/officeDocument") {
			found = strings.TrimPrefix(target, "/")
		}
		return nil
	})
	if a.parts[found] == nil || !strings.Contains(found, "workbook") {
		return ""
	}
	return found
}

// each calls see for every tag that opens in a part.
func (a *archive) each(part string, see func(*xmlReader) error) error {
	in, err := a.open(part)
	if err != nil {
		return err
	}
	defer in.Close()
	x := newXML(in)
	for {
		kind, err := x.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return damaged(err)
		}
		if kind == opening {
			if err := see(x); err != nil {
				return err
			}
		}
	}
}

func openXLSX(a *archive, o Options) (*Book, error) {
	main := "xl/workbook.xml"
	if a.parts[main] == nil {
		main = a.workbook()
	}
	w := &workbook{archive: a, o: o, base: time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)}
	if err := w.read(main); err != nil {
		return nil, err
	}
	b := &Book{Format: XLSX}
	for _, s := range w.sheets {
		b.Sheets = append(b.Sheets, s.Info)
	}
	chosen, err := b.choose(o, w.filled)
	if err != nil {
		return nil, err
	}
	b.rows = func() (Rows, error) { return w.rows(chosen) }
	return b, nil
}

// sheetName drops what a terminal would take for an order.
func sheetName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, name)
}

// choose picks the sheet: the one that was named, else the first that is seen and has rows.
func (b *Book) choose(o Options, hasRows func(int) (bool, error)) (int, error) {
	var filled []int
	var names []string
	for i, s := range b.Sheets {
		names = append(names, s.Name)
		if o.Sheet != "" {
			if s.Name == o.Sheet {
				b.Sheet = s.Name
				return i, nil
			}
			continue
		}
		if s.Hidden {
			continue
		}
		found, err := hasRows(i)
		if err != nil {
			return 0, err
		}
		if found {
			filled = append(filled, i)
		}
	}
	switch {
	case o.Sheet != "":
		return 0, refuse(codeNoSheet, reason.Args{"named": reason.Name(o.Sheet), "sheets": reason.Names(names)})
	case len(filled) == 0:
		return 0, refuse(CodeNoRows, nil)
	case len(filled) > 1:
		var others []string
		for _, i := range filled[1:] {
			others = append(others, b.Sheets[i].Name)
		}
		b.Questions = append(b.Questions, reason.Of(CodeWhichTable, reason.Args{
			"taken": reason.Name(b.Sheets[filled[0]].Name), "others": reason.Names(others),
		}))
	}
	b.Sheet = b.Sheets[filled[0]].Name
	return filled[0], nil
}

// hasRow reports whether there is a row.
func hasRow(r Rows) (bool, error) {
	_, err := r.Next()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil, err
}

// filled reports whether a sheet has rows.
func (w *workbook) filled(i int) (bool, error) {
	r, err := w.begun(i)
	if err != nil {
		return false, err
	}
	defer r.Close() //nolint:errcheck // it was only read from
	return hasRow(r)
}

// read reads the parts that every sheet needs.
func (w *workbook) read(main string) error {
	folder := path.Dir(main)
	targets := map[string]string{}
	err := w.archive.each(path.Join(folder, "_rels", path.Base(main)+".rels"), func(x *xmlReader) error {
		id, _ := x.attr("Id")
		target, ok := x.attr("Target")
		if !ok {
			return nil
		}
		if strings.Contains(target, "..") {
			return refuse(codePath, nil)
		}
		if !strings.HasPrefix(target, "/") {
			target = "/" + path.Join(folder, target)
		}
		targets[id] = strings.TrimPrefix(target, "/")
		return nil
	})
	if err != nil {
		return err
	}
	err = w.archive.each(main, func(x *xmlReader) error {
		switch string(x.name()) {
		case "workbookPr":
			if on, _ := x.attr("date1904"); on == "1" || on == "true" {
				w.base = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
			}
		case "sheet":
			name, _ := x.attr("name")
			state, _ := x.attr("state")
			id, _ := x.attr("id")
			if part := targets[id]; w.archive.parts[part] != nil && !strings.Contains(part, "chartsheets") {
				if err := w.another(part); err != nil {
					return err
				}
				w.sheets = append(w.sheets, sheetPart{Info{sheetName(name), state != "" && state != "visible"}, part})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := w.readStyles(path.Join(folder, "styles.xml")); err != nil {
		return err
	}
	return w.strings.read(w.archive, path.Join(folder, "sharedStrings.xml"))
}

// another refuses a sheet that was named before, or that is one too many.
func (w *workbook) another(part string) error {
	if slices.ContainsFunc(w.sheets, func(s sheetPart) bool { return s.part == part }) {
		return damaged(errors.New(part))
	}
	return countSheet(len(w.sheets))
}

// countSheet refuses a sheet beyond those that a workbook may have.
func countSheet(before int) error {
	if before >= mostSheets {
		return damaged(fmt.Errorf("sheets > %d", mostSheets))
	}
	return nil
}

func (w *workbook) readStyles(part string) error {
	if w.archive.parts[part] == nil {
		return nil
	}
	codes := map[int]string{}
	cells := false
	made := map[int]*format{}
	return w.archive.each(part, func(x *xmlReader) error {
		switch string(x.name()) {
		case "numFmt":
			id, _ := x.attr("numFmtId")
			code, _ := x.attr("formatCode")
			if n, err := strconv.Atoi(id); err == nil && !cells && len(codes) < mostCodes {
				codes[n] = code
			}
		case "cellXfs":
			cells = true
		case "cellStyles", "dxfs":
			cells = false
		case "xf":
			if !cells || len(w.formats) >= 1<<16 {
				return nil
			}
			id, _ := x.attr("numFmtId")
			n, _ := strconv.Atoi(id)
			if made[n] == nil {
				made[n] = w.formatOf(n, codes)
			}
			w.formats = append(w.formats, made[n])
			w.unknown = append(w.unknown, eastAsian(n))
		}
		return nil
	})
}

// mostCodes is how many formats a workbook may define: far more than Excel takes.
const mostCodes = 4000

func (w *workbook) formatOf(id int, codes map[int]string) *format {
	code, own := codes[id]
	if !own {
		code = builtIn[id]
	}
	switch {
	case eastAsian(id):
		code = "dd/mm/yyyy"
	case code == "":
		code = "General"
	case id == 14 && w.o.English:
		code = "m/d/yyyy"
	}
	return newFormat(code, w.o.English)
}

// sharedStrings are the texts of cells, which a workbook keeps once each. They are the only
// part that is held.
type sharedStrings struct {
	data []byte
	ends []uint32
}

func (s *sharedStrings) at(i int) (string, bool) {
	if i < 0 || i >= len(s.ends) {
		return "", false
	}
	from := uint32(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	return string(s.data[from:s.ends[i]]), true
}

func (s *sharedStrings) read(a *archive, part string) error {
	if a.parts[part] == nil {
		return nil
	}
	in, err := a.open(part)
	if err != nil {
		return err
	}
	defer in.Close()
	x := newXML(in)
	for {
		kind, err := x.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return damaged(err)
		case kind != opening || string(x.name()) != "si":
			continue
		}
		if s.data, err = x.richText(s.data); err != nil {
			return damaged(err)
		}
		s.ends = append(s.ends, uint32(len(s.data)))
		if held := int64(len(s.data) + 4*len(s.ends)); held > a.limits.Strings {
			return refuse(codeStrings, reason.Args{"most": reason.Count(a.limits.Strings >> 20)})
		}
	}
}

// richText gathers the text of a cell, up to the end of the tag that was opened last:
// pieces with looks of their own, but not how they are read aloud.
func (x *xmlReader) richText(into []byte) ([]byte, error) {
	in, most := false, len(into)+longestToken
	for depth := 1; depth > 0; {
		kind, err := x.next()
		if err != nil {
			return into, err
		}
		switch kind {
		case opening:
			switch string(x.name()) {
			case "t":
				in = true
			case "rPh":
				if err := x.skip(); err != nil {
					return into, err
				}
				continue
			}
			depth++
		case closing:
			in = false
			depth--
		case words:
			if in {
				into = append(into, unescapeControls(x.text)...)
			}
		}
		if len(into) > most {
			return into, errXML
		}
	}
	return into, nil
}

var controlEscape = regexp.MustCompile(`_x([0-9A-Fa-f]{4})_`)

// unescapeControls reads _x000D_, as Excel writes characters that XML lacks.
func unescapeControls(text []byte) []byte {
	if !bytes.Contains(text, []byte("_x")) {
		return text
	}
	return controlEscape.ReplaceAllFunc(text, func(found []byte) []byte {
		n, _ := strconv.ParseUint(string(found[2:6]), 16, 16)
		switch r := rune(n); {
		case r == '\r':
			return nil
		case r < ' ' || r == '_':
			return []byte(string(r))
		}
		return found
	})
}

// rows begins to read a sheet, behind a reading for the areas.
func (w *workbook) rows(i int) (*xlsxRows, error) {
	r, err := w.begun(i)
	if err != nil {
		return nil, err
	}
	if err := r.readAreas(w.sheets[i].part); err != nil {
		_ = r.Close()
		return nil, err
	}
	return r, nil
}

func (w *workbook) begun(i int) (*xlsxRows, error) {
	part := w.sheets[i].part
	r := &xlsxRows{book: w, grid: newGrid(w.o), long: map[int]string{}}
	in, err := w.archive.open(part)
	if err != nil {
		return nil, err
	}
	r.in, r.xml = in, newXML(in)
	r.size = int64(w.archive.parts[part].UncompressedSize64)
	return r, nil
}

// xlsxRows reads the rows of a sheet.
type xlsxRows struct {
	book   *workbook
	in     io.ReadCloser
	xml    *xmlReader
	grid   *grid
	long   map[int]string // texts that cells share; no more than the workbook has
	size   int64
	number int
	done   bool
}

// lastRow is the last that a sheet can have.
const lastRow = 1 << 20

var mergedArea = regexp.MustCompile(`mergeCell\s+ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"`)

// readAreas finds cells that are one. They stand behind all the rows.
func (r *xlsxRows) readAreas(part string) error {
	in, err := r.book.archive.open(part)
	if err != nil {
		return err
	}
	defer in.Close()
	const step, overlap, most = 64 << 10, 128, 100_000
	buffer := make([]byte, 0, step+overlap)
	for {
		n, err := io.ReadFull(in, buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		if bytes.Contains(buffer, []byte("mergeCell")) && len(r.grid.areas) < most {
			for _, found := range mergedArea.FindAllSubmatch(buffer, -1) {
				r.addArea(found)
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return damaged(err)
		}
		keep := copy(buffer[:overlap], buffer[len(buffer)-overlap:])
		buffer = buffer[:keep]
	}
	areas := r.grid.areas
	slices.SortFunc(areas, func(a, b area) int { return a.firstRow - b.firstRow })
	r.grid.areas = slices.CompactFunc(areas, func(a, b area) bool {
		return a.firstRow == b.firstRow && a.firstColumn == b.firstColumn && a.lastRow == b.lastRow
	})
	return nil
}

func (r *xlsxRows) addArea(found [][]byte) {
	first, _ := strconv.Atoi(string(found[2]))
	last, _ := strconv.Atoi(string(found[4]))
	r.grid.areas = append(r.grid.areas, area{
		firstRow: first, lastRow: last, firstColumn: columnOf(string(found[1])), lastColumn: columnOf(string(found[3])),
	})
}

// columnOf is the place of a column by the letters of a reference, from 0; -1 without.
func columnOf(reference string) int {
	const letters, most = 26, 1 << 20
	n := 0
	for i := range len(reference) {
		c := reference[i]
		if c < 'A' || c > 'Z' || n > most {
			break
		}
		n = n*letters + int(c-'A') + 1
	}
	return n - 1
}

// Close ends the reading before the last row.
func (r *xlsxRows) Close() error { return r.in.Close() }

// Next implements Rows.
func (r *xlsxRows) Next() (Row, error) {
	for !r.done {
		kind, err := r.xml.next()
		if err != nil {
			_ = r.in.Close()
			if errors.Is(err, io.EOF) {
				break
			}
			return Row{}, damaged(err)
		}
		switch {
		case kind == closing && string(r.xml.name()) == "sheetData":
			r.done = true
			_ = r.in.Close()
		case kind != opening:
		case string(r.xml.name()) == "col":
			r.column()
		case string(r.xml.name()) == "row":
			row, ok, err := r.row()
			if err != nil {
				_ = r.in.Close()
				return Row{}, damaged(err)
			}
			if ok {
				return row, nil
			}
		}
	}
	return Row{}, io.EOF
}

// column remembers columns that are hidden.
func (r *xlsxRows) column() {
	if hidden, _ := r.xml.attr("hidden"); hidden != "1" && hidden != "true" {
		return
	}
	from, _ := r.xml.attr("min")
	to, _ := r.xml.attr("max")
	first, _ := strconv.Atoi(from)
	last, _ := strconv.Atoi(to)
	for i := max(first, 1); i <= min(last, r.grid.limits.Columns); i++ {
		r.grid.hide(i - 1)
	}
}

func (r *xlsxRows) row() (Row, bool, error) {
	r.number++
	if at, ok := r.xml.attr("r"); ok {
		n, err := strconv.Atoi(at)
		if err != nil || n < r.number {
			return Row{}, false, errXML
		}
		r.number = n
	}
	if r.number > lastRow {
		return Row{}, false, errXML
	}
	hidden, _ := r.xml.attr("hidden")
	r.grid.begin()
	next := 0
	for {
		kind, err := r.xml.next()
		if err != nil {
			return Row{}, false, err
		}
		if kind == closing {
			break
		}
		if kind != opening {
			continue
		}
		if string(r.xml.name()) != "c" {
			if err := r.xml.skip(); err != nil {
				return Row{}, false, err
			}
			continue
		}
		if at, ok := r.xml.attr("r"); ok {
			if column := columnOf(at); column >= 0 {
				next = column
			}
		}
		cell, err := r.cell()
		if err != nil {
			return Row{}, false, err
		}
		r.grid.set(next, cell)
		next++
	}
	return r.grid.end(r.number, hidden == "1" || hidden == "true")
}

// cell reads a cell whose tag was opened.
func (r *xlsxRows) cell() (Cell, error) {
	kind, _ := r.xml.attr("t")
	style, _ := r.xml.attr("s")
	if r.xml.empty {
		_, err := r.xml.next()
		return Cell{}, err
	}
	value, text, formula, valued := "", "", false, false
	for {
		token, err := r.xml.next()
		if err != nil {
			return Cell{}, err
		}
		if token == closing {
			break
		}
		if token != opening {
			continue
		}
		switch string(r.xml.name()) {
		case "v":
			if value, err = r.xml.value(); err != nil {
				return Cell{}, err
			}
			valued = true
		case "is":
			inline, err := r.xml.richText(nil)
			if err != nil {
				return Cell{}, err
			}
			text = string(inline)
		case "f":
			formula = true
			fallthrough
		default:
			if err := r.xml.skip(); err != nil {
				return Cell{}, err
			}
		}
	}
	if formula && !valued {
		return Cell{Fault: CodeFormula}, nil
	}
	return r.made(kind, style, value, text), nil
}

// value is the text of the tag that was opened last.
func (x *xmlReader) value() (string, error) {
	var value []byte
	for {
		kind, err := x.next()
		if err != nil {
			return "", err
		}
		switch kind {
		case words:
			value = append(value, x.text...)
		case closing:
			return string(value), nil
		case opening:
			if err := x.skip(); err != nil {
				return "", err
			}
		}
		if len(value) > longestToken {
			return "", errXML
		}
	}
}

// made is a cell of what its tags say.
func (r *xlsxRows) made(kind, style, value, text string) Cell {
	switch kind {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(value))
		if shared, ok := r.shared(i); err == nil && ok {
			return Cell{Shown: shared, Stored: shared}
		}
		return Cell{Fault: CodeCellError}
	case "inlineStr":
		return Cell{Shown: text, Stored: text}
	case "str":
		plain := string(unescapeControls([]byte(value)))
		return Cell{Shown: plain, Stored: plain}
	case "b":
		return boolean(strings.TrimSpace(value) == "1", r.book.o.English)
	case "e":
		return Cell{Shown: value, Stored: value, Fault: CodeCellError}
	case "d":
		return r.isoDate(strings.TrimSpace(value), style)
	}
	return r.number64(strings.TrimSpace(value), style)
}

// shared is a text that cells share. A long one is made once: its cells hold the same.
func (r *xlsxRows) shared(i int) (string, bool) {
	const short = 64
	if text, ok := r.long[i]; ok {
		return text, true
	}
	text, ok := r.book.strings.at(i)
	if len(text) > short {
		r.long[i] = text
	}
	return text, ok
}

func boolean(yes, english bool) Cell {
	text := map[[2]bool]string{
		{true, true}: "TRUE", {false, true}: "FALSE", {true, false}: "VRAI", {false, false}: "FAUX",
	}[[2]bool{yes, english}]
	return Cell{Shown: text, Stored: text}
}

func (r *xlsxRows) isoDate(value, style string) Cell {
	for _, layout := range []string{"2006-01-02T15:04:05", time.DateOnly, "2006-01-02T15:04:05Z"} {
		if at, err := time.Parse(layout, strings.TrimSuffix(value, ".000")); err == nil {
			days := float64(at.Unix()-r.book.base.Unix()) / 86400
			return r.number64(strconv.FormatFloat(days, 'f', -1, 64), style)
		}
	}
	return Cell{Shown: value, Stored: value}
}

// number64 is a cell with a number: all its digits are stored, its format shows it.
func (r *xlsxRows) number64(value, style string) Cell {
	if value == "" {
		return Cell{}
	}
	v, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return Cell{Shown: value, Stored: value}
	}
	stored := strconv.FormatFloat(v, 'f', -1, 64)
	i, _ := strconv.Atoi(style)
	if i < 0 || i >= len(r.book.formats) {
		return Cell{Shown: newFormat("General", r.book.o.English).show(v, r.book.base), Stored: stored}
	}
	if r.book.unknown[i] {
		r.grid.tally.Undated++
	}
	shown := r.book.formats[i]
	return Cell{Shown: shown.show(v, r.book.base), Stored: stored, When: shown.when(v, r.book.base)}
}

// Tally implements Rows.
func (r *xlsxRows) Tally() Tally { return r.grid.tally }

// Progress implements Rows.
func (r *xlsxRows) Progress() (done, total int64) {
	if in, ok := r.in.(*inflated); ok {
		return in.done, max(r.size, in.done)
	}
	return 0, 1
}
