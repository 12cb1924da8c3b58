package tariff

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"relais/number"
	"relais/sms"
)

// file is a table as it is written.
type file struct {
	Name     string          `toml:"name"`
	Version  int             `toml:"version"`
	Since    *toml.LocalDate `toml:"since"`
	Source   string          `toml:"source"`
	Currency string          `toml:"currency"`
	Segment  map[string]any  `toml:"segment"`
}

var (
	tableName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	currency  = regexp.MustCompile(`^[A-Z]{3}$`)
)

// IsCurrency reports whether text has the form of an ISO 4217 code.
func IsCurrency(text string) bool { return currency.MatchString(text) }

// Parse reads a table. The error says what is wrong in it, where, and what would be
// right.
func Parse(data []byte) (*Table, error) {
	var f file
	// Editors of Windows begin a file with it, and TOML has no word on it.
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&f); err != nil {
		return nil, unreadable(err)
	}
	if err := f.head(); err != nil {
		return nil, err
	}
	t := &Table{
		Name: f.Name, Version: f.Version, Since: f.Since.AsTime(time.UTC), Source: f.Source,
		Currency: f.Currency,
		segment:  map[string]sms.Money{},
	}
	if len(f.Segment) == 0 {
		return nil, errors.New(
			`segment: want the price of a segment to each destination, such as fr-metro = "0.047"`,
		)
	}
	for _, destination := range slices.Sorted(maps.Keys(f.Segment)) {
		if err := wrongDestination(destination); err != nil {
			return nil, fmt.Errorf("segment.%s: %w", destination, err)
		}
		price, err := priceOf(f.Segment[destination])
		if err != nil {
			return nil, fmt.Errorf("segment.%s: %w", destination, err)
		}
		t.segment[destination] = price
	}
	return t.ready(), nil
}

// unreadable gives the line and the reason of what go-toml refused.
func unreadable(err error) error {
	if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok && len(strict.Errors) > 0 {
		row, _ := strict.Errors[0].Position()
		return fmt.Errorf("line %d: unknown key %s; want name, version, since, source, currency and the table segment",
			row, strings.Join(strict.Errors[0].Key(), "."))
	}
	if decode, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, _ := decode.Position()
		return fmt.Errorf("line %d: %s", row, strings.TrimPrefix(decode.Error(), "toml: "))
	}
	return err
}

func (f *file) head() error {
	switch {
	case !tableName.MatchString(f.Name):
		return errors.New("name: want 1 to 32 lower-case letters, digits and dashes, a letter first")
	case f.Version < 1:
		return errors.New(
			"version: want a number of at least 1; raise it with each change, for timelines name it",
		)
	case f.Since == nil:
		return errors.New("since: want the date from which the prices hold, such as 2026-01-01")
	case f.Source == "":
		return errors.New("source: want where the prices stand, such as the contract, for people")
	case !IsCurrency(f.Currency):
		return errors.New(`currency: want three capital letters (ISO 4217), such as "EUR"`)
	}
	return nil
}

// wrongDestination refuses words that no number would ever match.
func wrongDestination(word string) error {
	switch {
	case word == number.All, word == number.FRMetro, word == number.FROverseas:
		return nil
	case word == "fr":
		return errors.New("want fr-metro for metropolitan France; overseas places have their own, such as re, or fr-overseas for all of them")
	case word == "mf" || word == "bl":
		return errors.New("want gp: the numbers of Saint-Martin and Saint-Barthélemy are those of Guadeloupe")
	case word != strings.ToLower(word) || !number.KnownRegion(strings.ToUpper(word)):
		return errors.New(
			"want a country as two lower-case letters (ISO 3166-1), fr-metro, fr-overseas or all",
		)
	}
	return nil
}

// priceOf wants text: a number of TOML is binary, and 0.047 is no binary fraction.
func priceOf(value any) (sms.Money, error) {
	text, ok := value.(string)
	if !ok {
		return 0, fmt.Errorf(
			`want the price as text, such as "0.047": as a number it would not be exact, got %v`, value,
		)
	}
	price, err := sms.ParseMoney(text)
	if err != nil {
		return 0, err
	}
	switch {
	case price == 0:
		return 0, errors.New("want a price above 0; leave the destination out when its price is not known")
	case price > dearest:
		return 0, fmt.Errorf("want a price of a segment, at most %s", dearest)
	}
	return price, nil
}

// dearest is beyond the price of a segment in any currency. 10,000 messages of 255
// segments at that price are still an amount that can be counted.
const dearest = 100_000 * sms.Unit
