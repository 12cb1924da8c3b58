package jsonbody

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Pointer is a JSON pointer to a top-level key (RFC 6901).
func Pointer(key string) string {
	return "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

// Locate finds the key or the list element that a pointer names; its key when
// the pointer goes further than the body.
func Locate(body []byte, pointer string) Place {
	path := pathOf(pointer)
	for ; len(path) > 0; path = path[:len(path)-1] {
		if _, value := offsetsOf(body, path); value >= 0 {
			return PlaceAt(body, value, pointer)
		}
	}
	return Place{Field: pointer}
}

// locateKey is Locate for a key that is at fault itself.
func locateKey(body []byte, pointer string) Place {
	if key, _ := offsetsOf(body, pathOf(pointer)); key >= 0 {
		return PlaceAt(body, key, pointer)
	}
	return Place{Field: pointer}
}

func pathOf(pointer string) []string {
	path := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i := range path {
		path[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(path[i])
	}
	return path
}

// offsetsOf returns where the key and the value at the end of path begin, or
// -1; an element of a list has no key. The body may be broken after it.
func offsetsOf(body []byte, path []string) (key, value int) {
	d := json.NewDecoder(bytes.NewReader(body))
	open, err := d.Token()
	if err != nil {
		return -1, -1
	}
	for open == json.Delim('{') || open == json.Delim('[') {
		key, value := step(d, body, open == json.Delim('{'), path[0])
		if value < 0 || len(path) == 1 {
			return key, value
		}
		path = path[1:]
		if open, err = d.Token(); err != nil {
			return -1, -1
		}
	}
	return -1, -1
}

// step reads up to the member called name, and returns where its key and its value begin.
func step(d *json.Decoder, body []byte, object bool, name string) (key, value int) {
	next := func(between string) int {
		rest := body[d.InputOffset():]
		return len(body) - len(bytes.TrimLeft(rest, between))
	}
	var skipped json.RawMessage
	for i := 0; d.More(); i++ {
		key, value, this := -1, next(" \t\r\n,"), strconv.Itoa(i)
		if object {
			token, err := d.Token()
			if err != nil {
				return -1, -1
			}
			this, _ = token.(string)
			key, value = value, next(" \t\r\n:")
		}
		if this == name {
			return key, value
		}
		if d.Decode(&skipped) != nil {
			return -1, -1
		}
	}
	return -1, -1
}

// PlaceAt is the place of an offset, under the name that a pointer gives it.
func PlaceAt(body []byte, offset int, pointer string) Place {
	const longest = 100 // a name of megabytes is not given back
	if len(pointer) > longest {
		pointer = strings.ToValidUTF8(pointer[:longest], "") + "…"
	}
	f := Place{Field: pointer}
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
