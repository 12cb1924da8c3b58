package policy

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"relais/sms"
)

// file is a pack as it is written.
type file struct {
	Name     string          `toml:"name"`
	Version  int             `toml:"version"`
	Since    *toml.LocalDate `toml:"since"`
	Source   string          `toml:"source"`
	Zone     string          `toml:"zone"`
	KeepDays int             `toml:"keep_days"`
	Windows  map[sms.Class]struct {
		Monday    *string  `toml:"monday"`
		Tuesday   *string  `toml:"tuesday"`
		Wednesday *string  `toml:"wednesday"`
		Thursday  *string  `toml:"thursday"`
		Friday    *string  `toml:"friday"`
		Saturday  *string  `toml:"saturday"`
		Sunday    *string  `toml:"sunday"`
		Holiday   *string  `toml:"holiday"`
		Tolerated []string `toml:"tolerated"`
	} `toml:"windows"`
	Holidays struct {
		Also []string `toml:"also"`
	} `toml:"holidays"`
	Stop struct {
		Classes  []sms.Class `toml:"classes"`
		Text     string      `toml:"text"`
		CountsAs string      `toml:"counts_as"`
	} `toml:"stop"`
	Sender struct {
		Kinds         []sms.SenderKind `toml:"kinds"`
		MobileNumbers *bool            `toml:"mobile_numbers"`
		Generic       []string         `toml:"generic"`
		Reserved      []string         `toml:"reserved"`
		Forbidden     []string         `toml:"forbidden"`
	} `toml:"sender"`
}

var packName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

var errName = errors.New("name: want 1 to 32 lower-case letters, digits and dashes, a letter first")

// Parse reads a pack. The error says what is wrong in it, where, and what would be
// right.
func Parse(data []byte) (*Pack, error) {
	var f file
	// Editors of Windows begin a file with it, and TOML has no word on it.
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&f); err != nil {
		return nil, unreadable(err)
	}
	p := &Pack{
		Name: f.Name, Version: f.Version, Source: f.Source, KeepDays: f.KeepDays,
		weeks: map[sms.Class]*week{}, also: f.Holidays.Also,
		stop: stopRule{f.Stop.Classes, f.Stop.Text, f.Stop.CountsAs},
		senders: senderRule{
			f.Sender.Kinds, f.Sender.MobileNumbers == nil || *f.Sender.MobileNumbers,
			Words{f.Sender.Generic, f.Sender.Reserved, f.Sender.Forbidden},
		},
	}
	if err := p.head(&f); err != nil {
		return nil, err
	}
	for class, w := range f.Windows {
		if class != sms.Transactional && class != sms.Marketing {
			return nil, fmt.Errorf("windows.%s: want marketing or transactional; a one-time code waits for no hour",
				class)
		}
		read, err := weekOf([]*string{
			w.Sunday, w.Monday, w.Tuesday, w.Wednesday, w.Thursday, w.Friday, w.Saturday, w.Holiday,
		}, w.Tolerated)
		if err != nil {
			return nil, fmt.Errorf("windows.%s.%w", class, err)
		}
		p.weeks[class] = read
	}
	return p, p.tail()
}

// unreadable gives the line and the reason of what go-toml refused.
func unreadable(err error) error {
	if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok && len(strict.Errors) > 0 {
		row, _ := strict.Errors[0].Position()
		return fmt.Errorf("line %d: unknown key %s", row, strings.Join(strict.Errors[0].Key(), "."))
	}
	if decode, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, _ := decode.Position()
		return fmt.Errorf("line %d: %s", row, strings.TrimPrefix(decode.Error(), "toml: "))
	}
	return err
}

