package openid

import (
	"encoding/json"
	"strings"
)

// claim is the value under a name. A name with points leads into objects, as Keycloak's
// realm_access.roles, unless a claim is called so itself.
func (p *Person) claim(name string) json.RawMessage {
	if value, ok := p.claims[name]; ok {
		return value
	}
	here := p.claims
	words := strings.Split(name, ".")
	for i, word := range words {
		value, ok := here[word]
		if !ok || i == len(words)-1 {
			return value
		}
		here = nil
		if err := json.Unmarshal(value, &here); err != nil {
			return nil
		}
	}
	return nil
}

// Has reports whether the provider told a claim.
func (p *Person) Has(name string) bool {
	value := p.claim(name)
	return value != nil && string(value) != "null"
}

// Text is a claim that is a text; empty where it is none.
func (p *Person) Text(name string) string {
	var text string
	if json.Unmarshal(p.claim(name), &text) != nil {
		return ""
	}
	return text
}

// List is a claim that is a list of texts, or one text.
func (p *Person) List(name string) []string {
	if text := p.Text(name); text != "" {
		return []string{text}
	}
	var list []any
	if json.Unmarshal(p.claim(name), &list) != nil {
		return nil
	}
	var texts []string
	for _, item := range list {
		if text, ok := item.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// True reports whether a claim is true, or the word for it, as some providers write.
func (p *Person) True(name string) bool {
	var yes bool
	return json.Unmarshal(p.claim(name), &yes) == nil && yes || p.Text(name) == "true"
}
