package httpapi

import (
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a zone of the file must be known wherever the program runs

	"relais/reason"
)

// moment is how the operator writes a time.
type moment struct {
	layout string // of package time, or one of the words below
	zone   *time.Location
}

const (
	rfc3339  = "rfc3339"
	rfc1123  = "rfc1123" // Mon, 02 Jan 2006 15:04:05 +0000
	unixTime = "unix"
	unixMS   = "unix_ms"
)

// moment compiles at_format and zone.
func (j *judge) moment(at string, w *writtenCallback) moment {
	j.idle(at, map[string]bool{"at_format": w.AtFormat != "" && w.At == "", "zone": w.Zone != "" && w.At == ""})
	if w.At == "" {
		return moment{zone: time.UTC}
	}
	return j.written(at, "at_format", w.AtFormat, w.Zone)
}

// written compiles how a time is written: the format under a key, and the zone beside it.
func (j *judge) written(at, key, format, zoneName string) moment {
	m := moment{zone: time.UTC}
	if zone, err := time.LoadLocation(zoneName); err == nil {
		m.zone = zone
	} else {
		j.complain(at+".zone", whyZone, nil)
	}
	switch m.layout = format; m.layout {
	case "":
		j.complain(at+"."+key, whyMissing, nil)
	case rfc3339, rfc1123, unixTime, unixMS:
	default:
		if m.layout = layoutOf(format); m.layout == format {
			j.complain(at+"."+key, whyTime, reason.Args{"words": reason.Names([]string{rfc3339, rfc1123, unixTime, unixMS})})
		}
	}
	return m
}

// layoutOf turns yyyy-MM-dd HH:mm:ss into a layout of package time.
func layoutOf(pattern string) string {
	return strings.NewReplacer("yyyy", "2006", "yy", "06", "MM", "01", "dd", "02", "HH", "15", "mm", "04", "ss", "05").
		Replace(pattern)
}

// read gives the time at a place; zero when it is not there, or cannot be read: what happened
// counts, whenever it did.
func (m moment) read(d *document, p place) time.Time {
	text, there := d.at(p)
	if !there {
		return time.Time{}
	}
	text = strings.TrimSpace(text)
	switch m.layout {
	case unixTime, unixMS:
		return unixMoment(text, m.layout == unixMS)
	case rfc3339:
		at, _ := time.Parse(time.RFC3339, text) // zero with an error
		return at
	case rfc1123:
		at, _ := time.Parse(time.RFC1123Z, text)
		return at
	default:
		at, err := time.ParseInLocation(m.layout, text, m.zone)
		if err != nil {
			return time.Time{}
		}
		return at
	}
}

// write is a time as the operator writes it.
func (m moment) write(at time.Time) string {
	switch m.layout {
	case unixTime:
		return strconv.FormatInt(at.Unix(), 10)
	case unixMS:
		return strconv.FormatInt(at.UnixMilli(), 10)
	case rfc3339: // with Z: an offset is not understood by each (observed: Contact Everyone)
		return at.UTC().Format(time.RFC3339)
	case rfc1123:
		return at.UTC().Format(time.RFC1123Z)
	default:
		return at.In(m.zone).Format(m.layout)
	}
}

func unixMoment(text string, milli bool) time.Time {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || n <= 0:
		return time.Time{}
	case milli:
		return time.UnixMilli(n)
	default:
		return time.Unix(n, 0)
	}
}
