package reason

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Arg is an argument of a sentence. It is one of the types of this file, or a Reason.
type Arg interface {
	// in writes the argument as a language writes it.
	in(v voice) string
}

// The pieces of sentences that arguments are written with.
const (
	sayEither      Code = "words/either"
	sayDecimal     Code = "words/decimal"
	sayDecimalMark Code = "words/decimal_mark"
	sayNegative    Code = "words/negative"
	sayThousands   Code = "words/thousands"
	sayAmount      Code = "words/money"
	sayDate        Code = "words/day"
	sayMoment      Code = "words/moment"
	sayClock       Code = "words/time"
	sayWholeHour   Code = "words/whole_hour"
	sayFirstDay    Code = "words/first_day"
	sayListed      Code = "words/list"
	saySeparator   Code = "words/separator"

	weekdays Code = "words/weekday_" // with a number behind it
	months   Code = "words/month_"
)

// Name is a word that is the same in every language: the name of a connector, a code.
type Name string

// Count is a whole number. The one that is named "count" chooses the plural.
type Count int

// Money is an amount: its decimals with a point ("0.047"), and a currency (ISO 4217).
type Money struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

// Day is a date without an hour, as ISO 8601 writes it: "2026-11-29".
type Day string

// Moment is an instant as people read it at a place.
type Moment struct {
	At    time.Time `json:"at"`
	Zone  string    `json:"zone"`           // IANA name: "Europe/Paris"
	Place Reason    `json:"place,omitzero"` // how the place is called; zero: the zone's name
}

// Clock is a time of a day, in minutes since midnight.
type Clock int

// Duration is a length of time, written as configurations have it: "48h".
type Duration time.Duration

// List are several things in a row, the last after "and".
type List []Arg

// Series are several things in a row, between commas.
type Series []Arg

// Decimal is a number to the second decimal, without needless digits.
func Decimal(f float64) Arg {
	text := strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(f, 'f', 2, 64), "0"), ".")
	whole, fraction, broken := strings.Cut(text, ".")
	if !broken {
		return grouped(whole)
	}
	return Of(sayDecimal, Args{"whole": grouped(whole), "fraction": Name(fraction)})
}

// grouped writes the digits of a long number in threes, as each language sets them apart.
func grouped(digits string) Arg {
	const short = 4 // as a year is
	unsigned, negative := strings.CutPrefix(digits, "-")
	switch {
	case len(unsigned) <= short:
		return Name(digits)
	case negative:
		return Of(sayNegative, Args{"number": threes(unsigned)})
	}
	return threes(digits)
}

// threes are digits in groups of three.
func threes(digits string) Arg {
	const three = 3
	if len(digits) <= three {
		return Name(digits)
	}
	at := len(digits) - three
	return Of(sayThousands, Args{"most": threes(digits[:at]), "last": Name(digits[at:])})
}

// Names is a Series of names.
func Names[S ~string](names []S) Series {
	all := make(Series, len(names))
	for i, n := range names {
		all[i] = Name(n)
	}
	return all
}

// Either are several things of which one holds, the last after "or".
func Either(all ...Arg) Arg {
	if len(all) == 1 {
		return all[0]
	}
	last := len(all) - 1
	return Of(sayEither, Args{"one": Series(all[:last]), "other": all[last]})
}

func (n Name) in(voice) string { return string(n) }

func (c Count) in(voice) string { return strconv.Itoa(int(c)) }

func (m Money) in(v voice) string {
	amount := strings.Replace(m.Amount, ".", Of(sayDecimalMark, nil).in(v), 1)
	return Of(sayAmount, Args{"amount": Name(amount), "currency": Name(m.Currency)}).in(v)
}

func (d Day) in(v voice) string {
	at, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return string(d)
	}
	return Of(sayDate, Args{"day": dayOfMonth(at), "month": month(at), "year": Count(at.Year())}).in(v)
}

func (m Moment) in(v voice) string {
	zone, err := time.LoadLocation(m.Zone)
	if err != nil {
		zone = time.UTC
	}
	local, place := m.At.In(zone), Arg(m.Place)
	if m.Place.IsZero() {
		place = Name(zone.String())
	}
	return Of(sayMoment, Args{
		"weekday": Weekday(local.Weekday()), "day": dayOfMonth(local), "month": month(local), "year": Count(local.Year()),
		"time": Of(sayClock, Args{
			"hour": Count(local.Hour()), "two_digits": Name(local.Format("15")), "minute": Name(local.Format("04")),
		}),
		"place": place,
	}).in(v)
}

func (c Clock) in(v voice) string {
	hour, minute := int(c)/60, int(c)%60
	args := Args{"hour": Count(hour), "two_digits": Name(fmt.Sprintf("%02d", hour)), "minute": Name(fmt.Sprintf("%02d", minute))}
	if minute == 0 {
		return Of(sayWholeHour, args).in(v)
	}
	return Of(sayClock, args).in(v)
}

