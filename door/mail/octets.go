package mail

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"

	"relais/charset"
)

// mostText bounds the text of one part, decoded: no message has a hundredth of it.
const mostText = 256 << 10

// decoded undoes a Content-Transfer-Encoding (RFC 2045, 6). Of base64 what is no letter of it is passed over, as it says there.
func decoded(body io.Reader, encoding string) ([]byte, error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "7bit", "8bit", "binary":
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		return ofBase64(body)
	default:
		return nil, unreadable("the encoding", encoding)
	}
	return whole(body, encoding)
}

func whole(body io.Reader, encoding string) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(body, mostText+1))
	switch {
	case broke(err):
		return nil, unreadable("the encoding", encoding)
	case len(text) > mostText:
		return nil, errTextLong
	}
	return text, nil
}

// broke reports whether octets could not be read. A part without its last line is whole: the mail came whole (K).
func broke(err error) bool { return err != nil && !errors.Is(err, io.ErrUnexpectedEOF) }

func ofBase64(body io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(body, 2*mostText))
	if broke(err) {
		return nil, errUnreadable
	}
	text = bytes.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '+' || r == '/' {
			return r
		}
		return -1
	}, text)
	plain, err := io.ReadAll(base64.NewDecoder(base64.RawStdEncoding, bytes.NewReader(text)))
	switch {
	case err != nil:
		return nil, unreadable("the encoding", "base64")
	case len(plain) > mostText:
		return nil, errTextLong
	}
	return plain, nil
}

// textOf reads octets in a charset. A label that the octets contradict is not believed: what is labelled Latin-1 and is UTF-8
// is UTF-8 (observed: programs in PHP), and what is labelled UTF-8 or ASCII and cannot be is Windows-1252. No character is put
// in the place of another.
func textOf(octets []byte, name string) (string, error) {
	octets = bytes.TrimPrefix(octets, []byte("\xef\xbb\xbf"))
	switch name = strings.ToLower(strings.Trim(name, " \t'\"")); name {
	case "", "us-ascii", "ascii", "utf-8", "utf8", "iso-8859-1", "latin1", "windows-1252", "cp1252", "iso-8859-15", "x-unknown", "unknown-8bit", "default", "ansi_x3.4-1968":
		if utf8.Valid(octets) {
			return string(octets), nil
		}
		if name != "iso-8859-15" {
			text, ok := charset.Text(strings.TrimRight(string(octets), "\r\n")) // which looks for half a character at the end
			if !ok {
				return "", unreadable("the charset", name)
			}
			return text, nil
		}
	}
	known, err := htmlindex.Get(name)
	if err != nil {
		return "", unreadable("the charset", name)
	}
	text, err := known.NewDecoder().Bytes(octets)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return "", unreadable("the charset", name)
	}
	return strings.TrimPrefix(string(text), "\ufeff"), nil
}

// words reads a field of a header with the encoded words of RFC 2047. One that cannot be read stays as it is written.
func words(field string) string {
	decoder := mime.WordDecoder{CharsetReader: func(name string, input io.Reader) (io.Reader, error) {
		octets, err := io.ReadAll(input)
		if err != nil {
			return nil, err
		}
		text, err := textOf(octets, name)
		return strings.NewReader(text), err
	}}
	text, err := decoder.DecodeHeader(field)
	if err != nil {
		text = field
	}
	if !utf8.ValidString(text) {
		text, _ = charset.Text(text)
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text))
}
