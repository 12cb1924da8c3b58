package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"relais/config/section"
	"relais/plaintext"
	"relais/policy"
)

// Policy is a pack of rules that is made of another.
type Policy struct {
	From       string   `toml:"from" doc:"The pack in the program that it begins with, or a file that ends in .toml, relative to the working directory."`
	Also       []string `toml:"also" doc:"Places whose public holidays count as well: alsace-moselle, which no number tells, or a French place overseas as two letters." example:"alsace-moselle"`
	StopClause string   `toml:"stop_clause" doc:"STOP clause that is added to advertising where the operator adds none, with the number that takes the answer." example:"STOP au 36180"`
}

func (p *Policy) setDefaults() { p.From = "fr-prudent" }

// packFile tells whether a pack begins with a file. The file is read at the start, not
// when the configuration is judged, like the other files that it names.
func packFile(from string) bool { return strings.HasSuffix(from, ".toml") }

func (c Config) checkPolicies() []section.Finding {
	var found []section.Finding
	for _, name := range slices.Sorted(maps.Keys(c.Policies)) {
		at, p := path{"policy", name}, c.Policies[name]
		base, known := policy.Builtin(p.From)
		if _, taken := policy.Builtin(name); taken {
			found = append(found, section.Finding{At: at, Detail: "a pack in the program has that name; choose another"})
		}
		if name == policy.None {
			found = append(found, section.Finding{At: at, Detail: "none is what an account names that wants no rules; choose another name"})
		}
		if !known && !packFile(p.From) {
			found = append(found, section.Finding{At: at.To("from"), Detail: fmt.Sprintf("no pack %q; %s, or a file that ends in .toml", p.From, suggest(p.From, policy.Names()))})
			continue
		}
		if !known {
			base = &policy.Pack{}
		}
		if _, err := base.Derive(name, p.Also, p.StopClause); err != nil {
			found = append(found, section.Finding{At: at, Detail: err.Error()})
		}
	}
	return found
}

// keptTooLong remarks on accounts that keep texts longer than their pack says, where it
// is one in the program: files are not read yet.
func (c Config) keptTooLong() []string {
	var remarks []string
	for _, name := range slices.Sorted(maps.Keys(c.Accounts)) {
		account := c.Accounts[name]
		p, known := policy.Builtin(account.Policy)
		if !known || p.KeepDays == 0 || account.KeepTextsDays > 0 && account.KeepTextsDays <= p.KeepDays {
			continue
		}
		remarks = append(remarks, fmt.Sprintf("account.%s: %s lets texts of advertising be kept for %d days; set keep_texts_days to as many or fewer",
			name, p.Label(), p.KeepDays))
	}
	return remarks
}

// wrongPolicy judges the name of a pack.
func (c Config) wrongPolicy(name string) string {
	if name == "" {
		return ""
	}
	if _, known := policy.Builtin(name); known {
		return ""
	}
	if _, known := c.Policies[name]; known {
		return ""
	}
	return fmt.Sprintf("no pack %q; %s", name, suggest(name, append(policy.Names(), slices.Sorted(maps.Keys(c.Policies))...)))
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
				return nil, fmt.Errorf("policy.%s: %s cannot be read: %w", name, p.From, err)
			}
			if base, err = policy.Parse(text); err != nil {
				return nil, fmt.Errorf("policy.%s: %s: %w", name, p.From, err)
			}
		}
		derived, err := base.Derive(name, p.Also, p.StopClause)
		if err != nil {
			return nil, fmt.Errorf("policy.%s: %w", name, err)
		}
		packs[name] = derived
	}
	return packs, nil
}
