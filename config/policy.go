package config

import (
	"maps"
	"slices"
	"strings"

	"relais/config/section"
	"relais/plaintext"
	"relais/policy"
	"relais/reason"
)

// Policy is a pack of rules that is made of another.
type Policy struct {
	From       string   `toml:"from" doc:"The pack in the program that it begins with, or a file that ends in .toml, relative to the working directory."`
	Also       []string `toml:"also" doc:"Places whose public holidays count as well: alsace-moselle, which no number tells, or a French place overseas as two letters." example:"alsace-moselle"`
	StopClause string   `toml:"stop_clause" doc:"STOP clause that is added to advertising where the operator adds none, with the number that takes the answer." example:"STOP au 36180"`
}

func (p *Policy) setDefaults() { p.From = "fr-prudent" }

// packFile reports whether a pack begins with a file. The file is read at the start, not
// when the configuration is judged, like the other files that it names.
func packFile(from string) bool { return strings.HasSuffix(from, ".toml") }

func (c Config) checkPolicies() []section.Finding {
	var found []section.Finding
	for _, name := range slices.Sorted(maps.Keys(c.Policies)) {
		at, p := path{"policy", name}, c.Policies[name]
		base, known := policy.Builtin(p.From)
		if _, taken := policy.Builtin(name); taken {
			found = append(found, section.Finding{At: at, Wrong: reason.Of(whyPackTaken, nil)})
		}
		if name == policy.None {
			found = append(found, section.Finding{At: at, Wrong: reason.Of(whyPackNone, nil)})
		}
		if !known && !packFile(p.From) {
			found = append(found, section.Finding{At: at.To("from"), Wrong: reason.Of(whyPackFrom, reason.Args{
				"name": section.Quoted(p.From), "right": suggest(p.From, policy.Names()),
			})})
			continue
		}
		if !known {
			base = &policy.Pack{}
		}
		if _, err := base.Derive(name, p.Also, p.StopClause); err != nil {
			found = append(found, section.Finding{At: at, Wrong: reason.OfError(err)})
		}
	}
	return found
}

// keptTooLong remarks on accounts that keep texts longer than their pack says, where it
// is one in the program: files are not read yet.
func (c Config) keptTooLong() []reason.Reason {
	var remarks []reason.Reason
	for _, name := range slices.Sorted(maps.Keys(c.Accounts)) {
		account := c.Accounts[name]
		p, known := policy.Builtin(account.Policy)
		if !known || p.KeepDays == 0 || account.KeepTextsDays > 0 && account.KeepTextsDays <= p.KeepDays {
			continue
		}
		remarks = append(remarks, reason.Of(whyKeptTooLong, reason.Args{
			"account": reason.Name(name), "pack": reason.Name(p.Label()), "days": reason.Count(p.KeepDays),
		}))
	}
	return remarks
}

// wrongPolicyOrNone judges the name of an account's pack, which may want none.
func (c Config) wrongPolicyOrNone(name string) reason.Reason {
	if name == policy.None {
		return reason.Reason{}
	}
	return c.wrongPolicy(name)
}

// wrongPolicy judges the name of a pack.
func (c Config) wrongPolicy(name string) reason.Reason {
	if name == "" {
		return reason.Reason{}
	}
	if _, known := policy.Builtin(name); known {
		return reason.Reason{}
	}
	if _, known := c.Policies[name]; known {
		return reason.Reason{}
	}
	names := append(policy.Names(), slices.Sorted(maps.Keys(c.Policies))...)
	return reason.Of(whyPack, reason.Args{"name": section.Quoted(name), "right": suggest(name, names)})
}

// Packs are the rules that accounts and connectors may name, by name. The error says
// what is wrong in which file.
func (c Config) Packs() (map[string]*policy.Pack, error) {
	packs := map[string]*policy.Pack{}
	for _, name := range policy.Names() {
		packs[name], _ = policy.Builtin(name)
	}
	for name, p := range c.Policies {
		base, known := policy.Builtin(p.From)
		if !known {
			text, err := plaintext.ReadFile(p.From)
			if err != nil {
				return nil, reason.At("policy."+name, reason.Wrap(err, whyPackUnreadable, reason.Args{
					"file": reason.Name(p.From),
				}))
			}
			if base, err = policy.Parse(text); err != nil {
				return nil, reason.At("policy."+name, reason.At(p.From, err))
			}
		}
		derived, err := base.Derive(name, p.Also, p.StopClause)
		if err != nil {
			return nil, reason.At("policy."+name, err)
		}
		packs[name] = derived
	}
	return packs, nil
}
