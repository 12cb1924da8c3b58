// Package table is the quiet half of both stores: accounts and keys, settings, what the
// doors keep, webhook endpoints and what they are told, replies and suppression lists,
// what is kept of people, credit, who signs in. Its statements are written once, for PostgreSQL, and
// put into the words of SQLite by a short list of replacements. What is under load, and
// what one database does in another way than the other, is in the stores themselves.
package table

import (
	"context"
	"sync"
	"time"

	"relais/auth"
	"relais/campaign/ledger"
	"relais/inbox"
	"relais/person"
	"relais/sms"
	"relais/webhook"
)

// Scan reads the columns of a row.
type Scan func(into ...any) error

// Conn runs statements of the database's own dialect.
type Conn interface {
	// Query calls row for each row of the answer, until it returns an error.
	Query(query string, args []any, row func(Scan) error) error
	// Exec returns how many rows changed.
	Exec(query string, args []any) (changed int, err error)
	// ExecEach is Exec once for each list of arguments, all of them or none.
	ExecEach(query string, lists [][]any) (changed int, err error)
	// Tell puts an event in the outbox, and a delivery of it for each endpoint that wants
	// it. It returns the number of the event.
	Tell(e Event) (seq int64, err error)
	// Move moves messages that still stand where their transitions start, and says which. It comes
	// before each Tell of its transaction, and once.
	Move(transitions []sms.Transition) (moved []bool, err error)
	// Lock lets one transaction at a time go on behind it with a name, until its end.
	Lock(name string) error
	// EndpointsChange says that webhook endpoints will be added, changed or removed: a store
	// may remember who wants which events, and what happened before goes to those of before.
	EndpointsChange() error
}

// Event is what callers are told.
type Event struct {
	Account string // empty: of the whole gateway
	Type    webhook.Type
	Subject sms.ID
	At      time.Time
	Data    []byte // nil: made of the message and of its last event
}

// Database is what the tables need of a store.
type Database interface {
	// Conn reads beside transactions, and writes each statement in one of its own.
	Conn(ctx context.Context) Conn
	// Transact runs f in a transaction: all of it is on disk when Transact returns nil,
	// else nothing. f may run more than once, and each time anew.
	Transact(ctx context.Context, f func(Conn) error) error
}

// Dialect is how a database differs from PostgreSQL with ids as arrays of 16 bytes.
type Dialect struct {
	Words func(statement string) string // the statement in the database's own words
	ID    func(sms.ID) any              // an argument
	Text  func(string) string           // a text that the database takes
	// Seen is a further condition on rows of the outbox: nothing will appear before them.
	Seen string
	// OneWriter: transactions that write wait for each other, so that what takes long is
	// read before they begin.
	OneWriter bool
}

// Tables are the tables of a database. A store embeds them.
type Tables struct {
	accounts
	acts
	audits
	campaigns
	campaignPurges
	contacts
	counts
	credits
	decisions
	deliveries
	endpoints
	feed
	forgetting
	hastening
	lanes
	lists
	messages
	nonces
	optOuts
	ovhKeys
	ovhServices
	pauses
	people
	purges
	replies
	secrets
	settings
	shadows
	smppParts
	templates
	threads
	timelines
	unmatched
	usages
	users
	userSessions
}

// New returns the tables of a database.
func New(db Database, d Dialect) Tables {
	r := &runner{db: db, dialect: d}
	return Tables{
		accounts{r},
		acts{r},
		audits{r},
		campaigns{r},
		campaignPurges{r},
		contacts{r},
		counts{r},
		credits{r},
		decisions{r},
		deliveries{r},
		endpoints{r},
		feed{r},
		forgetting{r},
		hastening{r},
		lanes{r},
		lists{r},
		messages{r},
		nonces{r},
		optOuts{r},
		ovhKeys{r},
		ovhServices{r},
		pauses{r},
		people{r},
		purges{r},
		replies{r},
		secrets{r},
		settings{r},
		shadows{r},
		smppParts{r},
		templates{r},
		threads{r},
		timelines{r},
		unmatched{r},
		usages{r},
		users{r},
		userSessions{r},
	}
}

