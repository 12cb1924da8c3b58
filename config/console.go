package config

import (
	"os"

	"relais/config/section"
	"relais/look"
	"relais/reason"
)

// Console says how the pages for people look.
type Console struct {
	Name   string `toml:"name" doc:"Whose gateway it is, as the pages say. Empty means Relais." example:"Ville d'Exemple"`
	Accent string `toml:"accent" doc:"Colour of links and buttons, dark enough to be read on white; a lighter shade of it is used on the dark theme. Empty means the colour of Relais." example:"#0a5a66"`
	Logo   string `toml:"logo" doc:"File of a picture above the menu (SVG, PNG, JPEG or WebP, at most 256 KiB), beside this file unless the path is whole. Empty means none." example:"logo.svg"`

	// Picture is what the file of Logo holds; nil without one. Load fills it.
	Picture *look.Logo
}

// longestName fits beside the menu.
const longestName = 60

func (c Console) check() []section.Finding {
	return section.Findings(path{"console"}, []section.Judged{
		{Key: "name", Wrong: section.UnlessWith(len([]rune(c.Name)) <= longestName, whyConsoleName,
			reason.Args{"most": reason.Count(longestName)})},
		{Key: "accent", Wrong: wrongAccent(c.Accent)},
	})
}

// wrongAccent refuses a colour that people with weak sight cannot read, and names the
// nearest that they can.
func wrongAccent(text string) reason.Reason {
	if text == "" {
		return reason.Reason{}
	}
	chosen, ok := look.ParseColour(text)
	if !ok {
		return reason.Of(whyAccent, nil)
	}
	if worst := look.Worst(chosen); worst < look.Readable {
		return reason.Of(whyAccentContrast, reason.Args{
			"is": reason.Decimal(worst), "least": reason.Decimal(look.Readable),
			"right": section.Quoted(look.Nearest(chosen).String()),
		})
	}
	return reason.Reason{}
}

// logo reads the file that the console names.
func (l *loader) logo() {
	name := l.cfg.Console.Logo
	if name == "" {
		return
	}
	picture, wrong := readLogo(l.inFileDirectory(name))
	if !wrong.IsZero() {
		l.complain(path{"console", "logo"}, wrong)
		return
	}
	l.cfg.Console.Picture = picture
}

func readLogo(name string) (*look.Logo, reason.Reason) {
	file, err := os.Open(name)
	if err != nil {
		return nil, unreadable(withoutPath(err))
	}
	defer file.Close()
	picture, err := look.ReadLogo(file)
	if err != nil {
		return nil, reason.OfError(withoutPath(err))
	}
	return picture, reason.Reason{}
}
