package plaintext

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"relais/reason"
)

// Kind is a kind of body that a request can want.
type Kind string

// The kinds that are wanted.
const (
	JSON Kind = "JSON"
	CSV  Kind = "CSV"
	Form Kind = "a form"
)

// formStart is how a form begins: a name and =.
var formStart = regexp.MustCompile(`^[A-Za-z0-9_.\[\]%+-]{1,64}=`)

// base64Start is how an object begins in base64: the bracket, then a quote, a space or a line break.
var base64Start = regexp.MustCompile(`^(?:eyJ|eyA|ewo|ew0K)[A-Za-z0-9+/_-]*={0,2}\s*$`)

// Other says what a body is that begins like none of the kind that is wanted;
// "" when its beginning tells nothing.
func Other(wanted Kind, start []byte) reason.Reason {
	instead := reason.Of(sendObject, nil)
	switch wanted {
	case CSV:
		instead = reason.Of(sendFile, nil)
	case Form:
		instead = reason.Of(sendForm, nil)
	case JSON:
	}
	is := func(what reason.Code, instead reason.Reason) reason.Reason {
		return reason.Of(otherKind, reason.Args{
			"given": reason.Of(what, nil), "wanted": reason.Of(names[wanted], nil), "instead": instead,
		})
	}
	switch {
	case bytes.HasPrefix(start, []byte("--")):
		return is(kindParts, instead)
	case wanted == JSON && base64Start.Match(start):
		return reason.Of(inBase64, nil)
	case wanted != Form && formStart.Match(start):
		return is(kindForm, instead)
	case start[0] == '<':
		return is(kindXML, instead)
	case bytes.HasPrefix(start, []byte("\x1f\x8b")), bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return is(kindCompressed, reason.Of(sendPlain, nil))
	case Wide(start) != "":
		return reason.Of(inUTF16, reason.Args{"encoding": reason.Name(Wide(start))})
	case wanted == Form && (start[0] == '{' || start[0] == '[' || start[0] == '"'):
		return is(kindJSON, instead)
	case wanted == CSV && (start[0] == '{' || start[0] == '['):
		return is(kindJSON, reason.Of(sendLines, nil))
	case wanted == JSON && start[0] == '@':
		return reason.Of(nameOfFile, nil)
	}
	return reason.Reason{}
}

// noJSON are words of other languages that stand where a JSON value must.
var noJSON = map[string]string{
	"NaN": "", "Infinity": "", "-Infinity": "", "undefined": "", "None": "null", "True": "true",
	"False": "false", "nil": "null",
	"NULL": "null", "Null": "null", "TRUE": "true", "FALSE": "false",
}

var word = regexp.MustCompile(`^-?[A-Za-z]+`)

// Syntax says what is wrong at an offset of a body, and what would be right.
func Syntax(body []byte, e *json.SyntaxError) reason.Reason {
	at := min(max(int(e.Offset)-1, 0), len(body))
	rest := body[at:]
	if at == len(body) || len(rest) == 0 {
		return reason.Of(syntaxEarly, nil)
	}
	found := string(word.Find(body[wordStart(body, at):]))
	if instead, known := noJSON[found]; known {
		if instead == "" {
			return reason.Of(syntaxNoWord, reason.Args{"word": reason.Name(found)})
		}
		return reason.Of(syntaxWord, reason.Args{"word": reason.Name(found), "instead": reason.Name(instead)})
	}
	before := bytes.TrimRight(body[:at], " \t\r\n")
	switch c := rest[0]; {
	case strings.HasSuffix(e.Error(), "escape code"), strings.HasSuffix(e.Error(), "character escape"):
		return reason.Of(syntaxEscape, nil)
	case c == '\'':
		return reason.Of(syntaxSingleQuotes, nil)
	case (c == '}' || c == ']') && bytes.HasSuffix(before, []byte(",")):
		return reason.Of(syntaxLastComma, nil)
	case c < ' ':
		return reason.Of(syntaxControl, nil)
	case c == '/' || c == '#':
		return reason.Of(syntaxComment, nil)
	case !bytes.ContainsAny(body[:1+len(before)], `{["`):
		return reason.Of(plainText, nil)
	case found != "" && (bytes.HasSuffix(before, []byte("{")) || bytes.HasSuffix(before, []byte(","))):
		return reason.Of(syntaxName, nil)
	}
	return betweenTokens(e.Error(), before, rest)
}

