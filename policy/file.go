package policy

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"relais/reason"
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
			return nil, wrong("windows."+string(class), whyClass, nil)
		}
		read, err := weekOf("windows."+string(class)+".", []*string{
			w.Sunday, w.Monday, w.Tuesday, w.Wednesday, w.Thursday, w.Friday, w.Saturday, w.Holiday,
		}, w.Tolerated)
		if err != nil {
			return nil, err
		}
		p.weeks[class] = read
	}
	return p, p.tail()
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

func (p *Pack) head(f *file) error {
	switch {
	case !packName.MatchString(f.Name):
		return wrong("name", whyName, nil)
	case f.Version < 1:
		return wrong("version", whyVersion, nil)
	case f.Since == nil:
		return wrong("since", whySince, nil)
	case f.Source == "":
		return wrong("source", whySource, nil)
	case f.KeepDays < 0:
		return wrong("keep_days", whyKeepDays, nil)
	}
	p.Since = f.Since.AsTime(time.UTC)
	if f.Zone == "" {
		return nil
	}
	zone, err := time.LoadLocation(f.Zone)
	if err != nil || f.Zone == "Local" {
		return wrong("zone", whyZone, nil)
	}
	p.zone = zone
	return nil
}

func (p *Pack) tail() error {
	for _, name := range p.also {
		if local[name] == nil {
			return wrong("also", whyAlso, reason.Args{"place": reason.Name(AlsaceMoselle)})
		}
	}
	for _, class := range p.stop.classes {
		if class != sms.Marketing {
			return wrong("stop.classes", whyStopClasses, nil)
		}
	}
	for _, kind := range p.senders.kinds {
		if !slices.Contains([]sms.SenderKind{sms.Alphanumeric, sms.ShortCode, sms.LongNumber}, kind) {
			return wrong("sender.kinds", whyKinds, nil)
		}
	}
	if err := p.senders.words.check(); err != nil {
		return err
	}
	if p.stop.text == "" && p.stop.countsAs != "" {
		return wrong("stop.counts_as", whyCountsAs, nil)
	}
	if p.stop.text != "" && !HasStop(p.stop.countsAs+p.stop.text) {
		return reason.NewError(whyClause, nil)
	}
	return nil
}

// dayKeys are the kinds of day, Sunday first as in time.Weekday.
var dayKeys = []string{
	"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "holiday",
}

// weekOf reads the hours of a table, whose keys begin with at.
func weekOf(at string, hours []*string, tolerated []string) (*week, error) {
	var all [8]day
	for i, text := range hours {
		if text == nil {
			return nil, wrong(at+dayKeys[i], whyMissingDay, nil)
		}
		spans, ok := spansOf(*text)
		if !ok {
			return nil, wrong(at+dayKeys[i], whyHours, nil)
		}
		all[i] = day{spans, slices.Contains(tolerated, dayKeys[i])}
	}
	for _, name := range tolerated {
		if !slices.Contains(dayKeys, name) {
			return nil, wrong(at+"tolerated", whyTolerated, nil)
		}
	}
	w := &week{holiday: all[7]}
	copy(w.days[:], all[:7])
	if !slices.ContainsFunc(w.days[:], func(d day) bool { return len(d.spans) > 0 && !d.tolerated }) {
		return nil, wrong(at+"monday", whyNeverOpen, nil)
	}
	return w, nil
}

// spansOf reads the hours of a day, if they are some.
func spansOf(text string) (spans []span, ok bool) {
	switch text {
	case "closed":
		return nil, true
	case "all day":
		return []span{{0, minutesOfDay}}, true
	}
	for part := range strings.SplitSeq(text, ",") {
		from, to, ok := strings.Cut(strings.TrimSpace(part), "-")
		s := span{minuteOf(from), minuteOf(to)}
		if !ok || s.from < 0 || s.to <= s.from || len(spans) > 0 && s.from < spans[len(spans)-1].to {
			return nil, false
		}
		spans = append(spans, s)
	}
	return spans, true
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