// Watched returns statements, in the words of a dialect, that must find their rows by
// an index however many there are; the tests of the stores ask their databases.
func Watched(d Dialect) map[string]string {
	r := &runner{dialect: d}
	audit, _ := auditQuery(person.AuditQuery{})
	auditOfOne, _ := auditQuery(person.AuditQuery{Subject: "~a"})
	feed, _ := r.feedQuery("default", 0, nil, 0)
	changes, _ := r.changesQuery("default", 0, 1)
	acts, _ := actsQuery(auth.ActQuery{Accounts: []string{"default"}, Before: sms.NewID(time.Now())})
	notes, _ := notesQuery(&inbox.Thread{Account: "default", From: "+33639980001", Hidden: "~a"})
	assigned, _ := repliesQuery(inbox.InboundQuery{Account: "default", AssignedTo: "user:anne", Limit: 1})
	actsOfOne, _ := actsQuery(auth.ActQuery{Actor: sms.UserActor("anne")})
	listed, _ := campaignsQuery(ledger.Query{Account: "default", Before: sms.NewID(time.Now())})
	rows, _ := rowsQuery(ledger.RowQuery{Account: "default"})
	rowsOfState, _ := rowsQuery(ledger.RowQuery{Account: "default", State: ledger.Skipped, Code: "x"})
	words := map[string]string{}
	for name, statement := range map[string]string{
		"acts":                          acts,
		"acts of one":                   actsOfOne,
		"audit":                         audit,
		"audit of a person":             auditOfOne,
		"backlog":                       selectBacklog,
		"campaign":                      selectCampaign,
		"campaigns of an account":       listed,
		"campaigns in a status":         selectInStatus,
		"campaign of a request":         selectRequest,
		"timeline of a campaign":        selectEvents,
		"part of a file":                selectChunk,
		"earlier uploads":               dropOtherUploads,
		"file of a dropped campaign":    dropChunks,
		"rows of a dropped campaign":    dropRows,
		"events of a dropped campaign":  dropEvents,
		"rows of a campaign":            rows,
		"rows in a state":               rowsOfState,
		"rows in a state, any":          hasState,
		"rows of a check of before":     deleteRows,
		"rows that wait":                selectWaitingRows,
		"rows that wait, to cancel":     selectWaitingLines,
		"reminders that are due":        selectDueRows,
		"reminders that wait":           selectSeriesRows,
		"reminders, their campaigns":    lockSeries,
		"reminders that are queued":     selectRecallable,
		"reminders that were sent":      skipReminded,
		"reminders to replace":          replaceRows,
		"reminders to cancel":           cancelGone,
		"reminders, other campaigns'":   selectOthersOf,
		"campaigns that started later":  selectLater,
		"rows that are taken":           selectTakenRows,
		"what a campaign has queued":    countQueued,
		"take a campaign on":            lead,
		"take rows, the campaign":       holdTake,
		"campaigns to forget":           selectForgettable,
		"campaigns to hide":             selectHideable,
		"page of rows to forget":        selectPageOfRows,
		"values to forget":              forgetValues,
		"parts of a file":               dropFileParts,
		"parts of any file":             dropAnyParts,
		"rows of a person":              selectPersonRows,
		"rows to erase":                 selectErasableRows,
		"checks to begin anew":          checkAgain,
		"campaigns to erase from":       lockErased,
		"what was said, to forget":      forgetSaid,
		"tests of campaigns":            countTests,
		"erase of a row":                eraseRow,
		"take a row":                    takeRow,
		"end a row":                     endRow,
		"who answered a campaign":       selectRowsAnswered,
		"who opted out by an answer":    selectAnswers,
		"comparisons that differ":       selectShadows,
		"answers of receivers, erased":  eraseAnswers,
		"erase of a message":            eraseMessage,
		"erase of a text":               eraseText,
		"feed":                          feed,
		"what changed":                  changes,
		"what changed last":             r.lastChange(),
		"forget keys":                   deleteKeys,
		"receipts nobody knew":          deleteReceipts,
		"what was used":                 selectUsage,
		"how webhooks stand":            selectStanding,
		"reminders that go live":        goLive,
		"lists of an account":           presentLists,
		"lists of an account, counted":  countLists,
		"lists of an account, locked":   lockLists,
		"list of a name":                selectNamed,
		"a list to fill":                fillList,
		"tables that are being read":    dropReading,
		"a list":                        selectList,
		"entries of a list":             selectEntries,
		"entry of a list":               deleteEntry,
		"who is on one list only":       onlyIn,
		"who changed on a list":         changedIn,
		"lists whose days are over":     selectEnded,
		"tables that nobody wanted":     selectLeft,
		"lists to prune":                selectStale,
		"entries to prune":              pruneList,
		"entries to erase":              eraseEntries,
		"entries of a person":           selectPersonEntries,
		"messages in doubt":             selectDoubtful,
		"messages to erase":             selectErasable,
		"old comparisons":               deleteShadows,
		"old nonces":                    deleteNonces,
		"old sessions":                  dropSessions,
		"sessions of a user":            selectSessionsOf,
		"missed receipts":               selectAwaiting,
		"one message":                   selectMessage,
		"others of a request":           selectOthers,
		"page of opt-outs":              selectOptOuts,
		"passkeys of a user":            selectPasskeys,
		"proofs":                        selectProofs,
		"event of a reply":              selectReplyEvent,
		"event of a reply, erased":      updateReplyEvent,
		"erase of a reply":              eraseReply,
		"notes on a conversation":       notes,
		"notes to erase":                deleteThreadNotes,
		"notes that may be purged":      selectPurgeableNotes,
		"replies of one person's":       assigned,
		"put off":                       selectAhead,
		"questions put off":             hastenDoubts,
		"replies to erase":              selectErasableReplies,
		"share of a text":               countShare,
		"texts that were not counted":   selectUncounted,
		"unhandled replies":             selectUnhandled,
		"webhooks put off":              hastenDeliveries,
		"webhooks that are due":         selectDue,
		"what busies an endpoint":       selectBusy,
		"what may be given away":        selectQueued,
		"what may be moved":             selectMovable,
		"what a pause would move":       countMovable,
		"what waits for a connector":    selectOutlook,
		"what may be purged":            selectPurgeable,
		"what still waits":              selectStillNeeded,
		"what still waits of one":       selectOneNeeded,
		"purge of a text":               purgeText,
		"purge of a text and metadata":  purgeWhole,
		"purge of a number":             hideNumber,
		"who has something to move":     selectMovers,
		"contacts of an account":        selectContacts,
		"contacts of a group":           selectMembers,
		"a contact":                     selectContact,
		"members to forget":             deleteMembers,
		"groups of an account":          presentGroups,
		"a group":                       selectGroup,
		"group of a name":               groupNamed,
		"groups of an account, counted": countGroups,
		"groups that were dropped":      selectDroppedGroup,
		"proofs that are old":           selectOldContacts,
		"a part that waits":             selectWaitingPart,
		"parts that wait":               selectWaitingParts,
		"parts that wait for long":      selectOldParts,
		"parts that wait, counted":      countParts,
		"parts to a person":             selectPersonParts,
		"parts that failed":             selectFailedParts,
		"parts that came before":        selectEarlierParts,
		"parts of a message":            selectJoinedParts,
		"one part":                      selectPart,
		"parts of a person":             eraseParts,
		"parts to forget":               deleteParts,
		"parts that nobody waits for":   deleteLoose,
		"parts of an erased message":    eraseJoined,
	} {
		words[name] = d.Words(statement)
	}
	return words
}

