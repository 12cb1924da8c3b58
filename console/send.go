package console

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode"

	"relais/auth"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
	"relais/terms"
)

// sendPage is the form for a text, with what people will get beside it.
type sendPage struct {
	frame

	Draft    draft
	Template *sendTemplate // that makes the text; nil: it is typed
	Offered  []option      // templates that the person may use
	Token    string        // of this form: sent twice, it sends once
	Problems []fieldProblem
	Alone    bool     // the preview is all that is shown: it tells what is wrong too
	Preview  *preview // nil: nothing was typed yet
}

// draft is what was typed.
type draft struct {
	To, Text, Sender, Class, When string
}

// fieldProblem is what is wrong with a field.
type fieldProblem struct{ Field, Why string }

// Wrong is what is wrong with a field, empty when nothing is.
func (p *sendPage) Wrong(field string) string {
	for _, w := range p.Problems {
		if w.Field == field {
			return w.Why
		}
	}
	return ""
}

// Classes are the kinds of a text.
func (p *sendPage) Classes() (all []option) {
	for _, one := range []sms.Class{sms.Transactional, sms.Marketing, sms.OTP} {
		all = append(all, option{string(one), p.class(one), string(one) == p.Draft.Class})
	}
	return all
}

// preview is what the people will get, and when.
type preview struct {
	Text     []piece
	Segments int // of all messages together
	Each     int // of the longest
	Price    string
	UCS2     bool
	Saved    int    // segments that are saved by the text without costly characters
	Cheaper  string // that text; empty: it saves nothing
	Rows     []fate // the first messages
	More     int    // messages that are not among them
	Count    int    // of messages
	Refused  []fate // recipients that get none
	Warnings []string
}

// piece is a part of a text. One that costs is marked.
type piece struct {
	Text   string
	Costly bool
}

// fate is what becomes of the message to one recipient.
type fate struct {
	To   string
	When string
	By   string
	Why  string
}

// sendFields are those of the form.
var sendFields = []string{"to", "text", "sender", "class", "when", "form", "do", "template", "version"}

func showSend(q *request) (answer, error) {
	p := &sendPage{frame: *q.frame(), Token: formToken()}
	p.Draft.Class = string(sms.Transactional)
	if err := p.choose(q, q.URL.Query().Get("template")); err != nil {
		return nil, err
	}
	if person := q.URL.Query().Get("person"); person != "" {
		n, err := q.console.personOf(q.account, person)
		if err != nil {
			return nil, err
		}
		if !q.may(auth.SeeTexts) {
			return nil, notFound()
		}
		p.Draft.To = grouped(string(n))
	}
	return view{name: "send", data: p}, nil
}

// formToken names one form, so that what it sends is sent once.
func formToken() string {
	var token [15]byte
	rand.Read(token[:])
	return base64.RawURLEncoding.EncodeToString(token[:])
}

// postSend checks the text, or sends it. A script asks for the check alone, and puts it
// beside the form.
func postSend(q *request) (answer, error) {
	if err := q.read(append(valueFields(), sendFields...)...); err != nil {
		return nil, err
	}
	p := &sendPage{frame: *q.frame(), Token: q.field("form")}
	if err := p.choose(q, q.field("template")); err != nil {
		return nil, err
	}
	p.Draft = draft{q.form.Get("to"), q.form.Get("text"), q.field("sender"), q.field("class"), q.field("when")}
	s, err := p.submission(q)
	if err == nil && q.field("do") == "send" {
		var sent answer
		if sent, err = p.send(q, s); err == nil {
			return sent, nil
		}
	} else if err == nil {
		err = p.check(q, s)
	}
	status := http.StatusOK
	if err != nil {
		if !p.explain(q, err) {
			return nil, err
		}
		status = http.StatusUnprocessableEntity
	}
	if q.Header.Get("Relais-Part") == "preview" {
		p.Alone = true
		return part{view{"send", p, http.StatusOK}, "preview"}, nil
	}
	return view{"send", p, status}, nil
}

// submission is what was typed, as the gateway takes it.
func (p *sendPage) submission(q *request) (gateway.Submission, error) {
	s := gateway.Submission{
		Account: q.account, Actor: q.actor(), To: recipients(p.Draft.To), Text: strings.ReplaceAll(p.Draft.Text, "\r\n", "\n"),
		Sender: sms.Sender(p.Draft.Sender), Class: sms.Class(p.Draft.Class),
	}
	if p.Template != nil {
		s.Text, s.Template = "", p.Template.use()
	}
	if p.Draft.When == "" {
		return s, nil
	}
	const form = "2006-01-02T15:04" // of an input of the type datetime-local
	at, err := time.ParseInLocation(form, p.Draft.When, q.console.Zone)
	if err != nil {
		return s, &gateway.Error{Kind: gateway.Invalid, Reason: phrase("when_unreadable"), Field: "/send_at"}
	}
	s.SendAt = at
	return s, nil
}

// recipients are the numbers in a field: one a line, or between commas and semicolons.
func recipients(text string) []string {
	all := []string{}
	for one := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune("\n,;", r) }) {
		if one = strings.TrimFunc(one, unicode.IsSpace); one != "" {
			all = append(all, one)
		}
	}
	return all
}

// fieldsOf are the fields of the form by those of a submission.
var fieldsOf = map[string]string{
	"/to": "to", "/text": "text", "/sender": "sender", "/class": "class", "/send_at": "when",
}

