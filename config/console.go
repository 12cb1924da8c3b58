package config

import (
	"net/mail"
	"os"
	"strings"

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

// Accessibility is what an organisation declares of the pages for people (RGAA 4.1).
type Accessibility struct {
	Contact      string   `toml:"contact" doc:"Where somebody writes who cannot use a page: a mail address or a URL. Empty means that the declaration is not complete yet." example:"accessibilite@town.example"`
	Conformity   string   `toml:"conformity" doc:"none, partial or full: what the audit found."`
	Rate         int      `toml:"rate" doc:"Criteria that hold, in percent of those that apply. 0 means that it is not told." example:"92"`
	Auditor      string   `toml:"auditor" doc:"Who made the audit." example:"Cabinet Exemple"`
	AuditedOn    string   `toml:"audited_on" doc:"Day of the audit, as 2027-01-31." example:"2027-01-31"`
	DeclaredOn   string   `toml:"declared_on" doc:"Day of the declaration, as 2027-01-31." example:"2027-01-31"`
	Inaccessible []string `toml:"inaccessible" doc:"What is not accessible, a sentence each, in the language of the organisation." example:"Les graphiques n'ont pas été essayés avec un lecteur d'écran."`
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

func (a Accessibility) check() []section.Finding {
	return section.Findings(path{"accessibility"}, []section.Judged{
		{Key: "conformity", Wrong: section.WrongWord(a.Conformity, "none", "partial", "full")},
		{Key: "contact", Wrong: wrongContact(a.Contact)},
		{Key: "rate", Wrong: section.Unless(a.Rate >= 0 && a.Rate <= 100, whyPercent)},
		{Key: "audited_on", Wrong: wrongDate(a.AuditedOn)},
		{Key: "declared_on", Wrong: wrongDate(a.DeclaredOn)},
		{Key: "auditor", Wrong: section.Unless(a.Conformity == "none" || a.Auditor != "" && a.AuditedOn != "", whyAudit)},
	})
}

// wrongContact takes a mail address or a URL of a page.
func wrongContact(text string) reason.Reason {
	if text == "" || strings.HasPrefix(text, "https://") && section.WrongURL(text).IsZero() {
		return reason.Reason{}
	}
	a, err := mail.ParseAddress(text)
	return section.Unless(err == nil && a.Address == text, whyContact)
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