// runner runs statements as they are written here.
type runner struct {
	db      Database
	dialect Dialect
	words   sync.Map // of statements, once they were put into words
}

// on returns what runs outside of transactions.
func (r *runner) on(ctx context.Context) runs { return runs{r, r.db.Conn(ctx)} }

// transact runs f in a transaction, perhaps more than once.
func (r *runner) transact(ctx context.Context, f func(runs) error) error {
	return r.db.Transact(ctx, func(c Conn) error { return f(runs{r, c}) })
}

func (r *runner) inWords(statement string) string {
	if words, known := r.words.Load(statement); known {
		return words.(string)
	}
	words := r.dialect.Words(statement)
	r.words.Store(statement, words)
	return words
}

// runs is a connection that takes statements and values as they are written here.
type runs struct {
	*runner
	conn Conn
}

// exec returns how many rows changed.
func (r runs) exec(statement string, args ...any) (int, error) {
	return r.conn.Exec(r.inWords(statement), r.values(args))
}

// execEach is exec once for each list of arguments.
func (r runs) execEach(statement string, lists [][]any) (int, error) {
	values := make([][]any, len(lists))
	for i, args := range lists {
		values[i] = r.values(args)
	}
	return r.conn.ExecEach(r.inWords(statement), values)
}

// do is exec for callers that do not count rows.
func (r runs) do(statement string, args ...any) error {
	_, err := r.exec(statement, args...)
	return err
}

func (r runs) query(statement string, args []any, row func(Scan) error) error {
	return r.conn.Query(r.inWords(statement), r.values(args),
		func(scan Scan) error { return row(scanning(scan)) })
}

// read scans the only row of an answer. It reports whether there is one.
func (r runs) read(statement string, args []any, into ...any) (found bool, err error) {
	err = r.query(statement, args, func(scan Scan) error {
		found = true
		return scan(into...)
	})
	return found, err
}

// list reads every row of an answer; it is never nil.
func list[T any](r runs, scan func(Scan) (T, error), statement string, args ...any) ([]T, error) {
	all := []T{}
	err := r.query(statement, args, func(row Scan) error {
		one, err := scan(row)
		if err == nil {
			all = append(all, one)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// first reads the first row of an answer. It reports whether there is one.
func first[T any](
	r runs, scan func(Scan) (T, error), statement string, args ...any,
) (one T, found bool, err error) {
	err = r.query(statement, args, func(row Scan) error {
		if found {
			return nil
		}
		found = true
		var err error
		one, err = scan(row)
		return err
	})
	return one, found, err
}
