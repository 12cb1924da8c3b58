package number

import "slices"

// Lines says which fixed lines are taken.
type Lines string

// The choices of fixed lines.
const (
	LinesAbroad Lines = "abroad" // all but those of metropolitan France, with a warning
	LinesAll    Lines = "all"    // with a warning
	LinesNone   Lines = "none"
)

// AllLines lists the choices.
var AllLines = []Lines{LinesAbroad, LinesAll, LinesNone}

// All is the family that holds every number.
const All = "all"

// Policy says which numbers are taken. The zero value takes every family, no
// special-rate or premium-rate number, none of a machine, and no fixed line of
// metropolitan France.
type Policy struct {
	Families []string // as Parsed.Family; none: every one
	Special  bool     // special-rate and premium-rate numbers
	Machines bool     // numbers between machines
	Fixed    Lines    // empty: LinesAbroad
}

// Every takes every number that exists: for numbers that are looked up or heard from.
var Every = Policy{Special: true, Machines: true, Fixed: LinesAll}

// Parse reads a number as Parse does and refuses what the policy does not take.
// The error is always an *Error.
func (p Policy) Parse(raw, region string) (Parsed, error) {
	c, err := clean(raw)
	if err != nil {
		return Parsed{}, err
	}
	n, err := read(c, region)
	if err != nil {
		return Parsed{}, err
	}
	if err := p.refuses(n); err != nil {
		return Parsed{}, err
	}
	return n, nil
}

func (p Policy) refuses(n Parsed) *Error {
	if n.Kind == Fixed {
		if err := p.refusesLine(n); err != nil {
			return err
		}
	}
	if err := special(n); err != nil && !p.Special {
		return err
	}
	if n.Kind == Machine && !p.Machines {
		return errMachine
	}
	if len(p.Families) > 0 && !n.In(p.Families) {
		return errFamily(p.Families)
	}
	return nil
}

func (p Policy) refusesLine(n Parsed) *Error {
	switch {
	case p.Fixed == LinesAll:
		return nil
	case n.Family == FRMetro:
		return errFixedLine
	case p.Fixed == LinesNone:
		return errAnyFixedLine
	default:
		return nil
	}
}

// In reports whether the number is of one of the families.
func (p Parsed) In(families []string) bool {
	return slices.Contains(families, All) || slices.Contains(families, p.Family)
}
