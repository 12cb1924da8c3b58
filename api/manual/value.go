package manual

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// members are the fields of an object of JSON in the order in which they are shown.
type members []member

type member struct {
	key   string
	value any // members, []any, string, json.Number, bool or nil
}

// valueOf reads JSON and keeps the order of its fields.
func valueOf(text string) (any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	return next(d)
}

// replaced is a value whose strings another function gives.
func replaced(value any, by func(string) string) any {
	switch v := value.(type) {
	case string:
		return by(v)
	case members:
		all := make(members, len(v))
		for i, m := range v {
			all[i] = member{m.key, replaced(m.value, by)}
		}
		return all
	case []any:
		all := make([]any, len(v))
		for i := range v {
			all[i] = replaced(v[i], by)
		}
		return all
	default:
		return value
	}
}

func next(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		o := members{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			value, err := next(d)
			if err != nil {
				return nil, err
			}
			o = append(o, member{key.(string), value})
		}
		_, err = d.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for d.More() {
			value, err := next(d)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err = d.Token()
		return list, err
	default:
		return token, nil
	}
}

// inOrder puts the fields of an example of the description into the order of its schema.
func (b *book) inOrder(value any, s *huma.Schema) any {
	if s != nil && s.Ref != "" && b.objects[refOf(s)] != nil {
		s = b.objects[refOf(s)].schema
	}
	switch v := value.(type) {
	case members:
		if s == nil {
			return v
		}
		keys := fieldOrder(s)
		slices.SortStableFunc(v, func(x, y member) int { return slices.Index(keys, x.key) - slices.Index(keys, y.key) })
		for i := range v {
			v[i].value = b.inOrder(v[i].value, s.Properties[v[i].key])
		}
	case []any:
		if s != nil {
			for i := range v {
				v[i] = b.inOrder(v[i], s.Items)
			}
		}
	}
	return value
}

// jsonText is a value of JSON on one line.
func jsonText(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// notation is how a language writes values of JSON.
type notation struct {
	object, list  [2]string
	key           func(string) string // with what stands between it and its value
	text          func(string) string
	yes, no, null string
	tab           string
	last          bool // a comma stands behind the last one too
}

// write writes a value whose first line is indented already.
func (n *notation) write(w io.StringWriter, v any, indent string) {
	switch v := v.(type) {
	case members:
		n.rows(w, n.object, indent, len(v), func(i int, inner string) {
			w.WriteString(n.key(v[i].key)) //nolint:errcheck // into a buffer
			n.write(w, v[i].value, inner)
		})
	case []any:
		n.rows(w, n.list, indent, len(v), func(i int, inner string) { n.write(w, v[i], inner) })
	case string:
		w.WriteString(n.text(v)) //nolint:errcheck // into a buffer
	case json.Number:
		w.WriteString(v.String()) //nolint:errcheck // into a buffer
	case bool:
		if v {
			w.WriteString(n.yes) //nolint:errcheck // into a buffer
		} else {
			w.WriteString(n.no) //nolint:errcheck // into a buffer
		}
	default:
		w.WriteString(n.null) //nolint:errcheck // into a buffer
	}
}

// rows writes what stands between brackets, each on a line of its own.
func (n *notation) rows(
	w io.StringWriter, brackets [2]string, indent string, count int, one func(i int, inner string),
) {
	w.WriteString(brackets[0]) //nolint:errcheck // into a buffer
	inner := indent + n.tab
	for i := range count {
		w.WriteString("\n" + inner) //nolint:errcheck // into a buffer
		one(i, inner)
		if i < count-1 || n.last {
			w.WriteString(",") //nolint:errcheck // into a buffer
		}
	}
	if count > 0 {
		w.WriteString("\n" + indent) //nolint:errcheck // into a buffer
	}
	w.WriteString(brackets[1]) //nolint:errcheck // into a buffer
}

// text is a value as a language writes it, from a line with an indent on.
func (n *notation) of(v any, indent string) string {
	var b strings.Builder
	n.write(&b, v, indent)
	return b.String()
}

var (
	inJSON = &notation{
		object: [2]string{"{", "}"}, list: [2]string{"[", "]"}, tab: "  ",
		key:  func(k string) string { return jsonText(k) + ": " },
		text: func(s string) string { return jsonText(s) },
		yes:  "true", no: "false", null: "null",
	}
	inPython = &notation{
		object: [2]string{"{", "}"}, list: [2]string{"[", "]"}, tab: "    ", last: true,
		key:  func(k string) string { return jsonText(k) + ": " },
		text: func(s string) string { return jsonText(s) },
		yes:  "True", no: "False", null: "None",
	}
	inPHP = &notation{
		object: [2]string{"[", "]"}, list: [2]string{"[", "]"}, tab: "    ", last: true,
		key:  func(k string) string { return phpText(k) + " => " },
		text: phpText,
		yes:  "true", no: "false", null: "null",
	}
	inJavaScript = &notation{
		object: [2]string{"{", "}"}, list: [2]string{"[", "]"}, tab: "  ", last: true,
		key: func(k string) string {
			if plainKey.MatchString(k) {
				return k + ": "
			}
			return jsonText(k) + ": "
		},
		text: func(s string) string { return jsonText(s) },
		yes:  "true", no: "false", null: "null",
	}
)