func (p *Pack) head(f *file) error {
	switch {
	case !packName.MatchString(f.Name):
		return errName
	case f.Version < 1:
		return errors.New(
			"version: want a number of at least 1; raise it with each change, for timelines name it",
		)
	case f.Since == nil:
		return errors.New("since: want the date from which the rules hold, such as 2026-03-01")
	case f.Source == "":
		return errors.New("source: want where the rules stand, for people")
	case f.KeepDays < 0:
		return errors.New("keep_days: want a number of days, or nothing")
	}
	p.Since = f.Since.AsTime(time.UTC)
	if f.Zone == "" {
		return nil
	}
	zone, err := time.LoadLocation(f.Zone)
	if err != nil || f.Zone == "Local" {
		return errors.New(
			`zone: want a time zone such as "Europe/Paris", or nothing for that of each recipient`,
		)
	}
	p.zone = zone
	return nil
}

func (p *Pack) tail() error {
	for _, name := range p.also {
		if local[name] == nil {
			return fmt.Errorf("also: want %s or a French place overseas, as two capital letters",
				AlsaceMoselle)
		}
	}
	for _, class := range p.stop.classes {
		if class != sms.Marketing {
			return errors.New("stop.classes: want marketing; other messages are no advertising")
		}
	}
	for _, kind := range p.senders.kinds {
		if !slices.Contains([]sms.SenderKind{sms.Alphanumeric, sms.ShortCode, sms.LongNumber}, kind) {
			return errors.New("sender.kinds: want some of alphanumeric, short, long")
		}
	}
	if err := p.senders.words.check(); err != nil {
		return err
	}
	if p.stop.text == "" && p.stop.countsAs != "" {
		return errors.New("stop.counts_as: it is what the operator makes of stop.text, which is missing")
	}
	if p.stop.text != "" && !HasStop(p.stop.countsAs+p.stop.text) {
		return errors.New(
			`stop clause: want one with the number that takes the answer, such as "\nSTOP au 36000"`,
		)
	}
	return nil
}

// dayKeys are the kinds of day, Sunday first as in time.Weekday.
var dayKeys = []string{
	"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "holiday",
}

func weekOf(hours []*string, tolerated []string) (*week, error) {
	var all [8]day
	for i, text := range hours {
		if text == nil {
			return nil, fmt.Errorf(`%s: missing; want hours such as "08:00-20:00", or "closed"`, dayKeys[i])
		}
		spans, err := spansOf(*text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", dayKeys[i], err)
		}
		all[i] = day{spans, slices.Contains(tolerated, dayKeys[i])}
	}
	for _, name := range tolerated {
		if !slices.Contains(dayKeys, name) {
			return nil, errors.New("tolerated: want names of days, or holiday")
		}
	}
	w := &week{holiday: all[7]}
	copy(w.days[:], all[:7])
	if !slices.ContainsFunc(w.days[:], func(d day) bool { return len(d.spans) > 0 && !d.tolerated }) {
		return nil, errors.New(
			"monday: no day of the week is open and advised, so that nothing could ever go",
		)
	}
	return w, nil
}

var errHours = errors.New(
	`want hours such as "08:00-20:00" or "08:00-12:00, 14:00-20:00", "all day" or "closed"`,
)

func spansOf(text string) ([]span, error) {
	switch text {
	case "closed":
		return nil, nil
	case "all day":
		return []span{{0, minutesOfDay}}, nil
	}
	var spans []span
	for part := range strings.SplitSeq(text, ",") {
		from, to, ok := strings.Cut(strings.TrimSpace(part), "-")
		s := span{minuteOf(from), minuteOf(to)}
		if !ok || s.from < 0 || s.to <= s.from || len(spans) > 0 && s.from < spans[len(spans)-1].to {
			return nil, errHours
		}
		spans = append(spans, s)
	}
	return spans, nil
}

// minuteOf reads "21:30"; -1 where it is no time of a day. 24:00 ends a day.
func minuteOf(text string) int {
	if len(text) != len("21:30") || text[2] != ':' {
		return -1
	}
	hour, err := strconv.ParseUint(text[:2], 10, 8)
	minute, err2 := strconv.ParseUint(text[3:], 10, 8)
	at := int(hour)*60 + int(minute)
	if err != nil || err2 != nil || minute > 59 || at > minutesOfDay {
		return -1
	}
	return at
}
