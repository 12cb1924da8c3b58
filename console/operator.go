package console

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"relais/auth"
	"relais/connector"
	"relais/credit"
	"relais/lane"
	"relais/reason"
)

// How much the trials of operators may take: each is some calls to somebody else.
const (
	trialTime  = 30 * time.Second
	mostTrials = 2
)

// operatorTried is in the audit: the gateway called an operator with what somebody typed.
const operatorTried auth.ActCode = "operator_tried"

// sayTrials is said when too many operators are being tried.
const sayTrials = Words + "/trials_many"

// secretMark begins the names of fields whose values are shown nowhere and kept nowhere.
const secretMark = "secret_"

// presetPage has the form of an operator, and what came of it.
type presetPage struct {
	frame
	problems

	Preset  connector.Preset
	Country string
	Can     []ability
	Name    string // of the connector, as it was typed
	Keep    connector.Keeping
	Fields  []presetField
	Key     []simulatedKey // that lets in at the simulated operator; none: it is the real one

	Written *writtenShown // nil: nothing was sent yet
	Tried   *triedShown   // nil: it was not tried
}

// presetField is a setting that the form asks for.
type presetField struct {
	connector.PresetSetting

	Field string
	Value string // empty for a secret
}

// simulatedKey is a setting of a simulated operator, which everybody may know.
type simulatedKey struct{ Key, Value string }

// writtenShown is a section, and what to do with it.
type writtenShown struct {
	connector.Written

	Addresses []pushShown
	Reachable bool // the operator has an address to call
}

// pushShown is an address that the operator calls.
type pushShown struct {
	Tells      string
	Address    string
	Method     string
	InMessages bool
}

// triedShown is what came of a trial.
type triedShown struct {
	Pill           pill
	Credit         string // empty: it was not told
	Findings       []findingShown
	Asked, Request string
}

type findingShown struct {
	Pill  pill
	Words string
}

func showPreset(q *request) (answer, error) {
	p, err := presetPageOf(q)
	return view{name: "operator", data: p}, err
}

func presetPageOf(q *request) (*presetPage, error) {
	all := q.console.Presets.Presets()
	at := slices.IndexFunc(all, func(p connector.Preset) bool { return p.Name == q.PathValue("preset") })
	if at < 0 {
		return nil, notFound()
	}
	p := &presetPage{frame: *q.frame(), Preset: all[at], Keep: connector.InFile}
	p.Country, p.Can = p.country(p.Preset.Country), p.abilities(&p.Preset)
	for _, s := range p.Preset.Settings {
		field := presetField{PresetSetting: s, Field: s.Key}
		if s.Secret {
			field.Field = secretMark + s.Key
		}
		p.Fields = append(p.Fields, field)
	}
	known, err := q.console.Presets.Simulated(q.ctx(), p.Preset.Name)
	if err != nil {
		return nil, err
	}
	for _, f := range p.Fields {
		if known[f.Key] != "" {
			p.Key = append(p.Key, simulatedKey{p.say("operator_set_" + f.Key), known[f.Key]})
		}
	}
	p.Name, err = p.freeName(q)
	return p, err
}

// freeName is a name for the connector that none has yet.
func (p *presetPage) freeName(q *request) (string, error) {
	states, err := q.console.Gateway.Connectors(q.ctx())
	if err != nil {
		return "", err
	}
	name := p.Preset.Name
	for slices.ContainsFunc(states, func(d lane.Description) bool { return d.Name == name }) {
		name += "-2"
	}
	return name, nil
}

// presetFields are those of the form of any operator.
func presetFields() []string {
	return []string{
		"name", "keep", "do", "login", "profile", "sender", "base_url", secretMark + "key", secretMark + "secret", secretMark + "signing_key",
	}
}

// tryPreset writes the section of what was filled in, and tries it at the operator where that was
// asked for. The secrets end with the answer.
func tryPreset(q *request) (answer, error) {
	if err := q.read(presetFields()...); err != nil {
		return nil, err
	}
	p, err := presetPageOf(q)
	if err != nil {
		return nil, err
	}
	choice := p.take(q)
	written, err := q.console.Presets.Section(choice)
	if err != nil {
		return p.refused(err)
	}
	if q.field("do") == "try" {
		tried, err := q.tried(choice)
		if err != nil {
			return p.refused(err)
		}
		if p.Tried = p.outcome(&tried); !tried.Works() { // what to mend comes first
			return view{name: "operator", data: p}, nil
		}
	}
	p.Written = p.written(written, q.console.Presets.CallbackURL(choice.Instance))
	return view{name: "operator", data: p}, nil
}

