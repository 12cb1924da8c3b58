package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"relais/reason"
	"relais/sms"
)

// Errors of a Store.
var (
	ErrUnknown   = errors.New("there is no such campaign")
	ErrOutdated  = errors.New("the campaign was changed since")
	ErrStatus    = errors.New("the status of the campaign does not allow it")
	ErrKeyReused = errors.New("the key came before with another request")
	ErrTests     = errors.New("that many tests were sent already")
	// ErrOwn is of somebody who agrees to what they wrote or started themselves.
	ErrOwn = errors.New("whoever agrees wrote or started the campaign")
	// ErrTaken is of a row that somebody else took, or that does not wait.
	ErrTaken = errors.New("a row of the campaign is not waiting")
	// ErrStopped is of a campaign that does not run, or that another node feeds.
	ErrStopped = errors.New("the campaign is not running here")
)

// SentBeforeError is of a start that sends what another campaign sent.
type SentBeforeError struct{ Campaign sms.ID }

// Error implements error.
func (e *SentBeforeError) Error() string {
	return "campaign " + e.Campaign.String() + " sent the same to the same numbers"
}

// Store keeps campaigns. Each method is one transaction.
type Store interface {
	Drafts
	Steps
	Files
	Rows
	Feed
	Reminders
	Tests
}

// Drafts are campaigns as people write them.
type Drafts interface {
	// AddCampaign keeps a draft.
	AddCampaign(ctx context.Context, c Campaign) error
	// AddCampaignOnce keeps a draft, or returns the one that the same request began before, and
	// reports whether there was one. Of another request by the same key it returns ErrKeyReused. A
	// key is known for as long as its campaign.
	AddCampaignOnce(ctx context.Context, c Campaign, request Request) (kept Campaign, known bool, err error)
	// AddRunning keeps a campaign that runs from its first moment, with all its rows: whoever made
	// it may be told so, or nothing of it is there.
	AddRunning(ctx context.Context, c Campaign, rows []Row) error
	// Campaign returns one, or ErrUnknown.
	Campaign(ctx context.Context, account string, id sms.ID) (Campaign, error)
	// Campaigns returns a page, newest first, without looks and reports.
	Campaigns(ctx context.Context, q Query) (found []Campaign, more bool, err error)
	// ChangeCampaign keeps what somebody wrote over a version, which makes a draft of the
	// campaign, without a check. It returns ErrUnknown, ErrOutdated or ErrStatus.
	ChangeCampaign(ctx context.Context, account string, id sms.ID, seen int, c Content, by Mark) (Campaign, error)
	// DropCampaign hides a draft from everybody: it is Dropped. It returns ErrUnknown or
	// ErrStatus.
	DropCampaign(ctx context.Context, account string, id sms.ID) error
	// ForgetCampaign takes away some of what a dropped campaign has, its file first and itself
	// last, and reports whether nothing is left. Of any other campaign it takes nothing.
	ForgetCampaign(ctx context.Context, account string, id sms.ID) (gone bool, err error)
	// CampaignEvents returns the timeline, oldest first.
	CampaignEvents(ctx context.Context, account string, id sms.ID) ([]Event, error)
}

// Request is one that begins a campaign, by which it is known when it comes again.
type Request struct {
	Key    string   // that the caller gave; not empty
	SHA256 [32]byte // of its body
}

// Query asks for campaigns.
type Query struct {
	Account string
	Status  Status // empty: any
	Before  sms.ID // zero: from the newest
	Limit   int
}

// Mark is who does something, and when.
type Mark struct {
	At time.Time
	By sms.Actor
}

// Steps move campaigns.
type Steps interface {
	// MoveCampaign changes the status of a campaign, and writes its event. A campaign of reminders
	// that runs from being ready joins its series: what waits there of appointments that it has
	// as well, and where it is complete of those that it has not, is canceled in the same
	// transaction, and its own rows whose very reminder was sent are skipped. It returns
	// ErrUnknown; ErrOutdated where a check or a version is asked for that it does not have;
	// ErrOwn; a *SentBeforeError; ErrStatus, with the campaign as it is, where it may not move from where it is.
	MoveCampaign(ctx context.Context, account string, id sms.ID, m Move) (Campaign, error)
}

// Tests are messages of campaigns to those who write them.
type Tests interface {
	// NoteTest writes a test of a campaign into its timeline, or returns ErrTests where
	// whoever makes it made that many in the account since a time, of all its campaigns.
	NoteTest(ctx context.Context, account string, id sms.ID, by Mark, since time.Time, most int) error
}

// Reminders are rows with an appointment. A campaign of them joins its series when it starts.
type Reminders interface {
	// SeriesRows returns rows of a series that wait, of campaigns that were started, by key,
	// behind one, which is zero at first.
	SeriesRows(ctx context.Context, account string, series sms.ID, after SeriesPlace, limit int) ([]SeriesRow, error)
}

