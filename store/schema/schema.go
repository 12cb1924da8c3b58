// Package schema reads the numbered steps that bring a database to the present
// schema, and decides which of them a database still needs. A store embeds its steps
// as files named NNNN_name.sql and applies them itself.
package schema

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"relais/reason"
)

// Step is one numbered script.
type Step struct {
	Number int
	Name   string // of its file
	Script string
}

// Steps are the scripts of a store, in order, without a gap. The first makes the whole
// schema of an empty database; its number need not be 1, because the steps before it
// were put together in it before the first release.
type Steps []Step

// Read reads the steps from the files that match the pattern.
func Read(files fs.FS, pattern string) (Steps, error) {
	names, err := fs.Glob(files, pattern) // sorted by name
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	var steps Steps
	for _, name := range names {
		step, err := read(files, name)
		if err != nil {
			return nil, err
		}
		if n := len(steps); n > 0 && step.Number != steps[n-1].Number+1 {
			return nil, fmt.Errorf("migration %d is missing", steps[n-1].Number+1)
		}
		steps = append(steps, step)
	}
	if len(steps) == 0 {
		return nil, errors.New("there are no migrations")
	}
	return steps, nil
}

func read(files fs.FS, name string) (Step, error) {
	digits, _, _ := strings.Cut(path.Base(name), "_")
	number, err := strconv.Atoi(digits)
	if err != nil {
		return Step{}, fmt.Errorf("the migration %s has no number", name)
	}
	script, err := fs.ReadFile(files, name)
	if err != nil {
		return Step{}, fmt.Errorf("read a migration: %w", err)
	}
	return Step{Number: number, Name: path.Base(name), Script: string(script)}, nil
}

// First is the number of the step that makes the whole schema.
func (s Steps) First() int { return s[0].Number }

// Last is the number of the present schema.
func (s Steps) Last() int { return s[len(s)-1].Number }

// Why a database cannot be brought to the present schema.
const (
	whyNewer reason.Code = "words/schema_newer"
	whyOlder reason.Code = "words/schema_older"
)

// lastBefore is the last commit whose program knew the steps that were put together in
// the first one.
const lastBefore = "29594c9"

// Check refuses a database whose schema cannot be brought to the present one: that of
// a newer program, and one that is older than the first step. have is 0 for an empty
// database.
func (s Steps) Check(have int) error {
	switch {
	case have > s.Last():
		return reason.NewError(whyNewer, reason.Args{"have": reason.Count(have), "known": reason.Count(s.Last())})
	case have > 0 && have < s.First():
		return reason.NewError(whyOlder, reason.Args{
			"have": reason.Count(have), "first": reason.Count(s.First()), "commit": reason.Name(lastBefore),
		})
	default:
		return nil
	}
}

// After returns the steps that a database still needs.
func (s Steps) After(have int) Steps {
	for i, step := range s {
		if step.Number > have {
			return s[i:]
		}
	}
	return nil
}