// take takes what was typed; the secrets do not stay on the page.
func (p *presetPage) take(q *request) connector.Choice {
	p.Name = q.field("name")
	if q.field("keep") == string(connector.InEnvironment) {
		p.Keep = connector.InEnvironment
	}
	choice := connector.Choice{Preset: p.Preset.Name, Instance: p.Name, Keep: p.Keep, Given: map[string]string{}}
	for i := range p.Fields {
		f := &p.Fields[i]
		choice.Given[f.Key] = q.field(f.Field)
		if !f.Secret {
			f.Value = choice.Given[f.Key]
		}
	}
	return choice
}

// tried has the operator asked, for a bounded time, and writes down that it was.
func (q *request) tried(c connector.Choice) (connector.Tried, error) {
	select {
	case q.console.trials <- struct{}{}:
		defer func() { <-q.console.trials }()
	default:
		return connector.Tried{}, &problem{http.StatusTooManyRequests, reason.Of(sayTrials, nil)}
	}
	ctx, cancel := context.WithTimeout(q.ctx(), trialTime)
	defer cancel()
	tried, err := q.console.Presets.Try(ctx, c)
	if err != nil { // nobody was called
		return connector.Tried{}, err
	}
	return tried, q.console.Journal.Record(withoutCancel(q), q.by().Act("", operatorTried, c.Preset, ""))
}

// refused shows at its field what is wrong.
func (p *presetPage) refused(err error) (answer, error) {
	all := []error{err}
	for len(all) > 0 {
		one := all[0]
		all = all[1:]
		if joined, ok := one.(interface{ Unwrap() []error }); ok {
			all = append(joined.Unwrap(), all...)
			continue
		}
		wrong, ok := errors.AsType[*connector.ConfigError](one)
		if !ok {
			return nil, err
		}
		p.refuse(p.fieldOf(wrong.Key), wrong.Reason.In(p.Lang))
	}
	return view{"operator", p, http.StatusUnprocessableEntity}, nil
}

// fieldOf is the field that a key of the section has in the form.
func (p *presetPage) fieldOf(key string) string {
	for _, f := range p.Fields {
		if f.Key == key {
			return f.Field
		}
	}
	return "name"
}

// outcome puts into words what came back.
func (p *presetPage) outcome(t *connector.Tried) *triedShown {
	shown := &triedShown{
		Pill: pill{"bad", p.say("operator_fails")}, Asked: strings.Join(t.Asked, "\n"), Request: strings.Join(t.Request, "\n"),
	}
	switch {
	case t.Works() && t.Asked != nil:
		shown.Pill = pill{"good", p.say("operator_works")}
	case t.Works():
		shown.Pill = pill{"careful", p.say("operator_unchecked")}
	}
	if t.Balance != nil {
		shown.Credit = reason.Of(Words+"/credit_left", reason.Args{
			"amount": reason.Decimal(t.Balance.Amount), "unit": credit.Unit(t.Balance.Unit),
		}).In(p.Lang)
	}
	shapes := map[connector.Level]string{connector.OK: "good", connector.Warning: "careful", connector.Failure: "bad"}
	for _, f := range t.Findings {
		shown.Findings = append(shown.Findings, findingShown{
			pill{shapes[f.Level], p.say("operator_level_" + string(f.Level))}, f.In(p.Lang).Detail,
		})
	}
	return shown
}

func (p *presetPage) written(w connector.Written, callback string) *writtenShown {
	shown := &writtenShown{Written: w, Reachable: callback != ""}
	for _, push := range p.Preset.Pushes {
		var tells []string
		for _, one := range push.Tells {
			tells = append(tells, p.say("operator_tells_"+one))
		}
		shown.Addresses = append(shown.Addresses, pushShown{
			strings.Join(tells, ", "), cmp.Or(callback, "…") + push.Path, push.Method, push.InMessages,
		})
	}
	return shown
}

// Kept are the secrets that the section wants in a file, or in the environment.
func (w *writtenShown) Kept(where string) (all []connector.SecretPlace) {
	for _, s := range w.Secrets {
		if !s.Optional && (s.File != "") == (where == string(connector.InFile)) {
			all = append(all, s)
		}
	}
	return all
}
