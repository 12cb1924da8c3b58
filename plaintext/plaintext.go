// Package plaintext reads text files as the editors of people leave them: with a
// byte order mark, in UTF-16, with line ends of Windows, and secrets with what was
// copied around them. It says what a body is that is not of the kind that a request wants, and writes cells that no
// spreadsheet calculates.
package plaintext

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"relais/reason"
)

// mark is the byte order mark.
const mark = "\ufeff"

// Decode returns the text of a file in UTF-8 without a byte order mark. UTF-16
// with its mark is read too, as Windows programs write it. The error says what the
// file is instead.
func Decode(data []byte) ([]byte, error) {
	switch {
	case Wide(data) == "UTF-32":
		return nil, reason.NewError(fileUTF32, nil)
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return fromUTF16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return fromUTF16(data[2:], binary.BigEndian)
	}
	data = bytes.TrimPrefix(data, []byte(mark))
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, reason.NewError(fileUTF16, nil)
	}
	if !utf8.Valid(data) {
		return nil, reason.NewError(fileNotUTF8, reason.Args{"line": reason.Count(invalidLine(data))})
	}
	return data, nil
}

func fromUTF16(data []byte, order binary.ByteOrder) ([]byte, error) {
	if len(data)%2 != 0 {
		return nil, reason.NewError(fileOddUTF16, nil)
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	for i := 0; i < len(units); i++ {
		if !utf16.IsSurrogate(rune(units[i])) {
			continue
		}
		if i+1 == len(units) || utf16.DecodeRune(rune(units[i]), rune(units[i+1])) == utf8.RuneError {
			return nil, reason.NewError(fileSurrogates, nil)
		}
		i++
	}
	return []byte(string(utf16.Decode(units))), nil
}

func invalidLine(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			return line
		}
		if r == '\n' {
			line++
		}
		data = data[size:]
	}
	return line
}

// ReadFile is os.ReadFile with Decode. Its errors do not repeat the path.
func ReadFile(name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if wrapped, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, wrapped.Err
	}
	if err != nil {
		return nil, err
	}
	return Decode(data)
}

// Head is the beginning of a file: at most so many bytes and one more, by which the caller
// sees that there is more. It bounds what a device or a pipe brings into memory.
func Head(name string, most int) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, int64(most)+1))
}

// Secret is text without white space and marks around it. What cannot be part of a
// secret is refused, with a sentence that repeats nothing of it: several lines,
// characters that cannot be seen, and quotes around it.
func Secret(text string) (string, error) {
	text = Trim(text)
	if strings.ContainsAny(text, "\r\n") {
		return "", reason.NewError(secretLines, nil)
	}
	if i := strings.IndexFunc(text, invisible); i >= 0 {
		return "", reason.NewError(secretInvisible, reason.Args{
			"position": reason.Count(utf8.RuneCountInString(text[:i]) + 1),
		})
	}
	if n := len(text); n > 1 && (text[0] == '"' || text[0] == '\'') && text[n-1] == text[0] {
		return "", reason.NewError(secretQuotes, nil)
	}
	return text, nil
}

// Trim takes white space and invisible marks off both ends.
func Trim(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || invisible(r) })
}

// invisible are control characters, marks of direction and width, and the byte
// order mark.
func invisible(r rune) bool { return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) }
