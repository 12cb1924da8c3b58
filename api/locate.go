package api

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// pointer is a JSON pointer to a top-level key (RFC 6901).
func pointer(key string) string {
	return "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

// locate finds the key or the list element that a pointer names; its key when
// the pointer goes further than the body.
func locate(body []byte, pointer string) Fault {
	path := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i := range path {
		path[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(path[i])
	}
	for ; len(path) > 0; path = path[:len(path)-1] {
		if offset := offsetOf(body, path); offset >= 0 {
			return faultAt(body, offset, pointer)
		}
	}
	return Fault{Field: pointer}
}

// offsetOf returns where the key or element at the end of path begins, or -1.
// The body may be broken after it.
func offsetOf(body []byte, path []string) int {
	d := json.NewDecoder(bytes.NewReader(body))
	open, err := d.Token()
	if err != nil {
		return -1
	}
	for open == json.Delim('{') || open == json.Delim('[') {
		at := step(d, body, open == json.Delim('{'), path[0])
		if at < 0 || len(path) == 1 {
			return at
		}
		path = path[1:]
		if open, err = d.Token(); err != nil {
			return -1
		}
	}
	return -1
}

// step reads until the member called name, and returns where it begins.
func step(d *json.Decoder, body []byte, object bool, name string) int {
	var skipped json.RawMessage
	for i := 0; d.More(); i++ {
		at := int(d.InputOffset())
		at = len(body) - len(bytes.TrimLeft(body[at:], " \t\r\n,"))
		this := strconv.Itoa(i)
		if object {
			token, err := d.Token()
			if err != nil {
				return -1
			}
			this, _ = token.(string)
		}
		if this == name {
			return at
		}
		if d.Decode(&skipped) != nil {
			return -1
		}
	}
	return -1
}

func faultAt(body []byte, offset int, pointer string) Fault {
	f := Fault{Field: pointer}
	f.Position, f.Line, f.Column = position(body, offset)
	return f
}

// position turns an offset into a byte position, line and column from 1.
func position(body []byte, offset int) (byteNumber, line, column int) {
	offset = min(max(offset, 0), len(body))
	before := body[:offset]
	line = 1 + bytes.Count(before, []byte("\n"))
	column = 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return offset + 1, line, column
}
