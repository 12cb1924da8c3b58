package console

import (
	"fmt"

	"relais/look"
)

// Look is how an organisation wants its pages.
type Look struct {
	Name   string       // whose gateway it is; empty: Relais
	Accent *look.Colour // of links and buttons; nil: that of Relais
	Logo   *look.Logo   // nil: none

	Declaration Declaration
}

// The files of an organisation beside those of every console.
const (
	townStyle = "town.css"
	townLogo  = "logo"
)

// town is what its look makes of the pages.
type town struct {
	name  string
	style *staticFile // nil: the colours are those of every console
	logo  *staticFile
}

func townOf(l Look) town {
	t := town{name: l.Name}
	if t.name == "" {
		t.name = "Relais"
	}
	if l.Accent != nil {
		f := newFile([]byte(styleOf(*l.Accent)), "text/css; charset=utf-8")
		t.style = &f
	}
	if l.Logo != nil {
		f := newFile(l.Logo.Data, l.Logo.Type)
		t.logo = &f
	}
	return t
}

// styleOf sets the tokens of console.css that have the colour in them.
func styleOf(chosen look.Colour) string {
	tokens := func(a look.Accent) string {
		return fmt.Sprintf("--accent: %s; --on-accent: %s; --accent-soft: %s;", a.Colour, a.On, a.Soft)
	}
	light, dark := tokens(look.Light(chosen)), tokens(look.Dark(chosen))
	return fmt.Sprintf(`:root { %s }
@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { %s } }
:root[data-theme="dark"] { %s }
`, light, dark, dark)
}

func (t *town) files() map[string]staticFile {
	all := map[string]staticFile{}
	if t.style != nil {
		all[townStyle] = *t.style
	}
	if t.logo != nil {
		all[townLogo] = *t.logo
	}
	return all
}

// Town is whose gateway it is.
func (f *frame) Town() string { return f.q.console.town.name }

// TownStyle and TownLogo are the addresses of the files of the organisation; empty
// without one.
func (f *frame) TownStyle() string { return f.townFile(townStyle, f.q.console.town.style) }
func (f *frame) TownLogo() string  { return f.townFile(townLogo, f.q.console.town.logo) }

func (f *frame) townFile(name string, own *staticFile) string {
	if own == nil {
		return ""
	}
	return addressOf(name, *own)
}
