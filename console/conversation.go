package console

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"relais/auth"
	"relais/inbox"
	"relais/reason"
	"relais/sms"
)

// Acts about conversations, in the audit.
const (
	conversationRead auth.ActCode = "conversation_read"
	replyAnswered    auth.ActCode = "reply_answered"
)

// Inbox takes a person's word on replies and on suppression lists.
type Inbox interface {
	DecideReply(ctx context.Context, d inbox.ReplyDecision) (inbox.Inbound, error)
	ChangeOptOuts(ctx context.Context, changes []inbox.OptOutChange) (int, error)
	ImportOptOuts(ctx context.Context, f inbox.Import) (int, error)
	SeeTo(ctx context.Context, account string, id sms.ID, by sms.Actor) error
}

// threadSize is how many replies, and how many messages, a conversation shows.
const threadSize = 50

// conversationPage is what one person wrote and was written, with a form to answer.
type conversationPage struct {
	frame

	ID      sms.ID // of the reply by which the page was opened
	From    string
	Thread  []turn
	Older   string // address of all messages to the person; empty: they are all here
	Stopped []string
	Unsure  *turn // the reply that may be a STOP and waits; nil: none
	Answer  answerForm
	Canned  []cannedAnswer
	Writers []string // who else is writing an answer
	Assign  assignForm
	Holder  string // who has the conversation; empty: nobody
	Note    noteForm
	Newest  sms.ID // the last reply, which is seen to with all before it
	Open    bool   // it waits for somebody
	State   pill
	DoneBy  string // who has seen to it without an answer; empty: nobody
}

// turn is a text in a conversation, in one direction or the other.
type turn struct {
	ID      sms.ID
	Ours    bool
	Note    bool // of a colleague: never sent
	Mine    bool // a note that the person may remove
	At      moment
	Text    string // empty: not for the reader, or removed
	Pill    *pill
	By      string // who wrote ours; who decided about theirs
	Sender  sms.Sender
	Through string // connector

	at     time.Time
	author sms.Actor // of a note
}

// MayDecide reports whether the person may say whether a reply is a STOP.
func (p *conversationPage) MayDecide() bool { return p.May(auth.AddOptOuts) && p.May(auth.SeeTexts) }

func showConversation(q *request) (answer, error) {
	in, err := replyAt(q)
	if err != nil {
		return nil, err
	}
	p, err := conversationOf(q, in)
	return view{name: "conversation", data: p}, err
}

