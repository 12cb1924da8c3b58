package httpapi

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"relais/connector"
	"relais/reason"
)

// body makes the octets of a request from data; nothing is put into a text that is encoded
// already.
type body interface {
	encode(s *source, m *charmap.Charmap) ([]byte, error)
	contentType(m *charmap.Charmap) string
}

// Codes of what is refused before a call.
const (
	codeCharset = "charset" // the operator's charset lacks a character
	codePath    = "path"    // a value would move the call to another address

	codeRecipient = "recipient" // the operator sends to one number, and this is another
)

// inCharset writes a text in a charset, or refuses it: a question mark in place of a character is
// another text.
func inCharset(text string, m *charmap.Charmap) (string, error) {
	if m == nil {
		return text, nil
	}
	encoded, err := m.NewEncoder().String(text)
	if err != nil {
		return "", &connector.Error{
			Fault: connector.Rejected, Code: codeCharset,
			Detail: "the operator takes " + m.String() + " alone, which lacks a character of the text or the sender",
		}
	}
	return encoded, nil
}

// jsonBody is a tree whose texts are templates.
type jsonBody struct{ tree any }

func (b jsonBody) contentType(*charmap.Charmap) string { return "application/json" }

func (b jsonBody) encode(s *source, _ *charmap.Charmap) ([]byte, error) {
	value, there := filled(b.tree, s)
	if !there {
		value = map[string]any{}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, &connector.Error{Fault: connector.Rejected, Detail: "the request cannot be written as JSON", Err: err}
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// filled is a tree with values. What has none is left out, and so is a table or a list that is
// empty for it.
func filled(value any, s *source) (any, bool) {
	switch v := value.(type) {
	case template:
		return v.native(s)
	case map[string]any:
		whole := make(map[string]any, len(v))
		for key := range v {
			if inner, there := filled(v[key], s); there {
				whole[key] = inner
			}
		}
		return whole, len(whole) > 0 || len(v) == 0
	case []any:
		whole := make([]any, 0, len(v))
		for i := range v {
			if inner, there := filled(v[i], s); there {
				whole = append(whole, inner)
			}
		}
		return whole, len(whole) > 0 || len(v) == 0
	default:
		return v, v != nil
	}
}

// formBody is application/x-www-form-urlencoded.
type formBody []parameter

func (b formBody) contentType(m *charmap.Charmap) string {
	return "application/x-www-form-urlencoded" + charsetSuffix(m)
}

func (b formBody) encode(s *source, m *charmap.Charmap) ([]byte, error) {
	text, err := encodeParameters(b, s, m)
	return []byte(text), err
}

// encodeParameters writes a form or a query.
func encodeParameters(all []parameter, s *source, m *charmap.Charmap) (string, error) {
	values := url.Values{}
	for _, p := range all {
		for _, t := range p.values {
			text, there := t.expand(s)
			if !there {
				continue
			}
			encoded, err := inCharset(text, m)
			if err != nil {
				return "", err
			}
			values.Add(p.name, encoded)
		}
	}
	return values.Encode(), nil
}

func charsetSuffix(m *charmap.Charmap) string {
	for name, known := range charsets {
		if m != nil && known == m {
			return "; charset=" + name
		}
	}
	return ""
}

// xmlBody is a document whose texts and attributes are templates. Its marks are those of the file.
type xmlBody []xmlPiece

// xmlPiece is marks to write as they are, or a template whose text is escaped.
type xmlPiece struct {
	marks string
	text  template
}

func (b xmlBody) contentType(m *charmap.Charmap) string {
	if m == nil {
		return "application/xml; charset=" + utf8Name
	}
	return "application/xml" + charsetSuffix(m)
}

func (b xmlBody) encode(s *source, m *charmap.Charmap) ([]byte, error) {
	var out strings.Builder
	for _, p := range b {
		out.WriteString(p.marks)
		// an empty element says as much as one that is left out
		text, _ := p.text.expand(s)
		if strings.ContainsFunc(text, notInXML) {
			return nil, &connector.Error{
				Fault: connector.Rejected, Code: codeCharset, Detail: "XML has no place for a control character of the text",
			}
		}
		if err := xml.EscapeText(&out, []byte(text)); err != nil {
			return nil, err
		}
	}
	encoded, err := inCharset(out.String(), m)
	return []byte(encoded), err
}

// notInXML finds what is no character of a document (XML 1.0, 2.2).
func notInXML(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// xmlBody compiles a document: a template in each text and in each value of an attribute.
func (j *judge) xmlBody(key, text string) body {
	w := &xmlCompiler{judge: j, key: key}
	decoder := xml.NewDecoder(strings.NewReader(strings.TrimSpace(text)))
	decoder.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // the file is UTF-8
	depth, elements := 0, 0
	for {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			j.complain(key, whyXML, reason.Args{"why": reason.Name(err.Error())})
			return nil
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth, elements = depth+1, elements+1
			w.start(t)
		case xml.EndElement:
			depth--
			w.marks("</" + rawName(t.Name) + ">")
		case xml.CharData:
			w.template(string(t))
		case xml.ProcInst:
			w.marks("<?" + t.Target + " " + string(t.Inst) + "?>")
		case xml.Directive:
			w.marks("<!" + string(t) + ">")
		case xml.Comment: // it is for the reader of the file
		}
	}
	if _, err := readXML([]byte(text)); err != nil || depth != 0 || elements == 0 {
		j.complain(key, whyXML, reason.Args{"why": reason.Name("its elements do not end as they begin")})
	}
	return w.body
}

type xmlCompiler struct {
	judge *judge
	key   string
	body  xmlBody
}

func rawName(n xml.Name) string {
	if n.Space != "" {
		return n.Space + ":" + n.Local
	}
	return n.Local
}

func (w *xmlCompiler) start(t xml.StartElement) {
	w.marks("<" + rawName(t.Name))
	for _, a := range t.Attr {
		w.marks(" " + rawName(a.Name) + `="`)
		w.template(a.Value)
		w.marks(`"`)
	}
	w.marks(">")
}

func (w *xmlCompiler) marks(text string) {
	if strings.ContainsAny(text, "{}") {
		w.judge.complain(w.key, whyXMLPlace, nil)
		return
	}
	w.body = append(w.body, xmlPiece{marks: text})
}

func (w *xmlCompiler) template(text string) {
	w.body = append(w.body, xmlPiece{text: w.judge.template(w.key, text, nil)})
}
