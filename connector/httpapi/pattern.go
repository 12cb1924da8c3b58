package httpapi

import (
	"regexp"
	"regexp/syntax"

	"relais/reason"
)

// pattern is a regular expression of RE2, whose time grows with the text alone. Those that look
// for everything, or repeat what repeats, are refused all the same: they are slips.
type pattern struct{ re *regexp.Regexp }

const longestPattern = 500

// pattern compiles one; nil after a mistake, or for an empty one.
func (j *judge) pattern(key, text string) *pattern {
	if text == "" {
		return nil
	}
	if len(text) > longestPattern {
		j.complain(key, whyPatternLong, reason.Args{"most": reason.Count(longestPattern)})
		return nil
	}
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		j.complain(key, whyPattern, reason.Args{"why": reason.Name(err.Error())})
		return nil
	}
	if repeatsRepeated(parsed, false) {
		j.complain(key, whyPatternDeep, nil)
		return nil
	}
	re, err := regexp.Compile(text)
	if err != nil {
		j.complain(key, whyPattern, reason.Args{"why": reason.Name(err.Error())})
		return nil
	}
	if re.MatchString("") {
		j.complain(key, whyPatternWide, nil)
		return nil
	}
	return &pattern{re}
}

// repeatsRepeated reports whether something without a bound stands within something without one,
// as in (a+)+.
func repeatsRepeated(e *syntax.Regexp, within bool) bool {
	unbounded := e.Op == syntax.OpStar || e.Op == syntax.OpPlus || e.Op == syntax.OpRepeat && e.Max < 0
	if unbounded && within {
		return true
	}
	for _, sub := range e.Sub {
		if repeatsRepeated(sub, within || unbounded) {
			return true
		}
	}
	return false
}

func (p *pattern) groups() []string {
	var names []string
	for _, name := range p.re.SubexpNames() {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}

// find gives the groups of the first match; nil: none.
func (p *pattern) find(text string) map[string]string {
	match := p.re.FindStringSubmatch(text)
	if match == nil {
		return nil
	}
	found := map[string]string{}
	for i, name := range p.re.SubexpNames() {
		if name != "" && match[i] != "" {
			found[name] = match[i]
		}
	}
	return found
}