// explain puts an error beside the field at fault. It reports whether a person can mend it.
func (p *sendPage) explain(q *request, err error) bool {
	refused, ok := errors.AsType[*gateway.Error](err)
	if !ok || refused.Kind == gateway.Unavailable {
		return false
	}
	if refused.Kind == gateway.Conflict {
		p.Token = formToken() // the form was changed since it was sent: it is a new one
	}
	field := fieldsOf[refused.Field]
	if p.Template != nil && field == "" && strings.HasPrefix(refused.Field, "/values") {
		field = p.Template.blamed()
	}
	if field == "" {
		field = "to"
	}
	p.Problems = append(p.Problems, fieldProblem{field, refused.In(q.lang)})
	for _, r := range refused.Rejected {
		p.Problems = append(p.Problems, fieldProblem{"to", r.To + " : " + r.In(q.lang)})
	}
	return true
}

// check fills in the preview. A form without a text or a recipient has none yet.
func (p *sendPage) check(q *request, s gateway.Submission) error {
	result, err := q.console.Gateway.Preview(q.ctx(), s, time.Time{})
	if err != nil {
		return err
	}
	p.Preview = p.previewOf(result)
	return nil
}

// mostRows is how many messages a preview lists.
const mostRows = 8

func (p *sendPage) previewOf(r *gateway.Result) *preview {
	v := &preview{
		Text: pieces(r.Text), Segments: r.Text.Written.Segments, UCS2: r.Text.Written.Encoding == sms.UCS2,
		Count: len(r.Messages),
	}
	for i := range r.Messages {
		m := &r.Messages[i]
		v.Each = max(v.Each, m.Segments)
		if i < mostRows {
			v.Rows = append(v.Rows, p.fate(m))
		}
	}
	v.More = len(r.Messages) - len(v.Rows)
	if r.Text.Written.Price > 0 {
		v.Price = p.Money(r.Text.Written.Price)
	}
	if gsm := r.Text.GSM; gsm != nil && gsm.Segments < v.Segments {
		v.Saved, v.Cheaper = v.Segments-gsm.Segments, gsm.Text
	}
	for i := range r.Rejected {
		v.Refused = append(v.Refused, fate{To: r.Rejected[i].To, Why: r.Rejected[i].In(p.Lang)})
	}
	for i := range r.Warnings {
		if r.Warnings[i].Is(terms.CodeUCS2) {
			continue // the letters are underlined, and what they cost stands beside the text
		}
		v.Warnings = append(v.Warnings, r.Warnings[i].In(p.Lang))
	}
	return v
}

func (p *sendPage) fate(m *gateway.Draft) fate {
	f := fate{To: p.Number(m.To), By: m.Connector, When: phrase("at_once").In(p.Lang)}
	if m.DueAt.After(m.AcceptedAt.Add(time.Minute)) {
		f.When = p.At(m.DueAt).People
	}
	return f
}

// pieces cuts a text where its characters cost.
func pieces(advice *gateway.TextAdvice) (all []piece) {
	text, begin := []rune(advice.Written.Text), 0
	for _, c := range advice.Costly {
		at := c.Position - 1
		if at > begin {
			all = append(all, piece{Text: string(text[begin:at])})
		}
		all = append(all, piece{string(text[at : at+1]), true})
		begin = at + 1
	}
	if begin < len(text) {
		all = append(all, piece{Text: string(text[begin:])})
	}
	return all
}

// sentMessages is what was sent, as the answer to the form is kept: the same form sent
// again gets it again.
type sentMessages struct {
	Messages []sentMessage `json:"messages"`
	Refused  []sentRefusal `json:"refused"`
}

type sentMessage struct {
	ID sms.ID     `json:"id"`
	To sms.Number `json:"to"`
}

type sentRefusal struct {
	To  string        `json:"to"`
	Why reason.Reason `json:"why"`
}

// sentPage shows what was sent where it was not one message alone.
type sentPage struct {
	frame

	Rows    []messageRow
	Refused []fate
}

func (p *sendPage) send(q *request, s gateway.Submission) (answer, error) {
	request, err := json.Marshal(p.Draft)
	if err != nil {
		return nil, err
	}
	s.Key = &gateway.IdempotencyKey{Key: "console:" + p.Token, Request: sha256.Sum256(request)}
	result, err := q.console.Gateway.Submit(withoutCancel(q), s, encodeSent)
	if err != nil {
		return nil, err
	}
	body := result.Replay
	if body == nil {
		if body, err = encodeSent(result); err != nil {
			return nil, err
		}
	}
	var sent sentMessages
	if err := json.Unmarshal(body, &sent); err != nil {
		return nil, err
	}
	if len(sent.Messages) == 1 && len(sent.Refused) == 0 {
		return redirect{Home + "messages/" + sent.Messages[0].ID.String(), "sent"}, nil
	}
	return view{name: "sent", data: p.sentPage(&sent)}, nil
}

func encodeSent(r *gateway.Result) ([]byte, error) {
	var sent sentMessages
	for i := range r.Messages {
		sent.Messages = append(sent.Messages, sentMessage{r.Messages[i].ID, r.Messages[i].To})
	}
	for i := range r.Rejected {
		sent.Refused = append(sent.Refused, sentRefusal{r.Rejected[i].To, r.Rejected[i].Reason})
	}
	return json.Marshal(sent)
}

func (p *sendPage) sentPage(sent *sentMessages) *sentPage {
	shown := &sentPage{frame: p.frame}
	for _, m := range sent.Messages {
		shown.Rows = append(shown.Rows, messageRow{ID: m.ID, To: p.Number(m.To)})
	}
	for _, r := range sent.Refused {
		shown.Refused = append(shown.Refused, fate{To: r.To, Why: r.Why.In(p.Lang)})
	}
	return shown
}

// SeesTexts reports whether the person may see numbers and texts of the account.
func (f *frame) SeesTexts() bool { return f.May(auth.SeeTexts) }

// MaySend reports whether the person may send from the account of the page.
func (f *frame) MaySend() bool { return f.May(auth.Send) }