// betweenTokens says what is wrong where encoding/json wanted a value, a name or a mark
// between them. rest begins with what it found, before ends in front of it.
func betweenTokens(found string, before, rest []byte) reason.Reason {
	c, _ := utf8.DecodeRune(rest)
	number := len(before) > 0 && before[len(before)-1] >= '0' && before[len(before)-1] <= '9'
	switch {
	case strings.ContainsRune("\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019", c):
		return reason.Of(syntaxTypographic, nil)
	case c >= utf8.RuneSelf && (unicode.IsSpace(c) || unicode.Is(unicode.Cf, c)):
		return reason.Of(syntaxSpace, reason.Args{"mark": reason.Name(fmt.Sprintf("%U", c))})
	case c == '+':
		return reason.Of(syntaxPlus, nil)
	case number && (c >= '0' && c <= '9' || c == 'x' || c == ' '):
		return reason.Of(syntaxZero, nil)
	case c == '{' || c == '$' || c == '%':
		return reason.Of(syntaxTemplate, nil)
	case strings.HasSuffix(found, "after object key"):
		return reason.Of(syntaxColon, nil)
	case strings.HasSuffix(found, "after object key:value pair"),
		strings.HasSuffix(found, "after array element"):
		return reason.Of(syntaxComma, nil)
	}
	return reason.Of(syntaxOther, reason.Args{"found": reason.Name(found)})
}

// wordStart goes back to where the word around an offset begins.
func wordStart(body []byte, at int) int {
	letter := func(c byte) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '-' }
	for at > 0 && letter(body[at-1]) {
		at--
	}
	return at
}

// EncodedTwice hints at a string that holds JSON, with a space in front.
func EncodedTwice(raw json.RawMessage) reason.Reason {
	var text string
	if json.Unmarshal(raw, &text) == nil && strings.HasPrefix(strings.TrimSpace(text), "{") {
		return reason.Of(encodedTwice, nil)
	}
	return reason.Reason{}
}

// Wide is the encoding of a text whose characters have two or four bytes, as its mark
// or its zeros say: UTF-16 or UTF-32, else "".
func Wide(start []byte) string {
	first := start[:min(len(start), 4)]
	zeros := bytes.Count(first, []byte{0})
	switch {
	case bytes.HasPrefix(
		start, []byte("\xff\xfe\x00\x00"),
	), bytes.HasPrefix(start, []byte("\x00\x00\xfe\xff")),
		len(first) == 4 && zeros == 3 && (first[0] != 0 || first[3] != 0):
		return "UTF-32"
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")),
		len(start) > 1 && (start[0] == 0 || start[1] == 0 && start[0] != '"'):
		return "UTF-16"
	}
	return ""
}

// NoObject says why a body is no JSON object; zero when it is one. reason.Clause puts what
// it says behind a colon.
func NoObject(body []byte) reason.Reason {
	start := bytes.TrimLeft(body, " \t\r\n")
	if len(start) == 0 {
		return reason.Of(bodyEmpty, nil)
	}
	if start[0] != '{' || Wide(start) != "" {
		if what := Other(JSON, start); !what.IsZero() {
			return what
		}
	}
	if !utf8.Valid(body) {
		return reason.Of(notUTF8, nil)
	}
	if bytes.HasPrefix(body, []byte(mark)) {
		return reason.Of(byteOrderMark, nil)
	}
	var raw json.RawMessage
	d := json.NewDecoder(bytes.NewReader(body))
	err := d.Decode(&raw)
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return Syntax(body, e)
	}
	if err != nil {
		return reason.Of(objectEarly, nil)
	}
	if start[0] != '{' {
		return reason.Of(notAnObject, reason.Args{"given": Given(raw)}).With(EncodedTwice(raw))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return reason.Of(moreBehind, nil)
	}
	return reason.Reason{}
}

// Given names the kind of a JSON value, with its article.
func Given(raw json.RawMessage) reason.Reason { return reason.Of(given(raw), nil) }

func given(raw json.RawMessage) reason.Code {
	switch c := raw[0]; c {
	case '{':
		return givenObject
	case '[':
		return givenArray
	case '"':
		return givenString
	case 't', 'f':
		return givenBoolean
	case 'n':
		return givenNull
	default:
		if bytes.ContainsAny(raw, ".eE") {
			return givenFraction
		}
		return givenNumber
	}
}
