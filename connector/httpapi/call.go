package httpapi

import (
	"fmt"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"relais/reason"
)

// call is one request that a declaration describes, and how its answer is read.
type call struct {
	method  string
	path    []template // its segments
	query   []parameter
	headers []header
	body    body // nil: none
	charset *charmap.Charmap
	answers shape

	statuses statuses // of the one good answer of a call that does not send
	where    []condition
}

type header struct {
	name  string
	value template
}

// parameter is one of a query or a form: a value for each of the templates.
type parameter struct {
	name   string
	values []template
}

var (
	// urlNever: addresses stand in logs of others.
	urlNever = map[nature]reason.Code{ofSecret: whySecretURL}
	// headerNever: what callers write could hold a line end.
	headerNever = map[nature]reason.Code{ofPerson: whyHeaderPerson}
)

// call compiles a request. Its rules, and what is read of the answer, are compiled by whoever
// knows what it is for.
func (j *judge) call(at string, w *writtenCall) call {
	c := call{method: j.oneOf(at+".method", w.Method, http.MethodPost, http.MethodGet, http.MethodPut)}
	if w.Method == "" && at != "send" && at != "token" {
		c.method = http.MethodGet
	}
	c.path = j.path(at+".path", w.Path)
	c.query = j.parameters(at+".query", w.Query, urlNever)
	for _, name := range sortedKeys(w.Headers) {
		c.headers = append(c.headers, j.header(at+".headers."+name, name, w.Headers[name]))
	}
	name := j.oneOf(at+".charset", w.Charset, append([]string{utf8Name}, sortedKeys(charsets)...)...)
	c.charset = charsets[name]
	c.body = j.body(at, w, c.method)
	if _, isJSON := c.body.(jsonBody); isJSON && c.charset != nil {
		j.complain(at+".charset", whyCharsetJSON, nil)
	}
	c.answers = j.answers(at, w)
	return c
}

func (j *judge) answers(at string, w *writtenCall) shape {
	s := shape{kind: j.oneOf(at+".answers", w.Answers, shapeJSON, shapeXML, shapeText)}
	s.pattern = j.pattern(at+".pattern", w.Pattern)
	j.idle(at, map[string]bool{"pattern": w.Pattern != "" && s.kind != shapeText})
	return s
}

// path compiles the path, a template for each segment: what a placeholder stands for never makes
// a further one.
func (j *judge) path(key, text string) []template {
	if !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") || strings.ContainsAny(text, "?#%\\ ") {
		j.complain(key, whyPath, nil)
		return nil
	}
	var segments []template
	for segment := range strings.SplitSeq(text[1:], "/") {
		if segment == "." || segment == ".." {
			j.complain(key, whyPath, nil)
		}
		segments = append(segments, j.template(key, segment, urlNever))
	}
	return segments
}

// headersOfProgram are written by net/http as a request and its connection are, or never sent.
var headersOfProgram = []string{
	"Connection", "Content-Length", "Host", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

func (j *judge) header(key, name, value string) header {
	if name == "" || strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		j.complain(key, whyHeaderName, nil)
	}
	if slices.Contains(headersOfProgram, textproto.CanonicalMIMEHeaderKey(name)) {
		j.complain(key, whyHeaderOurs, nil)
	}
	if strings.ContainsAny(value, "\r\n\x00") {
		j.complain(key, whyHeaderName, nil)
	}
	return header{textproto.CanonicalMIMEHeaderKey(name), j.template(key, value, headerNever)}
}

func (j *judge) parameters(key string, written map[string]any, refused map[nature]reason.Code) []parameter {
	var all []parameter
	for _, name := range sortedKeys(written) {
		p := parameter{name: name}
		for _, value := range listed(written[name]) {
			text, ok := scalar(value)
			if !ok {
				j.complain(join(key, name), whyNested, nil)
				continue
			}
			p.values = append(p.values, j.template(join(key, name), text, refused))
		}
		all = append(all, p)
	}
	return all
}

// body compiles the body of a request.
func (j *judge) body(at string, w *writtenCall, method string) body {
	kind := w.Body
	if kind == "" && (w.Fields != nil || w.XML != "") {
		j.complain(at+".body", whyMissing, nil)
		return nil
	}
	if kind == "" {
		return nil
	}
	if method == http.MethodGet {
		j.complain(at+".body", whyBodyNone, nil)
		return nil
	}
	kind = j.oneOf(at+".body", kind, "json", "form", "xml")
	j.idle(at, map[string]bool{"fields": w.Fields != nil && kind == "xml", "xml": w.XML != "" && kind != "xml"})
	switch kind {
	case "form":
		return formBody(j.parameters(at+".fields", w.Fields, nil))
	case "xml":
		return j.xmlBody(at+".xml", w.XML)
	default:
		return jsonBody{j.tree(at+".fields", w.Fields)}
	}
}

// tree compiles the values of a JSON body: texts become templates, the rest stays.
func (j *judge) tree(key string, value any) any {
	switch v := value.(type) {
	case string:
		return j.template(key, v, nil)
	case map[string]any:
		compiled := map[string]any{}
		for name := range v {
			compiled[name] = j.tree(join(key, name), v[name])
		}
		return compiled
	case []any:
		compiled := make([]any, len(v))
		for i := range v {
			compiled[i] = j.tree(element(key, i), v[i])
		}
		return compiled
	case bool, int64, float64:
		return v
	default: // a date
		j.complain(key, whyValue, reason.Args{"type": reason.Name(fmt.Sprintf("%T", v))})
		return nil
	}
}
