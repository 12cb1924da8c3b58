package httpapi

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"relais/charset"
)

// document is an answer, or a push, that was read as far as it could be. A body that is not of its
// shape has no places: rules about statuses alone hold for it.
type document struct {
	status int
	header http.Header
	query  url.Values
	form   url.Values
	json   any
	xml    *xmlElement
	text   string
	groups map[string]string
	broken error // why the body has no places
}

// deepest bounds how far elements stand within each other.
const deepest = 100

// xmlElement is one of XML, with its first child of each name.
type xmlElement struct {
	attributes map[string]string
	children   map[string]*xmlElement
	text       strings.Builder
}

// read reads a body.
func (d *document) read(body []byte, s shape, charsetName string) {
	switch s.kind {
	case shapeJSON:
		d.json, d.broken = readJSON(body)
	case shapeXML:
		d.xml, d.broken = readXML(body)
	case shapeForm:
		d.form, d.broken = url.ParseQuery(string(body))
		if d.broken != nil {
			d.broken = errors.New("the form cannot be decoded") // the parser quotes it
		}
		decodeValues(d.form, charsetName)
	case shapeText:
		d.text = strings.TrimSpace(decoded(string(body), charsetName))
		if s.pattern != nil {
			d.groups = s.pattern.find(d.text)
		}
	case shapeQuery: // it has no body
	}
}

func readJSON(body []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return nil, errors.New("not JSON")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something stands behind the JSON")
	}
	return value, nil
}

// readXML reads the elements. Namespaces are left out: names are compared without them.
func readXML(body []byte) (*xmlElement, error) {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	decoder.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if m := charsets[strings.ToLower(label)]; m != nil {
			return m.NewDecoder().Reader(in), nil
		}
		return nil, errors.New("a charset that is not known")
	}
	root := &xmlElement{children: map[string]*xmlElement{}}
	open := []*xmlElement{root}
	for {
		token, err := decoder.Token()
		switch {
		case errors.Is(err, io.EOF) && len(open) == 1 && len(root.children) == 1:
			return root, nil
		case err != nil || len(open) > deepest:
			return nil, errors.New("not XML")
		}
		switch t := token.(type) {
		case xml.StartElement:
			open = append(open, open[len(open)-1].child(t))
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			open[len(open)-1].text.Write(t)
		}
	}
}

// child begins an element. Of several with a name the first one counts.
func (e *xmlElement) child(t xml.StartElement) *xmlElement {
	c := &xmlElement{attributes: map[string]string{}, children: map[string]*xmlElement{}}
	for _, a := range t.Attr {
		c.attributes[a.Name.Local] = a.Value
	}
	if e.children[t.Name.Local] == nil {
		e.children[t.Name.Local] = c
	}
	return c
}

// at is the value at a place, and whether something is there. What is no scalar is there and has
// no text.
func (d *document) at(p place) (text string, there bool) {
	switch {
	case p.in == inHeader:
		return d.header.Get(p.name), d.header.Get(p.name) != ""
	case p.in == inQuery:
		return d.query.Get(p.name), d.query.Has(p.name)
	case p.in == "":
		return "", false
	case d.json != nil:
		return inJSON(d.json, p.path)
	case d.xml != nil:
		return d.xml.at(p.path)
	case d.form != nil:
		return d.form.Get(p.name), d.form.Has(p.name)
	case p.name == "":
		return d.text, d.text != ""
	default:
		text, there = d.groups[p.name]
		return text, there
	}
}

// listIn is the list at a place, and whether one is there.
func listIn(value any, path []string) ([]any, bool) {
	value, there := within(value, path)
	list, ok := value.([]any)
	return list, there && ok
}

func inJSON(value any, path []string) (string, bool) {
	value, there := within(value, path)
	if !there {
		return "", false
	}
	switch v := value.(type) {
	case nil:
		return "", false
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	default:
		return "", true
	}
}

// within is the value at a place, and whether the way there is.
func within(value any, path []string) (any, bool) {
	for _, key := range path {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			i := elementOf(v, key)
			if i < 0 {
				return nil, false
			}
			value = v[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// elementOf is the place of an element in a list: by its number, or by a value that it has, as in
// [type=sms]; -1: none.
func elementOf(list []any, key string) int {
	name, want, named := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(key, "["), "]"), "=")
	if named && strings.HasPrefix(key, "[") && strings.HasSuffix(key, "]") {
		return slices.IndexFunc(list, func(one any) bool {
			text, there := inJSON(one, []string{name})
			return there && text == want
		})
	}
	i, err := strconv.Atoi(key)
	if err != nil || i < 0 || i >= len(list) {
		return -1
	}
	return i
}

// onlyChild is the element that stands there alone, whatever its name; at the end of a place it is that
// name: some operators say by it what happened.
const onlyChild = "*"

func (e *xmlElement) at(path []string) (string, bool) {
	for i, name := range path {
		if attribute, ok := strings.CutPrefix(name, "@"); ok {
			value, there := e.attributes[attribute]
			return value, there
		}
		if name == onlyChild {
			if len(e.children) != 1 {
				return "", false
			}
			name = sortedKeys(e.children)[0]
			if i == len(path)-1 {
				return name, true
			}
		}
		if e = e.children[name]; e == nil {
			return "", false
		}
	}
	return strings.TrimSpace(e.text.String()), true
}

// charsets are those that a declaration can name, beside utf-8.
var charsets = map[string]*charmap.Charmap{
	"iso-8859-1":   charmap.ISO8859_1,
	"iso-8859-15":  charmap.ISO8859_15,
	"windows-1252": charmap.Windows1252,
}

const utf8Name = "utf-8"

// decoded reads a text. Without a charset it is UTF-8, else Windows-1252; what has no character
// stands as U+FFFD.
func decoded(raw, name string) string {
	if m := charsets[name]; m != nil {
		if text, err := m.NewDecoder().String(raw); err == nil {
			return text
		}
	}
	if text, ok := charset.Text(raw); ok {
		return text
	}
	return strings.ToValidUTF8(raw, "\uFFFD")
}

func decodeValues(values url.Values, name string) {
	for _, all := range values {
		for i := range all {
			all[i] = decoded(all[i], name)
		}
	}
}
