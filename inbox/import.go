package inbox

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"relais/number"
	"relais/plaintext"
	"relais/reason"
	"relais/sender"
	"relais/sms"
)

// Codes of what is wrong with a file of numbers.
const (
	codeCSV           reason.Code = "csv_invalid"
	codeNumberMissing reason.Code = "number_missing"
	codeUnreadable    reason.Code = "number_unreadable"

	sayCSVQuote reason.Code = "csv_invalid/quote"
	sayNotText  reason.Code = "body_not_utf8/file"
)

// OptOutFile is what a file of numbers says.
type OptOutFile struct {
	Changes []OptOutChange // with number and sender alone
	Refused []RefusedLine
}

// RefusedLine is a line that names no number.
type RefusedLine struct {
	Line    int
	Written string // as it stands there; empty: the line has no such column
	Reason  reason.Reason
}

// OptOutFileError is a file that cannot be read at all.
type OptOutFileError struct {
	Reason       reason.Reason
	Line, Column int  // 0: of the whole file
	Bytes        bool // it is not even text
}

// Error implements error, in English.
func (e *OptOutFileError) Error() string { return e.Reason.In(reason.English) }

// ReadOptOuts reads CSV, or one number a line, with a head that names the columns or
// without one. It understands commas and semicolons, and a byte order mark, as
// spreadsheets write them. Lines that name no number are told apart and stop nothing. The
// error is an *OptOutFileError.
func ReadOptOuts(body []byte, region string) (*OptOutFile, error) {
	body, err := plaintext.Decode(body)
	if err != nil {
		return nil, &OptOutFileError{
			Reason: reason.Of(sayNotText, reason.Args{"problem": reason.OfError(err)}), Bytes: true,
		}
	}
	if start := bytes.TrimSpace(body); len(start) > 0 {
		if what := plaintext.Other(plaintext.CSV, start); !what.IsZero() {
			return nil, &OptOutFileError{Reason: what.As(codeCSV)}
		}
	}
	in := csv.NewReader(bytes.NewReader(body))
	in.FieldsPerRecord, in.TrimLeadingSpace, in.Comment = -1, true, '#'
	first, _, _ := bytes.Cut(body, []byte("\n"))
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		in.Comma = ';'
	}
	return readLines(in, region)
}

func readLines(in *csv.Reader, region string) (*OptOutFile, error) {
	file := &OptOutFile{}
	numberAt, senderAt := 0, -1
	for first := true; ; first = false {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return file, nil
		}
		if err != nil {
			return nil, badCSV(err)
		}
		if first {
			if n, s, head := columns(record); head {
				numberAt, senderAt = n, s
				continue
			}
		}
		line, _ := in.FieldPos(0)
		if numberAt >= len(record) {
			file.Refused = append(file.Refused, RefusedLine{Line: line, Reason: reason.Of(codeNumberMissing, nil)})
			continue
		}
		parsed, err := number.Every.Parse(record[numberAt], region)
		if err != nil {
			file.Refused = append(file.Refused, RefusedLine{line, record[numberAt], whyNoNumber(err)})
			continue
		}
		c := OptOutChange{Number: parsed.Number, Added: true}
		if senderAt >= 0 && senderAt < len(record) {
			c.Sender = sms.Sender(strings.TrimSpace(record[senderAt]))
			if why := sender.Impossible(sender.Read(c.Sender)); !why.IsZero() {
				file.Refused = append(file.Refused, RefusedLine{line, record[senderAt], why})
				continue
			}
		}
		file.Changes = append(file.Changes, c)
	}
}

func whyNoNumber(err error) reason.Reason {
	if refused, ok := errors.AsType[*number.Error](err); ok {
		return refused.Reason
	}
	return reason.Verbatim(err.Error()).As(codeUnreadable)
}

func badCSV(err error) error {
	bad := &OptOutFileError{Reason: reason.Of(sayCSVQuote, nil)}
	if e, ok := errors.AsType[*csv.ParseError](err); ok {
		bad.Line, bad.Column = e.Line, e.Column
	}
	return bad
}

// columns finds the columns of a head: a line without a digit.
func columns(record []string) (numberAt, senderAt int, head bool) {
	if strings.ContainsAny(strings.Join(record, ""), "0123456789") {
		return 0, -1, false
	}
	senderAt = -1
	for i, name := range record {
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "sender", "emetteur", "émetteur":
			senderAt = i
		default:
			if number.Heading(name) {
				numberAt = i
			}
		}
	}
	return numberAt, senderAt, true
}

// OptOutLister reads suppression lists page by page.
type OptOutLister interface {
	OptOuts(ctx context.Context, q OptOutQuery) (found []OptOut, more bool, err error)
}

// CountNew counts the changes of a file that would put something on the list of an
// account. It reads the whole list.
func CountNew(ctx context.Context, list OptOutLister, account string, changes []OptOutChange) (int, error) {
	const page = 1000
	type entry struct {
		number sms.Number
		sender sms.Sender
	}
	known := map[entry]bool{}
	q := OptOutQuery{Account: account, Limit: page}
	for more := true; more; {
		var found []OptOut
		var err error
		if found, more, err = list.OptOuts(ctx, q); err != nil {
			return 0, err
		}
		for i := range found {
			known[entry{found[i].Number, found[i].Sender}] = true
			q.After = found[i].Number
		}
	}
	fresh := 0
	for i := range changes {
		if e := (entry{changes[i].Number, changes[i].Sender}); !known[e] {
			known[e] = true
			fresh++
		}
	}
	return fresh, nil
}