// Weekday names a day of the week.
func Weekday(d time.Weekday) Reason { return Of(weekdays+Code(strconv.Itoa(int(d))), nil) }

// Month names a month of the year.
func Month(m time.Month) Reason { return Of(months+Code(strconv.Itoa(int(m))), nil) }

func month(at time.Time) Reason { return Month(at.Month()) }

// dayOfMonth is a number, but for the first day, which some languages call otherwise.
func dayOfMonth(at time.Time) Arg {
	if at.Day() == 1 {
		return Of(sayFirstDay, nil)
	}
	return Count(at.Day())
}

func (d Duration) in(voice) string { return d.String() }

// String is the length without the units that are zero: "48h", "1m30s".
func (d Duration) String() string {
	text := time.Duration(d).String()
	if minutes, whole := strings.CutSuffix(text, "m0s"); whole {
		text = minutes + "m"
	}
	if hours, whole := strings.CutSuffix(text, "h0m"); whole {
		text = hours + "h"
	}
	return text
}

func (l List) in(v voice) string {
	if len(l) < 2 {
		return Series(l).in(v)
	}
	last := len(l) - 1
	return Of(sayListed, Args{"most": Series(l[:last]), "last": l[last]}).in(v)
}

func (s Series) in(v voice) string {
	parts := make([]string, len(s))
	for i, a := range s {
		parts[i] = a.in(v)
	}
	return strings.Join(parts, Of(saySeparator, nil).in(v))
}

// tagged is an argument in JSON that is neither a word nor a whole number.
type tagged struct {
	Money    *Money      `json:"money,omitempty"`
	Day      Day         `json:"day,omitempty"`
	Moment   *Moment     `json:"moment,omitempty"`
	Duration *Duration   `json:"ns,omitempty"`
	Clock    *Clock      `json:"clock,omitempty"`
	List     []storedArg `json:"list,omitempty"`
	Series   []storedArg `json:"series,omitempty"`
	Reason   *Reason     `json:"reason,omitempty"`
}

// storedArg is an argument as it is stored: a word is a string, a number a number,
// everything else an object with one key that tells what it is.
type storedArg struct{ Arg }

func (s storedArg) MarshalJSON() ([]byte, error) {
	switch a := s.Arg.(type) {
	case Name:
		return json.Marshal(string(a))
	case Count:
		return json.Marshal(int(a))
	case Money:
		return json.Marshal(tagged{Money: &a})
	case Day:
		return json.Marshal(tagged{Day: a})
	case Moment:
		return json.Marshal(tagged{Moment: &a})
	case Duration:
		return json.Marshal(tagged{Duration: &a})
	case Clock:
		return json.Marshal(tagged{Clock: &a})
	case List:
		return json.Marshal(tagged{List: storedArgs(a)})
	case Series:
		return json.Marshal(tagged{Series: storedArgs(a)})
	case Reason:
		return json.Marshal(tagged{Reason: &a})
	default: // nil, or a pointer to one of them
		return json.Marshal(fmt.Sprint(a))
	}
}

func (s *storedArg) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		var n string
		err := json.Unmarshal(data, &n)
		s.Arg = Name(n)
		return err
	case '{':
		return s.readTagged(data)
	default:
		var c int
		err := json.Unmarshal(data, &c)
		s.Arg = Count(c)
		return err
	}
}

func (s *storedArg) readTagged(data []byte) error {
	var t tagged
	if err := json.Unmarshal(data, &t); err != nil {
		return err
	}
	switch {
	case t.Money != nil:
		s.Arg = *t.Money
	case t.Day != "":
		s.Arg = t.Day
	case t.Moment != nil:
		s.Arg = *t.Moment
	case t.Duration != nil:
		s.Arg = *t.Duration
	case t.Clock != nil:
		s.Arg = *t.Clock
	case t.Reason != nil:
		s.Arg = *t.Reason
	case t.Series != nil:
		s.Arg = Series(argsOf(t.Series))
	default:
		s.Arg = List(argsOf(t.List))
	}
	return nil
}

func storedArgs(args []Arg) []storedArg {
	all := make([]storedArg, len(args))
	for i, a := range args {
		all[i] = storedArg{a}
	}
	return all
}

func argsOf(stored []storedArg) []Arg {
	all := make([]Arg, len(stored))
	for i, s := range stored {
		all[i] = s.Arg
	}
	return all
}

// storedAll are arguments by name, as they are stored.
type storedAll Args

func (s storedAll) MarshalJSON() ([]byte, error) {
	all := make(map[string]storedArg, len(s))
	for name, a := range s {
		all[name] = storedArg{a}
	}
	return json.Marshal(all)
}

func (s *storedAll) UnmarshalJSON(data []byte) error {
	var all map[string]storedArg
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	if len(all) == 0 {
		return nil
	}
	*s = make(storedAll, len(all))
	for name, a := range all {
		(*s)[name] = a.Arg
	}
	return nil
}
