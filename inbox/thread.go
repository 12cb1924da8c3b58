package inbox

import (
	"context"
	"errors"
	"time"

	"relais/sms"
)

// Thread names everything that one person wrote to an account. Nobody can tell whose a
// reply is whose number was erased: it is a thread of its own.
type Thread struct {
	Account string
	Reply   sms.ID     // one of its replies
	From    sms.Number // who wrote
	Hidden  sms.Number // what stands for From where it was hidden; empty: nothing
}

// Alone reports whether the reply is all that there is.
func (t *Thread) Alone() bool { return t.From == "" || t.From == sms.NoNumber }

// Assignment gives a conversation to a person.
type Assignment struct {
	Thread

	Was sms.Actor // who had it when somebody decided; empty: nobody
	To  sms.Actor // empty: nobody
}

// Note is what a colleague tells others about a conversation. It is never sent.
type Note struct {
	Account string
	ID      sms.ID
	Reply   sms.ID // one of the conversation
	By      sms.Actor
	At      time.Time
	Text    string
}

// Answering is a sign that somebody is writing an answer.
type Answering struct {
	Account string
	Reply   sms.ID // by which the conversation was opened
	By      sms.Actor
	Since   time.Time
	At      time.Time // of the last sign
}

// Errors of a ThreadStore.
var (
	// ErrMoved is returned for a conversation that somebody else has assigned meanwhile.
	ErrMoved = errors.New("the conversation was assigned meanwhile")
	// ErrNobody is returned for a note on a reply that is not there, or whose person was
	// erased: the note could not be erased with them.
	ErrNobody = errors.New("the reply is of nobody")
)

// ThreadStore keeps what colleagues share about conversations.
type ThreadStore interface {
	// Assign gives a conversation to a person. A reply that comes later is theirs too.
	// It returns ErrMoved where another one has it than was thought.
	Assign(ctx context.Context, a Assignment) error
	// AddNote keeps a note. It returns ErrNobody where it could not be erased.
	AddNote(ctx context.Context, n Note) error
	// DropNote removes a note of an author. It reports whether there was one.
	DropNote(ctx context.Context, account string, id sms.ID, by sms.Actor) (dropped bool, err error)
	// Notes returns the notes on a conversation, the newest first.
	Notes(ctx context.Context, t Thread, limit int) ([]Note, error)
	// KeepAnswering keeps a sign, and forgets those of the account that are older than a
	// time. The first sign says since when.
	KeepAnswering(ctx context.Context, a Answering, forget time.Time) error
	// EndAnswering forgets the signs of somebody in a conversation.
	EndAnswering(ctx context.Context, t Thread, by sms.Actor) error
	// Answering returns the signs in a conversation that are younger than a time.
	Answering(ctx context.Context, t Thread, since time.Time) ([]Answering, error)
}
