package inbox

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"relais/reason"
	"relais/sms"
)

// AnsweringFor is how long a sign that somebody is writing an answer holds.
const AnsweringFor = 2 * time.Minute

// answeringAgain is how old a sign is before the next one is kept.
const answeringAgain = 15 * time.Second

// MaxNote is the longest note, in characters.
const MaxNote = 1000

// mostNotes is how many notes a conversation shows.
const mostNotes = 50

// Codes of refused notes.
const (
	CodeNoteEmpty  reason.Code = "people/note_empty"
	CodeNoteLong   reason.Code = "people/note_too_long"
	CodeNoteLetter reason.Code = "people/note_forbidden_character"
	CodeNoteNobody reason.Code = "people/note_of_nobody"
)

// NoteError says what is wrong with a note.
type NoteError struct{ Reason reason.Reason }

// Error implements error, in English.
func (e *NoteError) Error() string { return e.Reason.In(reason.English) }

// Desk is where colleagues share conversations: who sees to one, what they tell each other
// about it, and who is writing an answer.
type Desk struct {
	Store ThreadStore
	Now   func() time.Time
}

// Assign gives a conversation to a person, or to nobody. It returns ErrMoved where a
// colleague was faster.
func (d *Desk) Assign(ctx context.Context, a Assignment) error { return d.Store.Assign(ctx, a) }

// Note keeps what a colleague tells others. The error is a *NoteError where the colleague
// can mend it.
func (d *Desk) Note(ctx context.Context, t Thread, by sms.Actor, text string) (Note, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	switch {
	case text == "":
		return Note{}, &NoteError{reason.Of(CodeNoteEmpty, nil)}
	case utf8.RuneCountInString(text) > MaxNote:
		return Note{}, &NoteError{reason.Of(CodeNoteLong, reason.Args{
			"most": reason.Count(MaxNote), "count": reason.Count(utf8.RuneCountInString(text)),
		})}
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unfit):
		return Note{}, &NoteError{reason.Of(CodeNoteLetter, nil)}
	case t.Alone():
		return Note{}, &NoteError{reason.Of(CodeNoteNobody, nil)}
	}
	now := d.Now()
	n := Note{
		Account: t.Account, ID: sms.BucketOf(t.Account).NewID(now), Reply: t.Reply, By: by, At: now, Text: text,
	}
	err := d.Store.AddNote(ctx, n)
	if errors.Is(err, ErrNobody) {
		return n, &NoteError{reason.Of(CodeNoteNobody, nil)}
	}
	return n, err
}

func unfit(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

// DropNote removes a note of its author. It reports whether there was one.
func (d *Desk) DropNote(ctx context.Context, account string, id sms.ID, by sms.Actor) (bool, error) {
	return d.Store.DropNote(ctx, account, id, by)
}

// Notes returns the newest notes on a conversation, the oldest of them first.
func (d *Desk) Notes(ctx context.Context, t Thread) ([]Note, error) {
	found, err := d.Store.Notes(ctx, t, mostNotes)
	slices.Reverse(found)
	return found, err
}

// Writes keeps the sign that somebody is writing an answer. It holds for AnsweringFor.
func (d *Desk) Writes(ctx context.Context, t Thread, by sms.Actor) error {
	now := d.Now()
	signs, err := d.Store.Answering(ctx, t, now.Add(-answeringAgain))
	if err != nil || slices.ContainsFunc(signs, func(a Answering) bool { return a.By == by }) {
		return err
	}
	a := Answering{Account: t.Account, Reply: t.Reply, By: by, Since: now, At: now}
	return d.Store.KeepAnswering(ctx, a, now.Add(-AnsweringFor))
}

// Wrote ends what Writes began.
func (d *Desk) Wrote(ctx context.Context, t Thread, by sms.Actor) error {
	return d.Store.EndAnswering(ctx, t, by)
}

// Writers returns who else is writing an answer, and since when, the first one first.
func (d *Desk) Writers(ctx context.Context, t Thread, but sms.Actor) ([]Answering, error) {
	signs, err := d.Store.Answering(ctx, t, d.Now().Add(-AnsweringFor))
	seen := map[sms.Actor]bool{but: true}
	return slices.DeleteFunc(signs, func(a Answering) bool {
		known := seen[a.By]
		seen[a.By] = true
		return known
	}), err
}
