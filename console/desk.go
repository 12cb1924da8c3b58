package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"relais/auth"
	"relais/inbox"
	"relais/reason"
	"relais/sms"
)

// Acts about who sees to conversations, and about notes on them, in the audit.
const (
	conversationAssigned auth.ActCode = "conversation_assigned"
	noteAdded            auth.ActCode = "note_added"
	noteRemoved          auth.ActCode = "note_removed"
)

// Desk is where colleagues share conversations.
type Desk interface {
	Assign(ctx context.Context, a inbox.Assignment) error
	Note(ctx context.Context, t inbox.Thread, by sms.Actor, text string) (inbox.Note, error)
	DropNote(ctx context.Context, account string, id sms.ID, by sms.Actor) (bool, error)
	Notes(ctx context.Context, t inbox.Thread) ([]inbox.Note, error)
	Writes(ctx context.Context, t inbox.Thread, by sms.Actor) error
	Wrote(ctx context.Context, t inbox.Thread, by sms.Actor) error
	Writers(ctx context.Context, t inbox.Thread, but sms.Actor) ([]inbox.Answering, error)
}

// threadKey names the conversation of a reply.
func threadKey(q *request, in *inbox.Inbound) inbox.Thread {
	t := inbox.Thread{Account: q.account, Reply: in.ID, From: in.From}
	if in.From.Known() {
		t.Hidden = q.console.Persons.Pseudonym(q.ctx(), q.account, in.From)
	}
	return t
}

// assignForm is who has a conversation, and who may have it.
type assignForm struct {
	Was      sms.Actor // the one whom the person saw
	Mine     bool
	Self     string // id of the person, to take it
	Problems []fieldProblem

	People []option // colleagues who may answer; the person is not among them
}

// Wrong is what is wrong with the choice, empty when nothing is.
func (f *assignForm) Wrong() string { return wrongWith(f.Problems, "to") }

// colleagues are the people who may answer in the account, by their names.
func colleagues(q *request) ([]auth.User, error) {
	all, err := q.console.Users.Users(q.ctx())
	all = slices.DeleteFunc(all, func(u auth.User) bool {
		return !u.DisabledAt.IsZero() || !u.May(auth.Send, q.account)
	})
	slices.SortFunc(all, func(a, b auth.User) int { return strings.Compare(a.Shown(), b.Shown()) })
	return all, err
}

// calledBy is how colleagues know a user: the name that timelines show, too.
func calledBy(u auth.User) string {
	if u.Shown() == u.Name {
		return marked(u.Name)
	}
	return marked(u.Shown()) + " (" + marked(u.Name) + ")"
}

// assignable fills in the form by which a conversation is given to somebody.
func (p *conversationPage) assignable(q *request) error {
	p.Assign.Mine, p.Assign.Self = p.Assign.Was == q.actor(), q.session.User.ID
	all, err := colleagues(q)
	for _, u := range all {
		if u.ID != p.Assign.Self {
			p.Assign.People = append(p.Assign.People, option{u.ID, calledBy(u), u.Actor() == p.Assign.Was})
		}
	}
	return err
}

// assignConversation gives a conversation to somebody who may answer, or to nobody.
func assignConversation(q *request) (answer, error) {
	if err := q.read("to", "was"); err != nil {
		return nil, err
	}
	in, err := replyAt(q)
	if err != nil {
		return nil, err
	}
	to, known, err := colleague(q, q.field("to"))
	if err != nil {
		return nil, err
	}
	if !known {
		p, err := conversationOf(q, in)
		if err != nil {
			return nil, err
		}
		p.Assign.Problems = []fieldProblem{{"to", phrase("inbox_assign_unknown").In(q.lang)}}
		return view{"conversation", p, http.StatusUnprocessableEntity}, nil
	}
	a := inbox.Assignment{Thread: threadKey(q, in), Was: sms.ReadActor(q.field("was")), To: to}
	here := Home + "inbox/" + in.ID.String()
	err = q.console.Desk.Assign(withoutCancel(q), a)
	if errors.Is(err, inbox.ErrMoved) {
		return assignedBefore(q, here, to)
	}
	if err != nil {
		return nil, err
	}
	done := redirect{here, saidOfAssigned(q, to)}
	if a.Was == to {
		return done, nil
	}
	var edits auth.Edits
	edits.Note("assigned", []string{a.Was.Name()}, []string{to.Name()})
	return done, q.recordEdits(conversationAssigned, in.ID.String(), to.Name(), edits)
}

func saidOfAssigned(q *request, to sms.Actor) string {
	if to == "" {
		return "inbox_unassigned"
	}
	if to == q.actor() {
		return "inbox_taken"
	}
	return "inbox_assigned"
}

