package console

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"relais/gateway"
	"relais/inbox"
	"relais/lane"
	"relais/reason"
	"relais/sms"
)

// answerForm is the form under a conversation.
type answerForm struct {
	Possible bool   // there is a number to answer
	Token    string // of this form: sent twice, it sends once
	Last     string // the newest text that the person saw
	Text     string
	Problems []fieldProblem
	Preview  *answerPreview // nil: nothing was typed yet
	Warning  string         // that holds for whatever is typed; empty: none
}

// answerPreview is what the person will get.
type answerPreview struct {
	Text     string
	Segments int
	Price    string
	From     sms.Sender
	By       string
	Warnings []string
}

// Wrong is what is wrong with the text, empty when nothing is.
func (f *answerForm) Wrong() string {
	for _, w := range f.Problems {
		if w.Field == "text" {
			return w.Why
		}
	}
	return ""
}

// answerable reports whether there is a number to write to.
func answerable(in *inbox.Inbound) bool { return strings.HasPrefix(string(in.From), "+") }

// postAnswer checks an answer, or sends it. A script asks for the check alone.
func postAnswer(q *request) (answer, error) {
	if err := q.read("text", "form", "last", "do", "canned"); err != nil {
		return nil, err
	}
	in, err := replyAt(q)
	if err != nil {
		return nil, err
	}
	p, err := conversationOf(q, in)
	if err != nil {
		return nil, err
	}
	seen := q.field("last")
	p.Answer.Text = strings.ReplaceAll(q.form.Get("text"), "\r\n", "\n")
	if token := q.field("form"); token != "" {
		p.Answer.Token = token
	}
	if !p.Answer.Possible {
		return p.refuse("inbox_no_number"), nil
	}
	if chosen := q.field("canned"); chosen != "" && !p.take(chosen) {
		return p.refuse("inbox_canned_gone"), nil
	}
	s := p.answerTo(q, in, p.Answer.Text)
	if q.field("do") == "send" && q.field("canned") == "" {
		if others(q, p.Thread, seen) {
			return p.refuse("inbox_others_wrote"), nil
		}
		return p.send(q, in, s, seen)
	}
	if err := q.console.Desk.Writes(q.ctx(), threadKey(q, in), q.actor()); err != nil {
		return nil, err
	}
	return p.checked(q, p.check(q, s))
}

// checked shows what the check found, alone to a script.
func (p *conversationPage) checked(q *request, err error) (answer, error) {
	status := http.StatusOK
	if err != nil {
		if !p.explain(err) {
			return nil, err
		}
		status = http.StatusUnprocessableEntity
	}
	if q.Header.Get("Relais-Part") == "preview" {
		return part{view{"conversation", p, http.StatusOK}, "answer_preview"}, nil
	}
	return view{"conversation", p, status}, nil
}

// refuse shows the page again, with what was typed.
func (p *conversationPage) refuse(why string) answer {
	p.Answer.Problems = append(p.Answer.Problems, fieldProblem{"text", phrase(why).In(p.Lang)})
	return view{"conversation", p, http.StatusConflict}
}

// explain puts an error beside the text. It reports whether a person can mend it.
func (p *conversationPage) explain(err error) bool {
	refused, ok := errors.AsType[*gateway.Error](err)
	if !ok || refused.Kind == gateway.Unavailable {
		return false
	}
	if refused.Kind == gateway.Conflict {
		p.Answer.Token = formToken() // the text was changed since it was sent: it is a new one
	}
	p.Answer.Problems = append(p.Answer.Problems, fieldProblem{"text", refused.In(p.Lang)})
	for _, r := range refused.Rejected {
		p.Answer.Problems = append(p.Answer.Problems, fieldProblem{"text", r.In(p.Lang)})
	}
	return true
}

// others reports whether somebody else has written since the person saw the conversation:
// a colleague, or whom is to be answered. What the person sent does not count, so that a
// form that is sent twice is no surprise.
func others(q *request, thread []turn, seen string) bool {
	last, err := sms.ParseID(seen)
	if err != nil {
		return true // the form does not tell, so that somebody may have
	}
	if !slices.ContainsFunc(thread, func(t turn) bool { return t.ID == last }) {
		return true // it is of another conversation, or too long ago
	}
	self := (&frame{Lang: q.lang}).actor(q.actor())
	return slices.ContainsFunc(thread, func(t turn) bool {
		return !t.Note && t.ID != last && later(t.ID, last) == t.ID && (!t.Ours || t.By != self)
	})
}

