package config

import (
	"fmt"
	"slices"

	"relais/number"
)

// The judgements of this file are about what accounts may send, and how much.

func wrongAccountFamilies(families []string) string {
	if slices.Contains(families, number.All) {
		return unless(len(families) == 1, "all holds every family; leave the others out, or leave out all")
	}
	for _, f := range families {
		if family, ok := frenchFamily[f]; ok {
			return fmt.Sprintf("%q is no family: its numbers are in %s", f, family)
		}
	}
	return wrongFamilies(families)
}

// frenchFamily names the family of the countries that have none of their own.
var frenchFamily = map[string]string{
	"fr": number.FRMetro, "re": number.FROverseas, "yt": number.FROverseas, "gp": number.FROverseas, "mf": number.FROverseas,
	"bl": number.FROverseas, "gf": number.FROverseas, "mq": number.FROverseas, "pm": number.FROverseas, "nc": number.FROverseas,
	"pf": number.FROverseas, "wf": number.FROverseas,
}

func wrongLines(lines string) string {
	var valid []string
	for _, l := range number.AllLines {
		valid = append(valid, string(l))
	}
	return wrongWord(lines, valid...)
}
