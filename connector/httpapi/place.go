package httpapi

import (
	"net/textproto"
	"slices"
	"strings"

	"relais/reason"
)

// Shapes of an answer, or of what is pushed.
const (
	shapeJSON  = "json"
	shapeXML   = "xml"
	shapeText  = "text"
	shapeForm  = "form"
	shapeQuery = "query"
)

// place is where a value stands: in a header, in the query of a push, or in the body, as the
// shape of it has places.
type place struct {
	in   string // "header", "query" or "body"; empty: nowhere
	name string // of the header, of the parameter or of the group; empty: the whole body
	path []string
}

const (
	inHeader = "header"
	inQuery  = "query"
	inBody   = "body"
)

// shape is how a body is read.
type shape struct {
	kind    string
	pattern *pattern // of text; nil: the whole body alone
}

// place compiles where a value stands. In JSON it is a pointer (RFC 6901), /messages/0/id, where
// [type=sms] is the element of a list that has such a value. In XML it is the names from the root
// down, /answer/id, and an attribute behind @; * is the one element that is there, and at the end its name. In a text it is a group of the pattern, or body for
// all of it; in a form or a query the name of a parameter.
func (j *judge) place(key, text string, s shape) place {
	if text == "" {
		return place{}
	}
	if name, ok := strings.CutPrefix(text, "header:"); ok && name != "" {
		return place{in: inHeader, name: textproto.CanonicalMIMEHeaderKey(name)}
	}
	if name, ok := strings.CutPrefix(text, "query:"); ok && name != "" {
		return place{in: inQuery, name: name}
	}
	switch s.kind {
	case shapeJSON:
		if strings.HasPrefix(text, "/") {
			return place{in: inBody, name: text, path: pointer(text)}
		}
	case shapeXML:
		if path := strings.Split(text, "/"); len(path) > 1 && path[0] == "" && !slices.Contains(path[1:], "") {
			return place{in: inBody, name: text, path: path[1:]}
		}
	case shapeText:
		return j.group(key, text, s.pattern)
	default:
		if !strings.ContainsAny(text, "/:") {
			return place{in: inBody, name: text}
		}
	}
	j.complain(key, whyPlace, reason.Args{"shape": reason.Name(s.kind), "example": reason.Name(examplePlace[s.kind])})
	return place{}
}

var examplePlace = map[string]string{
	shapeJSON: "/messages/0/id", shapeXML: "/answer/id", shapeForm: "id", shapeQuery: "id",
}

func (j *judge) group(key, text string, p *pattern) place {
	if text == wholeBody {
		return place{in: inBody}
	}
	var groups []string
	if p != nil {
		groups = p.groups()
	}
	if slices.Contains(groups, text) {
		return place{in: inBody, name: text}
	}
	j.complain(key, whyGroup, reason.Args{"name": reason.Name(text), "groups": reason.Names(append(groups, wholeBody))})
	return place{}
}

// wholeBody is the place that is all of a text.
const wholeBody = "body"

func pointer(text string) []string {
	path := strings.Split(text[1:], "/")
	for i := range path {
		path[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(path[i])
	}
	return path
}