// answerTo is the submission of an answer: by the connector of the reply, and from the
// address by which the person was written to there, where that can be answered.
func (p *conversationPage) answerTo(q *request, in *inbox.Inbound, text string) gateway.Submission {
	s := gateway.Submission{
		Account: q.account, Actor: q.actor(), To: []string{string(in.From)}, Text: text, Class: sms.Transactional,
		Connector: in.Connector,
	}
	for _, t := range slices.Backward(p.Thread) {
		if t.Ours && t.Through == in.Connector {
			if kind := t.Sender.Kind(); kind == sms.LongNumber || kind == sms.ShortCode {
				s.Sender = t.Sender
			}
			break
		}
	}
	return s
}

// warn says under the form that the person cannot answer what is sent from there.
func (p *conversationPage) warn(q *request, in *inbox.Inbound) error {
	const some = "?" // the text does not matter
	result, err := q.console.Gateway.Preview(q.ctx(), p.answerTo(q, in, some), time.Time{})
	if _, refused := errors.AsType[*gateway.Error](err); refused {
		return nil // whoever sends an answer hears why not
	}
	if err != nil {
		return err
	}
	states, err := q.console.Gateway.Connectors(q.ctx())
	if err != nil {
		return err
	}
	m := &result.Messages[0]
	if takesReplies(m.Sender, m.Connector, states) {
		return nil
	}
	name := "inbox_no_reply_to_name"
	if m.Sender == "" {
		name = "inbox_no_reply"
	}
	p.Answer.Warning = reason.Of(Words+"/"+reason.Code(name),
		reason.Args{"sender": reason.Name(m.Sender)}).In(p.Lang)
	return nil
}

// check fills in the preview.
func (p *conversationPage) check(q *request, s gateway.Submission) error {
	result, err := q.console.Gateway.Preview(q.ctx(), s, time.Time{})
	if err != nil {
		return err
	}
	m := &result.Messages[0]
	shown := &answerPreview{Text: m.Text, Segments: m.Segments, From: m.Sender, By: m.Connector}
	if m.Price != 0 {
		shown.Price = p.Money(m.Price)
	}
	for _, w := range result.Warnings {
		shown.Warnings = append(shown.Warnings, w.In(p.Lang))
	}
	p.Answer.Preview = shown
	return nil
}

// takesReplies reports whether the person can answer a sender: nobody can answer a name.
// An operator may send from another address than the one that was asked for.
func takesReplies(s sms.Sender, connector string, states []lane.Description) bool {
	kind := s.Kind()
	for i := range states {
		facts := &states[i].Facts
		if states[i].Name == connector && (facts.FixedSender || kind == sms.NoSender) {
			kind = facts.DefaultSender
		}
	}
	return kind != sms.Alphanumeric
}

// send sends the answer: once for a form, and once behind the newest text that people saw.
// The key is of that text, so that of two colleagues who send at the same moment the
// second is refused, by the transaction that would store his. Keys of the API have no
// spaces, so that none of them is the same.
func (p *conversationPage) send(q *request, in *inbox.Inbound, s gateway.Submission, seen string) (answer, error) {
	request, err := json.Marshal([]string{p.Answer.Token, s.Text})
	if err != nil {
		return nil, err
	}
	s.Key = &gateway.IdempotencyKey{Key: "console answer " + seen, Request: sha256.Sum256(request)}
	result, err := q.console.Gateway.Submit(withoutCancel(q), s, encodeSent)
	if e, ok := errors.AsType[*gateway.Error](err); ok && e.Code == gateway.CodeKeyReused {
		return p.overtaken(q, in)
	}
	if err != nil {
		return p.checked(q, err)
	}
	if result.Replay == nil {
		if err := q.record(replyAnswered, in.ID.String(), ""); err != nil {
			return nil, err
		}
	}
	return redirect{Home + "inbox/" + in.ID.String(), "inbox_answered"}, q.console.Desk.Wrote(
		withoutCancel(q), threadKey(q, in), q.actor())
}

// overtaken shows the conversation with the answer that came first, and keeps what the
// person typed.
func (p *conversationPage) overtaken(q *request, in *inbox.Inbound) (answer, error) {
	now, err := conversationOf(q, in)
	if err != nil {
		return nil, err
	}
	now.Answer.Text = p.Answer.Text
	self := now.actor(q.actor())
	for i := len(now.Thread) - 1; i >= 0; i-- {
		if t := &now.Thread[i]; t.Ours {
			if t.By == self {
				return now.refuse("inbox_you_wrote"), nil
			}
			break
		}
	}
	return now.refuse("inbox_others_wrote"), nil
}
