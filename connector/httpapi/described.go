package httpapi

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"relais/connector"
	"relais/sms"
)

// What operators push, by the words of connector.Push.
const (
	tellsReceipts = "receipts"
	tellsReplies  = "replies"
	tellsStops    = "stops"
)

// Described is a preset as people choose it, made from its declaration, and whether there is one.
func Described(name string) (of connector.Preset, found bool) {
	text, found := Preset(name)
	if !found {
		return of, false
	}
	var w written
	decode(text, &w)
	d, err := Parse(text)
	if err != nil {
		panic(fmt.Errorf("the declaration of %s: %w", name, err)) // it is part of the program
	}
	return connector.Preset{
		Name: name, Title: d.Title, Country: d.Country, Page: d.Page,
		Receipts: d.receipts != nil, Replies: d.replies != nil, Stops: d.blocks != nil, Signed: d.signature != nil,
		Credit: d.credit != nil, Proof: d.lookup != nil, Checked: d.check != nil || d.credit != nil || d.token != nil,
		Settings: d.wanted(), Notes: notesOf(text), Pushes: pushesOf(&w),
	}, true
}

// DescribedAll are all presets, by their titles.
func DescribedAll() []connector.Preset {
	var all []connector.Preset
	for _, name := range Presets() {
		one, _ := Described(name)
		all = append(all, one)
	}
	slices.SortStableFunc(all, func(a, b connector.Preset) int {
		return cmp.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title))
	})
	return all
}

// wanted are the settings of a section: what the declaration wants, then what it can use.
func (d *Declaration) wanted() []connector.PresetSetting {
	names := d.settingsUsed()
	var all []connector.PresetSetting
	for _, required := range []bool{true, false} {
		for _, name := range settingNames {
			if slices.Contains(d.wants, name) == required && (required || slices.Contains(names, name)) {
				all = append(all, connector.PresetSetting{
					Key: name, Required: required, Secret: placeholders[name] == ofSecret, Example: d.exampleOf(name),
				})
			}
		}
	}
	if d.ownBaseURL {
		all = append(all, connector.PresetSetting{Key: "base_url", Required: d.baseURL == "", Example: d.baseURL})
	}
	return all
}

// exampleOf is a value as a page shows it, made up.
func (d *Declaration) exampleOf(name string) string {
	switch {
	case name != "sender":
		return ""
	case len(d.facts.Senders) > 0 && !slices.Contains(d.facts.Senders, sms.Alphanumeric):
		return "+33639980099"
	default:
		return "MAIRIE"
	}
}

// settingsUsed are the settings that stand in any request, or that make a signature.
func (d *Declaration) settingsUsed() []string {
	all := append(d.calls(), named{"only_to", d.onlyTo})
	if d.token != nil {
		all = append(all, d.token.templates("token")...)
		all = append(all, named{"token.auth.user", d.token.auth.user}, named{"token.auth.value", d.token.auth.value})
	}
	if d.signature != nil {
		all = append(all, named{"signature.key", d.signature.key})
	}
	var names []string
	for _, one := range all {
		names = append(names, one.names()...)
	}
	return names
}

// pushes are the addresses that the operator calls, each with all that it tells there.
func pushesOf(w *written) []connector.Push {
	var all []connector.Push
	for _, part := range []struct {
		tells string
		of    *writtenCallback
	}{{tellsReceipts, w.Receipts}, {tellsReplies, w.Replies}, {tellsStops, w.Blocks}} {
		if part.of == nil || part.of.Path == "" { // it is fetched
			continue
		}
		path := part.of.Path
		if part.of.Query != "" {
			path += "?" + part.of.Query
		}
		i := slices.IndexFunc(all, func(p connector.Push) bool { return p.Path == path })
		if i >= 0 {
			all[i].Tells = append(all[i].Tells, part.tells)
			continue
		}
		all = append(all, connector.Push{
			Tells: []string{part.tells}, Method: cmp.Or(part.of.Method, http.MethodPost), Path: path, InMessages: w.brings(part.of.Path),
		})
	}
	return all
}

// brings reports whether each message has the address of a push.
func (w *written) brings(path string) bool {
	return strings.Contains(strings.Join(textsOf(w.Send.Fields), " "), "{callback}"+path)
}

// notesOf is the comment that a declaration begins with, a text for each paragraph. It is in English.
func notesOf(declaration []byte) []string {
	var all []string
	paragraph := ""
	for line := range strings.Lines(string(declaration)) {
		text, isComment := strings.CutPrefix(strings.TrimSpace(line), "#")
		text = strings.TrimSpace(text)
		switch {
		case isComment && text != "":
			paragraph = strings.TrimSpace(paragraph + " " + text)
			continue
		case paragraph != "":
			all = append(all, paragraph)
			paragraph = ""
		}
		if !isComment {
			break
		}
	}
	return all
}
