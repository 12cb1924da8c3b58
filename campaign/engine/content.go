package engine

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"relais/campaign"
	"relais/campaign/ledger"
	"relais/gateway"
	"relais/merge"
	"relais/reason"
	"relais/sms"
)

// encodings are those that a person may name, as the report names them.
var encodings = []string{
	"", "utf-8", "utf-8-twice", "windows-1252", "macintosh", "ibm850", "utf-16le", "utf-16be",
}

// checkContent refuses what nobody could send, and tidies the rest. A draft may lack text
// and class; a check needs them.
func checkContent(c *ledger.Content) error {
	c.Name = strings.TrimSpace(c.Name)
	c.Text = strings.ReplaceAll(c.Text, "\r\n", "\n")
	c.Options.Region = strings.ToUpper(c.Options.Region)
	if !c.StartAt.IsZero() {
		c.StartAt = c.StartAt.UTC().Truncate(time.Microsecond)
	}
	switch {
	case merge.Fold(c.Name) == "":
		return refused("/name", codeName, nil)
	case utf8.RuneCountInString(c.Name) > ledger.MaxName:
		return refused("/name", codeLong, reason.Args{"most": reason.Count(ledger.MaxName)})
	case utf8.RuneCountInString(c.Text) > ledger.MaxText:
		return refused("/text", codeLong, reason.Args{"most": reason.Count(ledger.MaxText)})
	case !shown(c.Name, ""):
		return refused("/name", codeLetter, nil)
	case !shown(c.Text, "\n\t"):
		return refused("/text", codeLetter, nil)
	case c.Class != "" && c.Class != sms.Transactional && c.Class != sms.Marketing:
		return refused("/class", codeClass, nil)
	case !short(string(c.Sender)):
		return refused("/sender", codeOption, nil)
	case !short(c.Connector):
		return refused("/connector", codeOption, nil)
	}
	if _, err := merge.Parse(c.Text); c.Text != "" && err != nil {
		return refusedText(err)
	}
	if err := checkTimes(c); err != nil {
		return err
	}
	if err := checkAppointments(c); err != nil {
		return err
	}
	return checkOptions(&c.Options)
}

func refusedText(err error) error {
	if fault, ok := errors.AsType[*merge.Error](err); ok {
		return &gateway.Error{Kind: gateway.Invalid, Reason: fault.Reason, Field: "/text"}
	}
	return err
}

func checkOptions(o *ledger.Options) error {
	const mostSegments, mostRate, mostRow = 255, 60_000, 1_048_576
	duplicates := []string{
		"", string(campaign.SameText), string(campaign.FirstOnly), string(campaign.EveryRow),
	}
	for _, option := range []struct {
		name string
		good bool
	}{
		{"column", short(o.Column)},
		{"header_row", o.Header >= -1 && o.Header <= mostRow},
		{"reference", short(o.Reference)},
		{"region", o.Region == "" || len(o.Region) == 2 && strings.Trim(o.Region, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""},
		{"duplicates", slices.Contains(duplicates, o.Duplicates)},
		{"segments", o.Segments >= 0 && o.Segments <= mostSegments},
		{"sheet", short(o.Sheet)},
		{"encoding", slices.Contains(encodings, o.Encoding)},
		{"separator", utf8.RuneCountInString(o.Separator) <= 1},
		{"rate", o.Rate >= 0 && o.Rate <= mostRate},
	} {
		if !option.good {
			return refused("/options/"+option.name, codeOption, nil)
		}
	}
	return checkGuards(o.Guards)
}

// short reports whether a text may be the name of something.
func short(text string) bool {
	const most = 200
	return utf8.RuneCountInString(text) <= most && shown(text, "")
}

// shown reports whether a text has characters that people see, and some others.
func shown(text, others string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) && !strings.ContainsRune(others, r)
	})
}
