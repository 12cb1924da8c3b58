package remote

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"relais/client"
	"relais/cmd/relais/terminal"
)

type batchCommand struct {
	apiFlags
	File           string `arg:"" help:"JSON lines: on each an object as POST /v1/messages takes; - reads standard input."`
	IdempotencyKey string `help:"Equal keys make equal files one, and let one that broke off go on; default: a fresh key." placeholder:"KEY"`
	waitFlags
}

// Run implements the command. A line that was left out is an exit code of its own: the
// others are on their way.
func (c *batchCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	in := io.NopCloser(t.Stdin)
	if c.File != "-" {
		file, err := os.Open(c.File)
		if err != nil {
			return t.Failed(err, "file_unreadable", "file", c.File)
		}
		in = file
	}
	defer in.Close()
	if c.IdempotencyKey == "" {
		c.IdempotencyKey = rand.Text()
	}
	s := &batchSender{command: c, t: t, gateway: gateway, lines: bufio.NewReaderSize(in, 64<<10)}
	return s.run()
}

// batchSender sends the lines of a file, as many in each request as it may hold. Where a
// request ends depends on the lines alone, so that the same file with the same key makes
// the same requests.
type batchSender struct {
	command *batchCommand
	t       *terminal.Terminal
	gateway *client.Client
	lines   *bufio.Reader

	line     int           // read so far
	request  int           // sent so far
	held     *batchRow     // was read, and fits in no request with those before it
	accepted int           // messages
	left     int           // lines
	headed   bool          // the table has its head
	results  []batchResult // with --wait: they are printed in the end
}

// batchRow is a line of the file.
type batchRow struct {
	number     int
	json       json.RawMessage
	recipients int
	problem    *client.BatchProblem // why it is not even sent
}

// batchResult is what became of a line, with --json.
type batchResult struct {
	Line int `json:"line"`
	client.BatchItem
}

func (s *batchSender) run() error {
	for {
		rows, last, err := s.fill()
		if err != nil {
			return err
		}
		if len(rows) > 0 {
			if err := s.send(rows); err != nil {
				return err
			}
		}
		if last {
			break
		}
		s.t.Say("batch_progress", "line", s.line, "accepted", s.accepted, "left_out", s.left)
	}
	if s.accepted+s.left == 0 {
		return errors.New(s.t.Text("batch_empty", "file", s.command.File))
	}
	s.t.Say("batch_done", "accepted", s.accepted, "left_out", s.left)
	if err := s.wait(); err != nil {
		return err
	}
	if s.accepted > 0 {
		return terminal.LeftOutIf(s.left > 0)
	}
	return terminal.FailedIf(s.left > 0)
}

// fill reads the lines of one request.
func (s *batchSender) fill() (rows []batchRow, last bool, err error) {
	const most = client.MaxBody / 4 // of a request: progress is seen sooner, and what JSON escapes is longer
	recipients, size, messages := 0, 0, 0
	for {
		row, err := s.next()
		if errors.Is(err, io.EOF) {
			return rows, true, nil
		}
		if err != nil {
			return nil, false, s.t.Failed(err, "batch_read", "file", s.command.File)
		}
		if row.problem == nil {
			recipients, size, messages = recipients+row.recipients, size+len(row.json)+1, messages+1
		}
		if messages > 1 && (recipients > client.MaxBatchRecipients || size > most) ||
			messages > client.MaxBatch {
			s.held = &row
			return rows, false, nil
		}
		rows = append(rows, row)
	}
}

// next reads a line that is not empty.
func (s *batchSender) next() (batchRow, error) {
	if row := s.held; row != nil {
		s.held = nil
		return *row, nil
	}
	for {
		text, long, err := s.readLine()
		if err != nil {
			return batchRow{}, err
		}
		s.line++
		if s.line == 1 {
			text = bytes.TrimPrefix(text, []byte("\uFEFF")) // Windows programs begin a file with it
		}
		text = bytes.TrimSpace(text)
		if len(text) > 0 || long {
			return s.read(text, long), nil
		}
	}
}