// replyAt is the one whose id is in the path.
func replyAt(q *request) (*inbox.Inbound, error) {
	id, err := q.id()
	if err != nil {
		return nil, err
	}
	found, _, err := q.console.Reader.Inbounds(q.ctx(), inbox.InboundQuery{Account: q.account, ID: id, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, notFound()
	}
	return &found[0], nil
}

// conversationOf reads a conversation, which stands in the audit once for each person and
// hour.
func conversationOf(q *request, in *inbox.Inbound) (*conversationPage, error) {
	p := &conversationPage{frame: *q.frame(), ID: in.ID}
	if p.May(auth.SeeTexts) {
		if err := recordReading(q, in); err != nil {
			return nil, err
		}
	}
	p.From = p.from(in.From)
	replies, messages, err := threadOf(q, in)
	if err != nil {
		return nil, err
	}
	for i := range replies {
		t := p.theirs(&replies[i])
		p.Thread = append(p.Thread, t)
		if replies[i].Intent == inbox.IntentUnsure && replies[i].Decided == "" {
			p.Unsure = &t // the oldest comes last
		}
	}
	if err := p.look(q, &replies[0]); err != nil {
		return nil, err
	}
	for i := range messages {
		p.Thread = append(p.Thread, p.ours(&messages[i]))
	}
	key := threadKey(q, in)
	if err := p.noted(q, key); err != nil {
		return nil, err
	}
	slices.SortStableFunc(p.Thread, func(a, b turn) int { return a.at.Compare(b.at) })
	if len(messages) == threadSize && p.May(auth.SeeTexts) {
		p.Older = Home + "messages?person=" + q.console.tokenOf(q.account, in.From)
	}
	if p.Stopped, err = p.stopped(q, in.From); err != nil {
		return nil, err
	}
	p.Answer = answerForm{Token: formToken(), Last: lastOf(replies, messages).String(), Possible: answerable(in)}
	return p, p.furnish(q, in, key)
}

// furnish adds what whoever may answer needs for it.
func (p *conversationPage) furnish(q *request, in *inbox.Inbound, key inbox.Thread) error {
	if !p.MaySend() {
		return nil
	}
	if err := p.assignable(q); err != nil {
		return err
	}
	if !p.Answer.Possible {
		return nil
	}
	if err := p.offer(q); err != nil {
		return err
	}
	if err := p.writing(q, key); err != nil {
		return err
	}
	return p.warn(q, in)
}

// Problems are what is wrong with each form of the page.
func (p *conversationPage) Problems() []fieldProblem {
	return slices.Concat(p.Answer.Problems, p.Assign.Problems, p.Note.Problems)
}

// threadOf are the replies of a person and the messages to them, newest first. Nobody can
// tell whose a reply is whose number was erased: it stands alone.
func threadOf(q *request, in *inbox.Inbound) ([]inbox.Inbound, []sms.Message, error) {
	if in.From == sms.NoNumber || in.From == "" {
		return []inbox.Inbound{*in}, nil, nil
	}
	replies, _, err := q.console.Reader.Inbounds(q.ctx(), repliesFrom(q, in.From, threadSize))
	if err != nil {
		return nil, nil, err
	}
	messages, _, err := q.console.Reader.Search(q.ctx(), messagesTo(q, in.From, threadSize))
	return replies, messages, err
}

// lastOf is the id of the newest text of a conversation.
func lastOf(replies []inbox.Inbound, messages []sms.Message) (last sms.ID) {
	for i := range replies {
		last = later(last, replies[i].ID)
	}
	for i := range messages {
		last = later(last, messages[i].ID)
	}
	return last
}

func later(a, b sms.ID) sms.ID {
	if bytes.Compare(a[:], b[:]) < 0 {
		return b
	}
	return a
}

func (p *conversationPage) theirs(in *inbox.Inbound) turn {
	t := turn{ID: in.ID, At: p.At(in.ReceivedAt), at: in.ReceivedAt, Pill: intentOf(&p.frame, in), Through: in.Connector}
	if p.May(auth.SeeTexts) {
		t.Text = in.Text
	}
	if in.Decided != "" {
		t.By = reason.Of(Words+"/inbox_decided_"+reason.Code(in.Decided), reason.Args{
			"name": reason.Name(p.actor(in.DecidedBy)),
		}).In(p.Lang)
	}
	return t
}

func (p *conversationPage) ours(m *sms.Message) turn {
	state := p.status(m.Status)
	t := turn{
		ID: m.ID, Ours: true, At: p.At(m.AcceptedAt), at: m.AcceptedAt, Pill: &state, Sender: m.Sender,
		Through: m.Connector,
	}
	if m.Actor != "" {
		t.By = p.actor(m.Actor)
	}
	if p.May(auth.SeeTexts) {
		t.Text = m.Text
	}
	return t
}

// stopped says which texts no longer reach the person.
func (p *conversationPage) stopped(q *request, n sms.Number) (all []string, err error) {
	if !strings.HasPrefix(string(n), "+") || !p.May(auth.SeeOptOuts) {
		return nil, nil
	}
	entries, _, err := q.console.OptOuts.OptOutProofs(q.ctx(), q.account, n)
	for i := range entries {
		all = append(all, standsOf(&p.frame, &entries[i]))
	}
	return all, err
}

// recordReading puts into the audit that the person reads a conversation, unless that
// stands there since less than an hour.
func recordReading(q *request, in *inbox.Inbound) error {
	subject := string(in.From)
	if in.From.Known() {
		subject = q.subjectOf(in.From)
	}
	if subject == "" || in.From == sms.NoNumber {
		subject = in.ID.String()
	}
	return recordOnce(q, conversationRead, subject)
}

// decideReply takes a person's word on a reply that may be a STOP.
func decideReply(q *request) (answer, error) {
	if err := q.read("decision"); err != nil {
		return nil, err
	}
	if !q.may(auth.SeeTexts) { // nobody decides about what they cannot read
		return nil, forbidden()
	}
	in, err := replyAt(q)
	if err != nil {
		return nil, err
	}
	here := Home + "inbox/" + in.ID.String()
	decision := inbox.Intent(q.field("decision"))
	if decision != inbox.IntentStop && decision != inbox.IntentReply {
		p, err := conversationOf(q, in)
		if err != nil {
			return nil, err
		}
		p.Answer.Problems = []fieldProblem{{"decision-stop", phrase("inbox_choose").In(q.lang)}}
		return view{"conversation", p, http.StatusUnprocessableEntity}, nil
	}
	if in.Decided != "" && in.Decided != decision || in.Intent != inbox.IntentUnsure {
		return redirect{here, "inbox_too_late"}, nil
	}
	_, err = q.console.Inbox.DecideReply(withoutCancel(q), inbox.ReplyDecision{
		Account: q.account, Inbound: in.ID, Intent: decision, Actor: q.actor(),
	})
	if conflicts(err) {
		return redirect{here, "inbox_too_late"}, nil
	}
	if err != nil {
		return nil, err
	}
	return redirect{here, "inbox_decided_" + string(decision)}, nil
}

// look says whether the last reply waits for somebody.
func (p *conversationPage) look(q *request, last *inbox.Inbound) error {
	c := conversation{Inbound: *last}
	var err error
	if c.answered, err = answered(q, last); err != nil {
		return err
	}
	if p.Assign.Was = last.AssignedTo; p.Assign.Was != "" {
		p.Holder = p.actor(p.Assign.Was)
	}
	p.Newest, p.Open = last.ID, c.belongs() == showOpen && (last.Intent != inbox.IntentUnsure || last.Decided != "")
	p.State = stateOf(&p.frame, &c)
	if last.DoneBy != "" {
		p.DoneBy = reason.Of(Words+"/inbox_done_by", reason.Args{"name": reason.Name(p.actor(last.DoneBy))}).In(p.Lang)
	}
	return nil
}

// seeToReply notes that a reply needs no answer, or takes that back.
func seeToReply(q *request) (answer, error) {
	if err := q.read("done"); err != nil {
		return nil, err
	}
	in, err := replyAt(q)
	if err != nil {
		return nil, err
	}
	by, to := q.actor(), redirect{Home + "inbox", "inbox_closed"}
	if q.field("done") != "yes" {
		by, to = "", redirect{Home + "inbox/" + in.ID.String(), "inbox_reopened"}
	}
	if (in.DoneBy == "") == (by == "") {
		return to, nil // a colleague was faster, or the form was sent twice
	}
	if err := q.console.Inbox.SeeTo(withoutCancel(q), q.account, in.ID, by); err != nil {
		return nil, err
	}
	return to, nil
}