// Move is a change of status.
type Move struct {
	Mark

	From    []Status // where it may come from; each of them may be followed by To
	To      Status
	Why     reason.Code
	Saw     reason.Reason // why, with what was seen; zero: nothing more than Why
	Check   string        // that the campaign must have; empty: any
	Version int           // that the campaign must have; 0: any
	StartAt time.Time     // of a campaign that is scheduled, or is to be once somebody agrees
	// Second says that whoever moves it agrees to what others wrote and started: else ErrOwn. A key
	// and whoever made it are one person, and so are two keys of one maker.
	Second bool
	// SentSince refuses, with a *SentBeforeError, to start what another campaign that began since sends or
	// is about to send to the same numbers; zero: it does not matter. Of two that start at once, one is refused.
	SentSince time.Time
	// Without are states that no row may have: else ErrStatus.
	Without []State
}

// Files are the tables that people uploaded, in parts.
type Files interface {
	// PutChunk keeps a part of an upload, which is no file of the campaign yet.
	PutChunk(ctx context.Context, account string, id, upload sms.ID, n int, sealed []byte) error
	// Chunk returns a part of an upload, or ErrUnknown.
	Chunk(ctx context.Context, account string, id, upload sms.ID, n int) ([]byte, error)
	// PutFile makes an upload the file of a campaign, as ChangeCampaign does, and forgets
	// every other upload of it. The campaign is a retry from then on where the file says so, and
	// else is none.
	PutFile(
		ctx context.Context, account string, id sms.ID, seen int, f File, look json.RawMessage, by Mark,
	) (Campaign, error)
	// DropChunks forgets an upload that did not become a file.
	DropChunks(ctx context.Context, account string, id, upload sms.ID) error
}

// Rows are what became of the rows.
type Rows interface {
	// CampaignRows returns a page of rows, by their number.
	CampaignRows(ctx context.Context, q RowQuery) (found []Row, more bool, err error)
	// BeginRows forgets some rows of a check of before, and reports whether all are gone.
	// It returns ErrStopped where the check does not go on here.
	BeginRows(ctx context.Context, c Claim) (empty bool, err error)
	// AddRows keeps rows that were judged, and how far the check is. It returns ErrStopped.
	AddRows(ctx context.Context, c Claim, rows []Row, p Progress) error
	// EndCheck makes the campaign ready, or a draft where there is a problem. It returns
	// ErrStopped.
	EndCheck(ctx context.Context, c Claim, done Checked) error
}

// RowQuery asks for rows.
type RowQuery struct {
	Account  string
	Campaign sms.ID
	State    State // empty: any
	Code     string
	After    int // the row before; 0: from the first
	Before   int // the row behind: those before it, from the last one; 0: none
	Limit    int
}

// Claim is who works on a campaign.
type Claim struct {
	Account  string
	Campaign sms.ID
	Fence    int64
	Version  int
}

// Checked is the end of a check.
type Checked struct {
	At    time.Time
	Check string
	// Messages is the same for campaigns that send the same texts to the same numbers; empty: not known.
	Messages string
	Report   json.RawMessage
	Look     json.RawMessage
	Problem  reason.Reason
}

// Feed makes messages of rows.
type Feed interface {
	// Active returns campaigns that are in a status, of every account.
	Active(ctx context.Context, status Status) ([]Campaign, error)
	// Lead makes a fence the one by which a campaign is worked on. It returns ErrStopped
	// where a higher one has it.
	Lead(ctx context.Context, c Claim) error
	// WaitingRows returns the first rows that wait.
	WaitingRows(ctx context.Context, account string, id sms.ID, limit int) ([]Row, error)
	// DueRows returns the first rows that wait of a campaign of reminders and are due by a
	// wall-clock time, the earliest first.
	DueRows(ctx context.Context, account string, id sms.ID, by time.Time, limit int) ([]Row, error)
	// SkipRows moves rows that wait to skipped, with the reasons that they have. It returns
	// ErrStopped or ErrTaken, and moves none then.
	SkipRows(ctx context.Context, c Claim, rows []Row) error
	// TakenRows returns taken rows behind one, with the status of their messages.
	TakenRows(ctx context.Context, account string, id sms.ID, after, limit int) ([]Row, error)
	// FedAhead counts messages that wait, of the rows that were taken last, up to a number.
	FedAhead(ctx context.Context, account string, id sms.ID, most int) (int, error)
	// EndRows moves taken rows to the states that they have: ended, waiting again, canceled;
	// guards count those that ended. Only one that ended keeps its message. A reminder of which a newer one waits is canceled
	// instead of waiting again. It returns ErrTaken where one is not taken by the
	// message that it has here any more, ErrStopped, and moves none then.
	EndRows(ctx context.Context, c Claim, rows []Row) error
	// CampaignOptOuts counts people of rows that ended from a moment on who have opted out by an
	// answer since.
	CampaignOptOuts(ctx context.Context, account string, id sms.ID, from time.Time) (int, error)
	// CampaignWaits keeps what a campaign waits for. It returns ErrStopped.
	CampaignWaits(ctx context.Context, c Claim, what Wait) error
	// CancelRows moves some rows that wait to canceled, of a campaign that is canceling.
	CancelRows(ctx context.Context, account string, id sms.ID, limit int) (canceled int, err error)
}

// Taking marks a submission whose messages are rows of a campaign. The store that accepts
// it takes the rows in the same transaction.
type Taking struct {
	Campaign sms.ID
	Fence    int64
	Rows     []int // of the recipients, in order
}
