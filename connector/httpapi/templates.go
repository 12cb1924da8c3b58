package httpapi

import (
	"maps"
	"slices"
)

// named is a template with the key that it stands under.
type named struct {
	key string
	template
}

// templates are all of a call's.
func (c *call) templates(at string) []named {
	var all []named
	for _, t := range c.path {
		all = append(all, named{at + ".path", t})
	}
	for _, h := range c.headers {
		all = append(all, named{at + ".headers", h.value})
	}
	all = append(all, ofParameters(at+".query", c.query)...)
	switch b := c.body.(type) {
	case formBody:
		all = append(all, ofParameters(at+".fields", b)...)
	case xmlBody:
		for _, p := range b {
			all = append(all, named{at + ".xml", p.text})
		}
	case jsonBody:
		all = append(all, ofTree(at+".fields", b.tree)...)
	}
	return all
}

func ofParameters(at string, parameters []parameter) []named {
	var all []named
	for _, p := range parameters {
		for _, t := range p.values {
			all = append(all, named{join(at, p.name), t})
		}
	}
	return all
}

func ofTree(key string, value any) []named {
	var all []named
	switch v := value.(type) {
	case template:
		return []named{{key, v}}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			all = append(all, ofTree(join(key, name), v[name])...)
		}
	case []any:
		for i := range v {
			all = append(all, ofTree(element(key, i), v[i])...)
		}
	}
	return all
}