// readLine reads a line without its end. Of one that is too long only the fact is kept.
func (s *batchSender) readLine() (text []byte, long bool, err error) {
	for {
		piece, err := s.lines.ReadSlice('\n')
		if len(text)+len(piece) > client.MaxBody {
			long, text = true, nil
		}
		if !long {
			text = append(text, piece...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && (len(text) > 0 || long):
			return text, long, nil
		}
		return text, long, err
	}
}

func (s *batchSender) read(text []byte, long bool) batchRow {
	row := batchRow{number: s.line, json: text}
	var known struct {
		To json.RawMessage `json:"to"`
	}
	switch {
	case long:
		row.problem = &client.BatchProblem{
			Code: "line_too_long", Detail: s.t.Text("batch_long", "bytes", client.MaxBody),
		}
	case !utf8.Valid(text):
		row.problem = &client.BatchProblem{Code: "line_not_utf8", Detail: s.t.Text("batch_not_utf8")}
	case text[0] != '{' || json.Unmarshal(text, &known) != nil:
		row.problem = &client.BatchProblem{Code: "line_not_json", Detail: s.t.Text("batch_not_json")}
	}
	var many []json.RawMessage
	if row.recipients = 1; json.Unmarshal(known.To, &many) == nil {
		row.recipients = len(many)
	}
	return row
}

// send makes one request, and prints what became of its lines.
func (s *batchSender) send(rows []batchRow) error {
	var messages []json.RawMessage
	for i := range rows {
		if rows[i].problem == nil {
			messages = append(messages, rows[i].json)
		}
	}
	var items []client.BatchItem
	if len(messages) > 0 {
		s.request++
		answer, err := s.gateway.SubmitBatchJSON(s.t.Ctx, messages,
			fmt.Sprintf("%s-%d", s.command.IdempotencyKey, s.request))
		problem, refused := errors.AsType[*client.Problem](err)
		switch {
		case err == nil:
			items = answer.Items
		case refused && len(problem.Items) == len(messages):
			items = problem.Items
		default:
			s.t.Say("batch_resume", "line", rows[0].number-1, "key", s.command.IdempotencyKey,
				"file", s.command.File)
			return s.command.failed(s.t, err)
		}
		if len(items) != len(messages) {
			return errors.New(s.t.Text("batch_short", "answered", len(items), "asked", len(messages)))
		}
	}
	for i := range rows {
		item := client.BatchItem{
			Messages: []client.Message{}, Rejected: []client.Refused{},
			Warnings: []client.Warning{}, Problem: rows[i].problem,
		}
		if item.Problem == nil {
			item, items = items[0], items[1:]
		}
		if err := s.print(rows[i].number, &item); err != nil {
			return err
		}
	}
	return nil
}

// print tells what became of a line: for people, what was left out, and the messages as
// `send` shows them.
func (s *batchSender) print(line int, item *client.BatchItem) error {
	s.accepted += len(item.Messages)
	if item.Problem != nil || len(item.Rejected) > 0 {
		s.left++
	}
	if s.command.Wait {
		s.results = append(s.results, batchResult{line, *item})
	} else if s.command.JSON {
		return terminal.PrintLine(s.t.Stdout, &batchResult{line, *item})
	}
	if s.command.JSON {
		return nil
	}
	if p := item.Problem; p != nil && len(item.Rejected) == 0 {
		if len(p.Errors) > 0 && p.Errors[0].Field != "" {
			s.t.Say("batch_field", "line", line, "field", inLine(p.Errors[0].Field),
				"detail", p.Detail, "code", p.Code)
		} else {
			s.t.Say("batch_line", "line", line, "detail", p.Detail, "code", p.Code)
		}
	}
	for _, r := range item.Rejected {
		s.t.Say("batch_recipient", "line", line, "recipient", r.To, "detail", r.Detail, "code", r.Code)
	}
	for _, w := range item.Warnings {
		s.t.Say("batch_warning", "line", line, "detail", strings.TrimSpace(w.To+" "+w.Detail), "code", w.Code)
	}
	if s.command.Wait {
		return nil
	}
	return s.table(item.Messages)
}

// wait waits for the operators' answers, if it was asked to, and prints the messages as
// they are then.
func (s *batchSender) wait() error {
	if !s.command.Wait {
		return nil
	}
	var sent []client.Message
	for i := range s.results {
		sent = append(sent, s.results[i].Messages...)
	}
	seen, err := s.command.all(s.t, s.gateway, sent)
	if err != nil {
		return s.command.failed(s.t, err)
	}
	failed := false
	for _, m := range seen {
		failed = !s.command.judge(s.t, m) || failed
	}
	for i := range s.results {
		result := &s.results[i]
		for j := range result.Messages {
			result.Messages[j], seen = seen[0].Message, seen[1:]
		}
		if s.command.JSON {
			err = terminal.PrintLine(s.t.Stdout, result)
		} else {
			err = s.table(result.Messages)
		}
		if err != nil {
			return err
		}
	}
	return terminal.FailedIf(failed)
}

// inLine is the field of a message, without its place in the request.
func inLine(field string) string {
	if _, rest, found := strings.Cut(strings.TrimPrefix(field, "/messages/"), "/"); found {
		return "/" + rest
	}
	return field
}

// table prints messages in columns of a width that is known before all are there.
func (s *batchSender) table(messages []client.Message) error {
	const form = "%-36s  %-16s  %-8s  %-12s  %s\n"
	if !s.headed && len(messages) > 0 {
		s.headed = true
		if _, err := fmt.Fprintf(s.t.Stdout, form, s.t.Text("head_id"), s.t.Text("head_to"), s.t.Text("head_status"),
			s.t.Text("head_connector"), s.t.Text("head_segments")); err != nil {
			return err
		}
	}
	for i := range messages {
		m := &messages[i]
		if _, err := fmt.Fprintf(
			s.t.Stdout, form, m.ID, m.To, m.Status, m.Connector, strconv.Itoa(m.Segments),
		); err != nil {
			return err
		}
	}
	return nil
}
