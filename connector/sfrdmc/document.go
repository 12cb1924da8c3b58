package sfrdmc

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"relais/charset"
)

// document is a pushed status_report (DMC developer guide v1.7, 2.9, in XML;
// observed in JSON). Other media have elements of their own, which are not read.
type document struct {
	Username scalar `xml:"username,attr" json:"username"`
	Items    []item `xml:"sms" json:"sms"`
}

// item is one message of a push. The types of its JSON values are not documented.
type item struct {
	To        scalar  `xml:"to,attr" json:"to"`
	Status    scalar  `xml:"status,attr" json:"status"`
	ContactID scalar  `xml:"contact_id,attr" json:"contact_id"`
	Reference scalar  `xml:"ref_externe,attr" json:"ref_externe"`
	SpaceID   scalar  `xml:"space_id,attr" json:"space_id"`
	Date      scalar  `xml:"date,attr" json:"date"`
	History   []entry `xml:"status" json:"status_list"`
}

// entry is one status that a message had.
type entry struct {
	Date scalar `xml:"date,attr" json:"date"`
	Type scalar `xml:"type,attr" json:"type"`
	Code scalar `xml:"code,attr" json:"code"` // in JSON by analogy (inferred)
	Info scalar `xml:"info,attr" json:"info"`
}

// Errors of documents. They do not repeat what came, which holds numbers and
// texts.
var (
	errFormat      = errors.New("the body is neither XML nor JSON")
	errXML         = errors.New("the body is no status_report in XML")
	errDeclaration = errors.New("the XML declares a document type or holds a processing instruction, which " +
		"no push does")
	errCharset = errors.New("the XML declares a charset other than UTF-8, ISO-8859-1, Windows-1252 and " +
		"ISO-8859-15")
	errJSON = errors.New("the body is no status_report in JSON")
)

// parseDocument goes by the first character, because no source tells the
// Content-Type.
func parseDocument(body []byte) (document, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\uFEFF")))
	switch {
	case bytes.HasPrefix(body, []byte("<")):
		return parseXML(body)
	case bytes.HasPrefix(body, []byte("{")):
		return parseJSON(body)
	}
	return document{}, errFormat
}

func parseXML(body []byte) (document, error) {
	if err := inspectXML(body); err != nil {
		return document{}, err
	}
	var root struct {
		XMLName xml.Name `xml:"status_report"`
		document
	}
	if newDecoder(body).Decode(&root) != nil {
		return document{}, errXML
	}
	return root.document, nil
}

func newDecoder(body []byte) *xml.Decoder {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	decoder.CharsetReader = charsetReader
	return decoder
}

// deepestXML is the most elements inside one another; a push has three.
const deepestXML = 16

// inspectXML reads to the end, where Decode stops behind the root. It refuses
// what could make two readers see two documents: a document type (entities are
// made there; encoding/xml expands none of them), a second root, an attribute
// that stands twice.
func inspectXML(body []byte) error {
	decoder := newDecoder(body)
	depth, roots := 0, 0
	for first := true; ; first = false {
		token, err := decoder.Token()
		switch {
		case errors.Is(err, io.EOF) && roots == 1:
			return nil
		case errors.Is(err, errCharset):
			return errCharset
		case err != nil:
			return errXML
		}
		switch token := token.(type) {
		case xml.Directive:
			return errDeclaration
		case xml.ProcInst:
			if !first {
				return errDeclaration
			}
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			if depth++; roots > 1 || depth > deepestXML || repeated(token.Attr) {
				return errXML
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			if depth == 0 && len(bytes.TrimSpace(token)) > 0 {
				return errXML
			}
		}
	}
}

// repeated goes by local names, as Decode does. Elements of a push have some ten
// attributes.
func repeated(attributes []xml.Attr) bool {
	seen := make(map[string]bool, len(attributes))
	for _, a := range attributes {
		if seen[a.Name.Local] {
			return true
		}
		seen[a.Name.Local] = true
	}
	return false
}

// UnmarshalXMLAttr takes an attribute as it is.
func (s *scalar) UnmarshalXMLAttr(a xml.Attr) error {
	*s = scalar(a.Value)
	return nil
}

// charsetReader is asked for every charset but UTF-8, which DMC declares
// (documented by example).
func charsetReader(charset string, in io.Reader) (io.Reader, error) {
	read := latin1
	switch strings.ToLower(charset) {
	case "us-ascii", "iso-8859-1", "latin1", "windows-1252", "cp1252":
	case "iso-8859-15", "latin9", "latin-9":
		read = latin9
	default:
		return nil, errCharset
	}
	raw, err := io.ReadAll(in)
	return strings.NewReader(read(raw)), err
}

// parseJSON takes Windows-1252 for what is not UTF-8: a receiver in the field
// converts from it (observed).
func parseJSON(body []byte) (document, error) {
	if !utf8.Valid(body) {
		body = []byte(latin1(body))
	}
	var root struct {
		Report *document `json:"status_report"`
	}
	if json.Unmarshal(body, &root) != nil || root.Report == nil {
		return document{}, errJSON
	}
	return *root.Report, nil
}

// latin1 reads Windows-1252, which is what the labels of ISO 8859-1 mean. A reply is kept
// whatever it holds: the five bytes without a character stand as U+FFFD.
func latin1(raw []byte) string {
	if text, ok := charset.Windows1252(raw); ok {
		return text
	}
	var b strings.Builder
	for _, c := range raw {
		if r, ok := charset.Windows1252([]byte{c}); ok {
			b.WriteString(r)
			continue
		}
		b.WriteRune(utf8.RuneError)
	}
	return b.String()
}

// inLatin9 is where ISO 8859-15 differs from ISO 8859-1.
var inLatin9 = strings.NewReplacer("¤", "€", "¦", "Š", "¨", "š", "´", "Ž", "¸", "ž", "¼", "Œ", "½", "œ", "¾",
	"Ÿ")

func latin9(raw []byte) string { return inLatin9.Replace(latin1(raw)) }
