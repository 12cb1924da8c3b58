package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// standardInput is how a flag or an argument names it.
const standardInput = "-"

// recipients reads what --to names: numbers between commas, @FILE, or - for standard
// input. A number that is written twice in the same way is one.
func (t *terminal) recipients(given []string) ([]string, error) {
	var all []string
	for _, value := range given {
		name, file := strings.CutPrefix(value, "@")
		switch {
		case value == standardInput:
			data, err := io.ReadAll(t.stdin)
			if err != nil {
				return nil, errors.New(t.text("to_unreadable", err))
			}
			found, err := t.listed(t.text("standard_input"), data)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		case file:
			data, err := os.ReadFile(name)
			if err != nil {
				return nil, errors.New(t.text("file_unreadable", name, pathless(err)))
			}
			found, err := t.listed(name, data)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		default:
			all = append(all, numbersIn(value)...)
		}
	}
	if all = once(all); len(all) == 0 {
		return nil, &usageError{t.text("to_none", strings.Join(given, " "))}
	}
	return all, nil
}

// listed are the numbers of a list: one a line or between commas. Empty lines, what
// follows a # and a first line without a digit, which is a heading, count for nothing.
func (t *terminal) listed(name string, data []byte) ([]string, error) {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, errors.New(t.text("list_utf16", name))
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var all []string
	first := true
	for i, line := range strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n") {
		if !utf8.ValidString(line) {
			return nil, errors.New(t.text("list_not_utf8", name, i+1))
		}
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if first && strings.IndexFunc(line, unicode.IsDigit) < 0 {
			t.say("list_heading", name, i+1, line)
		} else {
			all = append(all, numbersIn(line)...)
		}
		first = false
	}
	return all, nil
}

func numbersIn(line string) (numbers []string) {
	for n := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == ',' || r == ';' || r == '\t' }) {
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
