package console

import (
	"context"
	"slices"

	"relais/connector"
	"relais/reason"
)

// Presets are the operators that come with the program. A section is made of one, and tried;
// nothing of it is kept.
type Presets interface {
	// Presets are all of them, by their titles.
	Presets() []connector.Preset
	// Section writes a choice as the configuration has it. The error joins a
	// *connector.ConfigError for each setting that is wrong, "name" among them.
	Section(c connector.Choice) (connector.Written, error)
	// Try asks the operator, without a message. Its errors are those of Section.
	Try(ctx context.Context, c connector.Choice) (connector.Tried, error)
	// CallbackURL is what the operator of a connector-to-be calls; empty: it cannot.
	CallbackURL(instance string) string
	// Simulated are the settings that let somebody in at the simulated operator; none: the
	// real one is called.
	Simulated(ctx context.Context, preset string) (map[string]string, error)
}

// presetsPage lists the operators that somebody can choose.
type presetsPage struct {
	frame

	Rows []presetRow
}

// presetRow is one of them, and what it tells.
type presetRow struct {
	Name, Title, Country string
	Can                  []ability
}

// ability is something that an operator may tell.
type ability struct {
	Name string // of its phrases
	Has  bool
	Word string
}

func showPresets(q *request) (answer, error) {
	p := &presetsPage{frame: *q.frame()}
	all := q.console.Presets.Presets()
	for i := range all {
		p.Rows = append(p.Rows, presetRow{all[i].Name, all[i].Title, p.country(all[i].Country), p.abilities(&all[i])})
	}
	return view{name: "operators", data: p}, nil
}

// Columns are what the table says of each.
func (p *presetsPage) Columns() []ability { return p.abilities(&connector.Preset{}) }

// abilities are what an operator tells, in the order of the table.
func (f *frame) abilities(of *connector.Preset) []ability {
	all := []ability{
		{Name: "receipts", Has: of.Receipts},
		{Name: "replies", Has: of.Replies},
		{Name: "stops", Has: of.Stops},
		{Name: "credit", Has: of.Credit},
		{Name: "proof", Has: of.Proof},
	}
	for i := range all {
		all[i].Word = f.say("operators_no")
		if all[i].Has {
			all[i].Word = f.say("operators_yes")
		}
	}
	if of.Receipts && of.Signed {
		all[0].Word = f.say("operators_signed")
	}
	return all
}

// country is the name of one; empty: nobody knows it.
func (f *frame) country(code string) string {
	named := Words + "/country_" + reason.Code(code)
	if slices.Contains(reason.Codes(), named) {
		return reason.Of(named, nil).In(f.Lang)
	}
	return code
}
