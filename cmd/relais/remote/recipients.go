package remote

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"relais/cmd/relais/terminal"
	"relais/number"
)

// recipients reads what --to names: numbers between commas, @FILE, or - for standard
// input. A number that is written twice in the same way is one.
func recipients(t *terminal.Terminal, given []string) ([]string, error) {
	var all []string
	for _, value := range given {
		name, file := strings.CutPrefix(value, "@")
		switch {
		case value == terminal.StandardInput:
			data, err := io.ReadAll(t.Stdin)
			if err != nil {
				return nil, t.Failed(err, "to_unreadable")
			}
			found, err := listed(t, t.Text("standard_input"), data)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		case file:
			data, err := os.ReadFile(name)
			if err != nil {
				return nil, t.Failed(err, "file_unreadable", "file", name)
			}
			found, err := listed(t, name, data)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		default:
			all = append(all, numbersIn(value)...)
		}
	}
	if all = once(all); len(all) == 0 {
		return nil, t.Misuse("to_none", "given", strings.Join(given, " "))
	}
	return all, nil
}

// listed are the numbers of a list: one a line or between commas. Empty lines, what
// follows a # and a first line without a digit, which is a heading, count for nothing.
// Under a heading of several columns only the one of the numbers is read.
func listed(t *terminal.Terminal, name string, data []byte) ([]string, error) {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, errors.New(t.Text("list_utf16", "file", name))
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var all []string
	first, column := true, everyColumn
	for i, line := range strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n") {
		if !utf8.ValidString(line) {
			return nil, errors.New(t.Text("list_not_utf8", "file", name, "line", i+1))
		}
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		switch {
		case first && strings.IndexFunc(line, unicode.IsDigit) < 0:
			if column = numbersColumn(line); column == noColumn {
				return nil, t.Misuse("list_columns", "file", name, "line", i+1, "heading", line)
			}
			t.Say("list_heading", "file", name, "line", i+1, "heading", line)
		case column == everyColumn && hasWords(line):
			return nil, t.Misuse("list_headless", "file", name, "line", i+1, "text", line)
		case column == everyColumn:
			all = append(all, numbersIn(line)...)
		default:
			all = append(all, fieldOf(line, column)...)
		}
		first = false
	}
	return all, nil
}

// Where the numbers of a list stand, when it is not in one column of several.
const (
	everyColumn = -1 // the heading names one column at most
	noColumn    = -2 // it names several, and none or more than one of them as numbers
)

func isSeparator(r rune) bool { return r == ',' || r == ';' || r == '\t' }

// numbersColumn is the place of the numbers under a heading.
func numbersColumn(heading string) int {
	if len(numbersIn(heading)) < 2 {
		return everyColumn
	}
	column := noColumn
	for i, name := range fields(heading) {
		if !number.Heading(name) {
			continue
		}
		if column != noColumn {
			return noColumn
		}
		column = i
	}
	return column
}

// hasWords reports whether a line has a number in one field and a word in another, as the
// lines of a table have: under no heading nobody can tell which column is to be read.
func hasWords(line string) bool {
	words, numbers := false, false
	for _, field := range numbersIn(line) {
		digits := strings.IndexFunc(field, unicode.IsDigit) >= 0
		numbers, words = numbers || digits, words || !digits
	}
	return words && numbers
}

// fieldOf is what a line has in a column: one number, or none where it is empty.
func fieldOf(line string, column int) []string {
	if found := fields(line); column < len(found) && found[column] != "" {
		return found[column : column+1]
	}
	return nil
}

// fields are those of a line of CSV whose separator is any of the three. A separator
// between quotes is a part of the field.
func fields(line string) []string {
	found, quoted := []string{""}, false
	for _, r := range line {
		switch last := len(found) - 1; {
		case r == '"':
			quoted = !quoted
		case !quoted && isSeparator(r):
			found = append(found, "")
		default:
			found[last] += string(r)
		}
	}
	for i := range found {
		found[i] = strings.TrimSpace(found[i])
	}
	return found
}

func numbersIn(line string) (numbers []string) {
	for n := range strings.FieldsFuncSeq(line, isSeparator) {
		if n = strings.Trim(strings.TrimSpace(n), `"`); n != "" {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// once leaves out numbers that are there before. The gateway knows those of one
// request that are written in two ways.
func once(numbers []string) []string {
	seen := make(map[string]bool, len(numbers))
	kept := numbers[:0]
	for _, n := range numbers {
		key := strings.Map(func(r rune) rune {
			if strings.ContainsRune(" .-()/\u00a0\u202f", r) {
				return -1
			}
			return r
		}, n)
		if strings.HasPrefix(key, "00") {
			key = "+" + key[2:]
		}
		if !seen[key] {
			kept = append(kept, n)
		}
		seen[key] = true
	}
	return kept
}
