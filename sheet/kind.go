package sheet

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf16"

	"relais/plaintext"
	"relais/reason"
)

// Kinds of content. Those that are no table are named in the catalogues: words/file_pdf.
const (
	kindEmpty = ""
	kindText  = "text"
	kindZip   = "zip"
	kindOLE   = "ole"
)

// marks are how files begin that are something else than a table.
var marks = []struct{ start, kind string }{
	{"PK\x03\x04", kindZip},
	{"PK\x05\x06", kindZip},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", kindOLE},
	{"%PDF-", "pdf"},
	{"{\\rtf", "rtf"},
	{"\x89PNG", "image"},
	{"\xff\xd8\xff", "image"},
	{"GIF8", "image"},
	{"\x1f\x8b", "archive"},
	{"7z\xbc\xaf", "archive"},
	{"Rar!", "archive"},
	{"BEGIN:VCARD", "vcard"},
	{"BEGIN:VCALENDAR", "calendar"},
}

// kindOf tells what a file is by its beginning.
func kindOf(start []byte) string {
	if len(bytes.Trim(start, "\xef\xbb\xbf\xff\xfe \t\r\n\x00")) == 0 {
		return kindEmpty
	}
	for _, m := range marks {
		if bytes.HasPrefix(start, []byte(m.start)) {
			return m.kind
		}
	}
	text := strings.ToLower(string(bytes.TrimLeft(start, "\xef\xbb\xbf \t\r\n")))
	switch {
	case strings.HasPrefix(text, "<!doctype html"), strings.HasPrefix(text, "<html"), strings.HasPrefix(text, "<table"),
		strings.HasPrefix(text, "<meta"):
		return "html"
	case strings.HasPrefix(text, "<?xml"), strings.HasPrefix(text, "<!doctype"):
		return "xml"
	case mailed(text):
		return "mail"
	case strings.HasPrefix(text, "{\""), strings.HasPrefix(text, "[{"):
		return "json"
	case notText(start):
		return "binary"
	}
	return kindText
}

// mailed reports whether a text begins with two headers of a mail.
func mailed(text string) bool {
	headers := 0
	for line := range strings.SplitSeq(text, "\n") {
		name, _, found := strings.Cut(line, ": ")
		switch {
		case strings.HasPrefix(line, " "), strings.HasPrefix(line, "\t"):
			continue
		case !found:
			return false
		}
		switch name {
		case "from", "to", "subject", "date", "received", "return-path", "mime-version", "message-id", "content-type":
			headers++
		}
		if headers == 2 {
			return true
		}
	}
	return false
}

// notText reports whether a beginning has so many control characters that it is no text. A
// text with two bytes for each character has zeros, which it is known by.
func notText(start []byte) bool {
	if plaintext.Wide(start) != "" || wide(start) != "" {
		return false
	}
	odd := 0
	for _, b := range start {
		if b < ' ' && b != '\t' && b != '\n' && b != '\r' && b != 0x1a {
			odd++
		}
	}
	return odd*10 > len(start)
}

// refuseOLE tells an old workbook from one with a password: both are containers of
// Microsoft (MS-CFB), whose directory names what is in them in UTF-16.
func refuseOLE(file io.ReaderAt, size int64) error {
	names := []struct {
		name string
		code reason.Code
	}{
		{"EncryptedPackage", codeProtected},
		{"DataSpaces", codeProtected},
		{"Workbook", codeXLS},
		{"Book", codeXLS},
		{"WordDocument", codeWord},
	}
	found := map[string]bool{}
	const step, overlap = 1 << 20, 64
	buffer := make([]byte, step)
	for at := int64(0); at < size; at += step - overlap {
		n, err := file.ReadAt(buffer, at)
		for _, one := range names {
			found[one.name] = found[one.name] || bytes.Contains(buffer[:n], utf16Of(one.name))
		}
		if err != nil {
			break
		}
	}
	for _, one := range names {
		if found[one.name] {
			return refuse(one.code, nil)
		}
	}
	return refuse(codeOLE, nil)
}

func utf16Of(text string) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = append(b, byte(unit), byte(unit>>8))
	}
	return b
}
