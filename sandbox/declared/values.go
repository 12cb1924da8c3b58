package declared

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// value is what stands at one place of a request.
type value struct {
	text string
	kind string // of JSON: "string", "number" or "bool"; else empty
}

// values are those of a request, by the names of their places: of JSON and XML the way from the
// root, of a form the name, of a query the name behind "query:".
type values map[string]value

// shapes of a body.
const (
	shapeNone = ""
	shapeJSON = "json"
	shapeForm = "form"
	shapeXML  = "xml"
	shapeText = "text"
)

// shapeOf tells the shape of a body by what it looks like.
func shapeOf(body string) string {
	switch trimmed := strings.TrimSpace(body); {
	case trimmed == "":
		return shapeNone
	case strings.HasPrefix(trimmed, "<"):
		return shapeXML
	case strings.HasPrefix(trimmed, "{"), strings.HasPrefix(trimmed, "["):
		return shapeJSON
	case strings.Contains(trimmed, "=") && !strings.ContainsAny(trimmed, " \n"):
		return shapeForm
	default:
		return shapeText
	}
}

// valuesOf reads a request of a shape; ok is false when it is of another one.
func valuesOf(query url.Values, body, shape, charset string) (v values, ok bool) {
	v = values{}
	for name := range query {
		v["query:"+name] = value{text: decoded(query.Get(name), charset)}
	}
	switch shape {
	case shapeNone:
		return v, strings.TrimSpace(body) == ""
	case shapeJSON:
		tree, err := treeOf(body)
		v.flatten("", tree)
		return v, err == nil
	case shapeForm:
		form, err := url.ParseQuery(body)
		for name := range form {
			v[name] = value{text: decoded(form.Get(name), charset)}
		}
		return v, err == nil
	case shapeXML:
		return v, v.readXML(body) == nil
	}
	return v, false
}

func treeOf(body string) (any, error) {
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber() // ids have more digits than a float keeps
	var tree any
	err := decoder.Decode(&tree)
	return tree, err
}

func (v values) flatten(at string, tree any) {
	switch t := tree.(type) {
	case map[string]any:
		for name := range t {
			v.flatten(at+"/"+name, t[name])
		}
	case []any:
		for i := range t {
			v.flatten(fmt.Sprintf("%s/%d", at, i), t[i])
		}
	case json.Number:
		v[at] = value{t.String(), "number"}
	case bool:
		v[at] = value{fmt.Sprint(t), "bool"}
	case string:
		v[at] = value{t, "string"}
	case nil:
		v[at] = value{}
	}
}

func (v values) readXML(body string) error {
	decoder := xml.NewDecoder(strings.NewReader(body))
	decoder.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if m := charsets[strings.ToLower(label)]; m != nil {
			return m.NewDecoder().Reader(in), nil
		}
		return nil, fmt.Errorf("charset %s", label)
	}
	var way []string
	for {
		token, err := decoder.Token()
		switch {
		case token == nil && len(way) == 0 && len(v) > 0:
			return nil
		case err != nil:
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			way = append(way, t.Name.Local)
			for _, a := range t.Attr {
				v["/"+strings.Join(way, "/")+"/@"+a.Name.Local] = value{text: a.Value}
			}
		case xml.EndElement:
			way = way[:len(way)-1]
		case xml.CharData:
			if text := strings.TrimSpace(string(t)); text != "" {
				v["/"+strings.Join(way, "/")] = value{text: text}
			}
		}
	}
}

// charsets are those of operators that do not take UTF-8.
var charsets = map[string]*charmap.Charmap{
	"iso-8859-1": charmap.ISO8859_1, "iso-8859-15": charmap.ISO8859_15, "windows-1252": charmap.Windows1252,
}

func decoded(raw, charset string) string {
	if m := charsets[charset]; m != nil {
		if text, err := m.NewDecoder().String(raw); err == nil {
			return text
		}
	}
	return raw
}

// change puts new values in the place of recorded ones.
type change struct{ old, new string }

// shortest is how long a recorded value must be to be known within a longer one.
const shortest = 8

// changed is a recorded value with what is to stand there now.
func changed(text string, changes []change) string {
	for _, c := range changes {
		if c.old != "" && text == c.old {
			return c.new
		}
	}
	for _, c := range changes {
		if len(c.old) >= shortest {
			text = strings.ReplaceAll(text, c.old, c.new)
		}
	}
	return text
}

// fill is a recorded body with what is to stand there now. set are values that are put at places of
// their own, by name.
func fill(body string, changes []change, set map[string]string) string {
	switch shapeOf(body) {
	case shapeJSON:
		tree, err := treeOf(body)
		if err != nil {
			return body
		}
		return encoded(filled("", tree, changes, set))
	case shapeForm:
		form, err := url.ParseQuery(body)
		if err != nil {
			return body
		}
		return fillForm(form, changes, set).Encode()
	case shapeXML:
		for _, c := range changes {
			if c.old != "" {
				body = strings.ReplaceAll(body, escaped(c.old), escaped(c.new))
			}
		}
		return body
	default: // words, with an id between them
		for _, c := range changes {
			if len(c.old) >= shortest {
				body = strings.ReplaceAll(body, c.old, c.new)
			}
		}
		return body
	}
}

func fillForm(form url.Values, changes []change, set map[string]string) url.Values {
	all := url.Values{}
	for name := range form {
		all.Set(name, changed(form.Get(name), changes))
		if now, ok := set[name]; ok {
			all.Set(name, now)
		}
	}
	return all
}

func filled(at string, tree any, changes []change, set map[string]string) any {
	if now, ok := set[at]; ok {
		if _, isNumber := tree.(json.Number); isNumber {
			return json.Number(now)
		}
		return now
	}
	switch t := tree.(type) {
	case map[string]any:
		for name := range t {
			t[name] = filled(at+"/"+name, t[name], changes, set)
		}
	case []any:
		for i := range t {
			t[i] = filled(fmt.Sprintf("%s/%d", at, i), t[i], changes, set)
		}
	case json.Number:
		if now := changed(t.String(), changes); json.Valid([]byte(now)) {
			return json.Number(now)
		} else if now != "" {
			return now
		}
	case string:
		return changed(t, changes)
	}
	return tree
}

func encoded(tree any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(tree); err != nil { // a number that is none
		return "{}"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func escaped(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a buffer takes everything
	return b.String()
}
