package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"relais/reason"
	"relais/sms"
)

// The timeline of a message stands in its row, one line for each event after acceptance,
// oldest first: what changes a message rewrites its row anyway.

// MostNoted bounds how many events a timeline may have when a receipt that moves nothing is
// to be noted in it: an operator may push as many as it likes.
const MostNoted = 500

// Line is an event in the timeline of its message, with the line break behind it: a JSON list of
// code, the operator's code, time in microseconds, status, actor, attempt, the operator's words,
// and what the event says.
func Line(e *sms.Event) string {
	line := make([]byte, 0, 160)
	line = append(line, noted(e.Code, e.OperatorCode)...)
	line = strconv.AppendInt(line, micros(e.At), 10)
	for _, text := range []string{string(e.Status), string(e.Actor)} {
		line = appendJSON(append(line, ','), text)
	}
	line = strconv.AppendInt(append(line, ','), int64(e.Attempt), 10)
	line = append(appendJSON(append(line, ','), e.OperatorText), ',')
	if says := e.Detail.Text(); says != "" {
		line = append(line, says...)
	} else {
		line = append(line, nothing...)
	}
	return string(append(line, "]\n"...))
}

// nothing is what an event says that says nothing.
const nothing = `""`

// NotedAs is what stands in a timeline, behind a line break, when an event with the code and the
// operator's code of this one is in it.
func NotedAs(e *sms.Event) string { return "\n" + noted(e.Code, e.OperatorCode) }

func noted(code, operatorCode string) string {
	start := appendJSON([]byte{'['}, code)
	return string(append(appendJSON(append(start, ','), operatorCode), ','))
}

// appendJSON appends a text as JSON.
func appendJSON(to []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(text) //nolint:errchkjson // a text has a JSON form
			return append(to, quoted...)
		}
	}
	return append(append(append(to, '"'), text...), '"')
}

func parseLine(text string) (e sms.Event, err error) {
	l := line{rest: strings.TrimPrefix(text, "[")}
	e.Code, e.OperatorCode, e.At = l.text(), l.text(), fromMicros(l.number())
	e.Status, e.Actor = sms.Status(l.text()), sms.Actor(l.text())
	e.Attempt, e.OperatorText = int(l.number()), l.text()
	e.Detail = l.says()
	if l.err != nil {
		return e, fmt.Errorf("read an event: %w", l.err)
	}
	return e, nil
}

// line is what is left of a line that is being read. Each webhook reads one, so that the usual
// forms are read without reflection.
type line struct {
	rest string
	err  error
}

// text reads a string with the comma behind it.
func (l *line) text() (value string) {
	if !strings.HasPrefix(l.rest, `"`) {
		l.fail()
		return ""
	}
	for i := 1; i < len(l.rest); i++ {
		switch l.rest[i] {
		case '\\':
			i++
		case '"':
			quoted := l.rest[:i+1]
			l.rest = strings.TrimPrefix(l.rest[i+1:], ",")
			return l.unquote(quoted)
		}
	}
	l.fail()
	return ""
}

func (l *line) unquote(quoted string) (value string) {
	if plain := quoted[1 : len(quoted)-1]; !strings.Contains(plain, `\`) {
		return plain
	}
	if err := json.Unmarshal([]byte(quoted), &value); err != nil {
		l.fail()
	}
	return value
}

// number reads a number with the comma behind it.
func (l *line) number() int64 {
	digits, rest, _ := strings.Cut(l.rest, ",")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		l.fail()
	}
	l.rest = rest
	return n
}

// says reads the end of a line: a code with arguments, or the sentence of an event of before
// there were any.
func (l *line) says() reason.Reason {
	text, whole := strings.CutSuffix(strings.TrimSuffix(l.rest, "\n"), "]")
	if !whole || text == "" {
		l.fail()
	}
	if l.err != nil || text == nothing {
		return reason.Reason{}
	}
	written := ""
	if strings.HasPrefix(text, `"`) {
		l.rest = text
		text, written = "", l.text()
	}
	r, err := reason.FromText(text, written)
	if err != nil {
		l.fail()
	}
	return r
}

func (l *line) fail() {
	if l.err == nil {
		l.err = errors.New("a line of a timeline is not as it was written")
	}
}

// eventOf is one event of a timeline, counted from 1; the zero event when there is none.
func eventOf(timeline string, number int) (sms.Event, error) {
	for line := range strings.Lines(timeline) {
		if number--; number == 0 {
			return parseLine(line)
		}
	}
	return sms.Event{}, nil
}

// timelines are what happened to messages.
type timelines struct{ *runner }

const selectTimeline = `SELECT s.accepted_at, s.actor, s.decisions, m.decisions, m.timeline FROM messages m
	JOIN submissions s ON s.account = m.account AND s.id = m.submission WHERE m.account = $1 AND m.id = $2`

// Timeline returns the events of a message, oldest first, and the decisions that were
// taken when it was accepted; gateway.ErrNotFound when there is none.
func (t timelines) Timeline(
	ctx context.Context, account string, message sms.ID,
) ([]sms.Event, []reason.Reason, error) {
	events := []sms.Event{{Status: sms.Queued, Code: sms.CodeAccepted}}
	var common, timeline string
	var own *string
	found, err := t.on(ctx).read(selectTimeline, []any{account, message}, &events[0].At, &events[0].Actor, &common,
		&own, &timeline)
	if err = notFound(found, err, "read a timeline"); err != nil {
		return nil, nil, err
	}
	for line := range strings.Lines(timeline) {
		e, err := parseLine(line)
		if err != nil {
			return nil, nil, err
		}
		events = append(events, e)
	}
	decisions, err := decided(common, orZero(own))
	return events, decisions, err
}

// decided joins the decisions of a submission and of one message.
func decided(lists ...string) (decisions []reason.Reason, err error) {
	for _, list := range lists {
		var some []reason.Reason
		if list == "" {
			continue
		}
		if err := json.Unmarshal([]byte(list), &some); err != nil {
			return nil, fmt.Errorf("read decisions: %w", err)
		}
		decisions = append(decisions, some...)
	}
	return decisions, nil
}
