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
	"relais/reason"
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
		return nil, wrong("segment", whySegment)
	}
	for _, destination := range slices.Sorted(maps.Keys(f.Segment)) {
		if err := wrongDestination(destination); err != nil {
			return nil, reason.At("segment."+destination, err)
		}
		price, err := priceOf(f.Segment[destination])
		if err != nil {
			return nil, reason.At("segment."+destination, err)
		}
		t.segment[destination] = price
	}
	return t.ready(), nil
}

// unreadable gives the line and the reason of what go-toml refused.
func unreadable(err error) error {
	if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok && len(strict.Errors) > 0 {
		row, _ := strict.Errors[0].Position()
		key := strings.Join(strict.Errors[0].Key(), ".")
		return reason.NewError(whyUnknownKey, reason.Args{"line": reason.Count(row), "key": reason.Name(key)})
	}
	if decode, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, _ := decode.Position()
		said := strings.TrimPrefix(decode.Error(), "toml: ")
		return reason.NewError(whySyntax, reason.Args{"line": reason.Count(row), "why": reason.Name(said)})
	}
	return err
}

func (f *file) head() error {
	switch {
	case !tableName.MatchString(f.Name):
		return wrong("name", whyName)
	case f.Version < 1:
		return wrong("version", whyVersion)
	case f.Since == nil:
		return wrong("since", whySince)
	case f.Source == "":
		return wrong("source", whySource)
	case !IsCurrency(f.Currency):
		return wrong("currency", whyCurrency)
	}
	return nil
}

// wrongDestination refuses words that no number would ever match.
func wrongDestination(word string) error {
	switch {
	case word == number.All, word == number.FRMetro, word == number.FROverseas:
		return nil
	case word == "fr":
		return reason.NewError(whyFrance, nil)
	case word == "mf" || word == "bl":
		return reason.NewError(whyGuadeloupe, nil)
	case word != strings.ToLower(word) || !number.KnownRegion(strings.ToUpper(word)):
		return reason.NewError(whyDestination, nil)
	}
	return nil
}

// priceOf wants text: a number of TOML is binary, and 0.047 is no binary fraction.
func priceOf(value any) (sms.Money, error) {
	text, ok := value.(string)
	if !ok {
		return 0, reason.NewError(whyBinary, reason.Args{"value": reason.Name(fmt.Sprint(value))})
	}
	price, err := sms.ParseMoney(text)
	switch {
	case err != nil:
		return 0, reason.NewError(whyAmount, nil)
	case price == 0:
		return 0, reason.NewError(whyFree, nil)
	case price > dearest:
		return 0, reason.NewError(whyDear, reason.Args{"most": reason.Name(dearest.String())})
	}
	return price, nil
}

// dearest is beyond the price of a segment in any currency. 10,000 messages of 255
// segments at that price are still an amount that can be counted.
const dearest = 100_000 * sms.Unit