// assignedBefore answers where the conversation is no longer with the one whom the person
// saw: a colleague was faster, or the form was sent twice.
func assignedBefore(q *request, here string, to sms.Actor) (answer, error) {
	now, err := replyAt(q)
	if err != nil {
		return nil, err
	}
	if now.AssignedTo == to {
		return redirect{to: here}, nil
	}
	return redirect{here, "inbox_assigned_before"}, nil
}

// colleague is the actor of a user who may answer; an empty id is nobody.
func colleague(q *request, id string) (who sms.Actor, known bool, err error) {
	if id == "" {
		return "", true, nil
	}
	all, err := colleagues(q)
	at := slices.IndexFunc(all, func(u auth.User) bool { return u.ID == id })
	if err != nil || at < 0 {
		return "", false, err
	}
	return all[at].Actor(), true, nil
}

// noteForm is the form for a note.
type noteForm struct {
	Possible bool
	Text     string
	Problems []fieldProblem
}

// Wrong is what is wrong with the note, empty when nothing is.
func (f *noteForm) Wrong() string { return wrongWith(f.Problems, "note") }

// noted adds the notes of colleagues to the conversation, for those who may read it.
func (p *conversationPage) noted(q *request, t inbox.Thread) error {
	if !p.May(auth.SeeTexts) {
		return nil
	}
	p.Note.Possible = p.MaySend() && !t.Alone()
	found, err := q.console.Desk.Notes(q.ctx(), t)
	for i := range found {
		n := &found[i]
		p.Thread = append(p.Thread, turn{
			ID: n.ID, Note: true, At: p.At(n.At), at: n.At, Text: n.Text, By: p.actor(n.By), author: n.By,
			Mine: p.MaySend() && (n.By == q.actor() || p.May(auth.RemoveNotes)),
		})
	}
	return err
}

// addNote keeps what a colleague tells others.
func addNote(q *request) (answer, error) {
	if err := q.read("note"); err != nil {
		return nil, err
	}
	in, err := replyAt(q)
	if err != nil {
		return nil, err
	}
	if !q.may(auth.SeeTexts) { // nobody writes about what they cannot read
		return nil, forbidden()
	}
	n, err := q.console.Desk.Note(withoutCancel(q), threadKey(q, in), q.actor(), q.form.Get("note"))
	if refused, ok := errors.AsType[*inbox.NoteError](err); ok {
		p, err := conversationOf(q, in)
		if err != nil {
			return nil, err
		}
		p.Note.Text = q.form.Get("note")
		p.Note.Problems = []fieldProblem{{"note", refused.Reason.In(q.lang)}}
		return view{"conversation", p, http.StatusUnprocessableEntity}, nil
	}
	if err != nil {
		return nil, err
	}
	here := Home + "inbox/" + in.ID.String()
	return redirect{here, "note_added"}, q.record(noteAdded, in.ID.String(), n.ID.String())
}

// removeNote removes a note of the person's own, or as a manager of the account one of
// anybody, who may have left.
func removeNote(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	in, err := replyAt(q)
	if err != nil {
		return nil, err
	}
	id, err := sms.ParseID(q.PathValue("note"))
	if err != nil {
		return nil, notFound()
	}
	p, err := conversationOf(q, in)
	if err != nil {
		return nil, err
	}
	here := Home + "inbox/" + in.ID.String()
	asWas := redirect{here, ""} // the form was sent twice, or the note is another's
	at := slices.IndexFunc(p.Thread, func(t turn) bool { return t.Note && t.ID == id })
	if at < 0 || !p.Thread[at].Mine {
		return asWas, nil
	}
	author := p.Thread[at].author
	dropped, err := q.console.Desk.DropNote(withoutCancel(q), q.account, id, author)
	if err != nil {
		return nil, err
	}
	if !dropped {
		return asWas, nil
	}
	told := id.String()
	if author != q.actor() {
		told += " " + string(author)
	}
	return redirect{here, "note_removed"}, q.record(noteRemoved, in.ID.String(), told)
}

// writing says who else is writing an answer.
func (p *conversationPage) writing(q *request, t inbox.Thread) error {
	signs, err := q.console.Desk.Writers(q.ctx(), t, q.actor())
	for _, s := range signs {
		minutes := max(1, int(q.console.Now().Sub(s.Since).Minutes()))
		p.Writers = append(p.Writers, reason.Of(Words+"/inbox_writes", reason.Args{
			"name": reason.Name(p.actor(s.By)), "count": reason.Count(minutes),
		}).In(p.Lang))
	}
	return err
}
