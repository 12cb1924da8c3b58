// Package storetest is the conformance suite of stores: every store of the
// gateway passes Run. Each test states one promise that the gateway relies on.
//
// Start with storetest.go; the other files hold the promises of one use case.
package storetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"relais/auth"
	"relais/campaign/ledger"
	"relais/contact"
	"relais/credit"
	"relais/door/ovh"
	"relais/door/passerelle"
	"relais/door/shadow"
	"relais/door/smpp"
	"relais/gateway"
	"relais/inbox"
	"relais/lane"
	"relais/quota"
	"relais/reason"
	"relais/search"
	"relais/sms"
	"relais/template"
	"relais/usage"
	"relais/webhook"
)

// Store is everything that the program asks of a store.
type Store interface {
	gateway.Store
	quota.Store
	credit.Store
	auth.Store
	auth.PeopleStore
	webhook.EndpointStore
	webhook.DeliveryStore
	webhook.Log
	Changes(ctx context.Context, account string, after int64, limit int) ([]webhook.Happening, error)
	LastChange(ctx context.Context, account string) (int64, error)
	passerelle.Store
	shadow.Store
	ovh.Store
	smpp.PartStore
	usage.Reader
	contact.DirectoryStore
	contact.Store
	template.Store
	ledger.Store
	inbox.ThreadStore
	Message(ctx context.Context, account string, id sms.ID) (sms.Message, error)
	Timeline(ctx context.Context, account string, id sms.ID) ([]sms.Event, []reason.Reason, error)
	Search(ctx context.Context, q search.Query) (found []sms.Message, more bool, err error)
	Inbounds(ctx context.Context, q inbox.InboundQuery) (found []inbox.Inbound, more bool, err error)
	Ping(ctx context.Context) error
	Setting(ctx context.Context, name string) (string, error)
	SetSetting(ctx context.Context, name, value string) error
	Settings(ctx context.Context, prefix string) (map[string]string, error)
	DropSetting(ctx context.Context, name string) error
	Agree(ctx context.Context, name, value string) (same bool, err error)
	Sealed(ctx context.Context) ([]byte, error)
	Close() error
}

// Run checks a store. open opens one on the same data each time that it is
// called in one test, and on other data in another test.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, promise := range []struct {
		name string
		test func(t *testing.T, open func(t *testing.T) Store)
	}{
		{"what is accepted is there, whole, after reopening", acceptedIsDurable},
		{"the kind of a message is kept", kindIsKept},
		{"a message leaves with its metadata", metadataLeaves},
		{"a message keeps what was read of its number", placesKept},
		{"the same idempotency key stores once and gives the first answer", sameKeySameAnswer},
		{"one key used by many at once stores once", keyRace},
		{"accepts that share a commit are all stored", manyAccepts},
		{"a batch is stored whole, with one key", batchStoredWhole},
		{"a batch that a quota does not allow leaves nothing", batchAllOrNothing},
		{"a batch counts to whom it writes more than once", batchRepeats},
		{"one key used by many batches at once stores once", batchRace},
		{"a secret that is replaced signs on for a while", secretsRotate},
		{"so does the secret of an account", accountSecretRotates},
		{"urgent first, then the longest due, never before its time", claimOrder},
		{"a far date at a high priority holds up nothing", farDates},
		{"calls are packed by batch, text and solitude", claimPacks},
		{"accounts take turns, and keys inside them", turnsTaken},
		{"the first of what falls due in a minute is known", firstOfAMinute},
		{"a claim goes on with the turns of the last one", turnsRemembered},
		{"nobody waits behind what others have waiting", turnsUnderFlood},
		{"parts of a message wait, are joined, fail and are forgotten", partsKept},
		{"what comes back or over takes its turn", turnsKept},
		{"two claims never share a message", claimRace},
		{"a message past its validity expires instead of leaving", claimExpires},
		{"a claim writes the attempt before it returns", claimWrites},
		{"settle moves a message and writes its event", settleMoves},
		{"settle leaves out what does not fit", settleFits},
		{"settle refuses a move that the status table lacks", settleIllegal},
		{"a refund gives the attempt back and solo stays", settleRefund},
		{"expire ends what waits past its validity", expireSweeps},
		{"recover holds what a dead process was sending", recoverHolds},
		{"a forgotten key may be used again, a younger one may not", keysForgotten},
		{"messages that a clock put off which ran ahead go when it is set back", sentByClockSetBack},
		{"questions asked under such a clock about an older doubt, too", questionsHastenedByClockSetBack},
		{"questions and webhooks that such a clock put off are due when it is set back", hastenedByClockSetBack},
		{"the backlog counts what waits", backlogCounts},
		{"what changed is read by its number, an account at a time", changesRead},
		{"a pause of a connector is kept, and told in the audit", pausesKept},
		{"a setting is agreed on once, whoever asks", settingsAgree},
		{"what is sealed is found, wherever it is", sealedIsFound},
		{"a receipt moves its message once, and never back", receiptsOnce},
		{"a receipt that is not final is noted once, and not after the end", receiptsPending},
		{"receipts that are not final are noted up to a bound", notesBounded},
		{"a receipt that comes before the answer waits for it", receiptsEarly},
		{"receipts that come before the answers of a batch wait for their messages", receiptsEarlyMany},
		{"a receipt that waits at one connector is not another's", receiptsApart},
		{"our reference finds a message that is in doubt, or queued", receiptsByReference},
		{"a storm of receipts leaves one history", receiptStorm},
		{"a long message is delivered when each of its parts is", partsJoined},
		{"parts that arrive before the answer wait for it", partsEarly},
		{"a part that arrived proves that a message in doubt was taken", partsInDoubt},
		{"parts that arrive at once make one end", partsArriveAtOnce},
		{"an end that our clock gave yields to the operator's late word, once", lateWords},
		{"a receipt that contradicts an end is noted, and changes nothing", contradictions},
		{"a storm of late words leaves one end of the operator's", lateStorm},
		{"a late word about a person who is hidden or erased lists nobody", lateAboutErased},
		{"a reply is stored once and linked to what it answers", repliesLinked},
		{"STOP stops marketing before it leaves, START lets it go", stopAndStart},
		{"a STOP may be for one sender", stopPerSender},
		{"what may be a STOP stops marketing until a person decided", unsureStops},
		{"a person decides about a reply once", decisions},
		{"a STOP, a START and a change by hand decide about what waits", decidedByOthers},
		{"the reader of replies knows the account and the sender", readerOfReplies},
		{"an operator's block counts once", operatorBlocks},
		{"a STOP before the answer", stopBeforeAnswer},
		{"a list is read page by page", optOutPages},
		{"a missed receipt is awaited until it comes", receiptsMissed},
		{"messages in doubt are asked about", doubts},
		{"a second chance is one further message", secondChances},
		{"queued messages move to another connector, once", moves},
		{"accounts take turns when messages are moved or asked about", turnsAfter},
		{"a cursor is kept", cursors},
		{"credit, its alert and its samples are kept", credits},
		{"what happens to a message reaches those who asked for it, in its order", webhooksInOrder},
		{"the webhook of a request gets what names it alone", webhooksOfRequests},
		{"a webhook's retries, end and replay are kept", webhooksSettled},
		{"a webhook's attempts and answers are remembered", webhooksRemembered},
		{"a replay of webhooks is counted, and goes in steps", webhooksReplayedInSteps},
		{"an attempt does not undo what a person did to a webhook", webhooksJudged},
		{"a webhook that comes back gets what waited at once", webhooksBack},
		{"of several changes of one webhook that people saw one counts", webhooksRaced},
		{"how webhooks stand", webhooksStand},
		{"endpoints of one account are not another's", webhooksApart},
		{"the feed goes on from a cursor", feedPages},
		{"old events are dropped and what waits is kept", pruned},
		{"a number of an event that was dropped does not come again", numbersStayUsed},
		{"what is kept no longer goes, and what waits stays", purges},
		{"months that are kept no longer are dropped, and what waits is not", dropsHistory},
		{"a person is erased, and nobody else", erases},
		{"what stands for a number is erased with it", erasesHidden},
		{"answers of receivers go with the person", erasesAnswers},
		{"a text that many got goes with the last of them", erasesShares},
		{"a message that has not ended keeps the text of its second chance", erasesSecondChance},
		{"exports and erasures leave a proof", audits},
		{"search filters, newest first, page by page", searchPages},
		{"search by metadata", searchMetadata},
		{"a nonce is used once", nonces},
		{"messages are counted by their metadata", counts},
		{"a quota counts what is stored and stores nothing beyond", quotaCounts},
		{"a quota that many use at once is kept to the message", quotaRace},
		{"a quota of money that many use at once is kept to the millionth", quotaMoney},
		{"a period of a quota begins anew", quotaPeriods},
		{"a first period is the only one", quotaFirst},
		{"what a quota refuses leaves no trace", quotaRefuses},
		{"messages to one number are counted", repeatsCounted},
		{"quotas look at different numbers of one request", repeatsApart},
		{"messages to one number are counted as a list of them would be", repeatsAsAModel},
		{"what was used is counted by key, class, connector and month", usageRows},
		{"what was sent is what operators took", usageSent},
		{"what was used stays known of people who were erased", usageErased},
		{"a large month is counted whole", usageMany},
		{"one account never sees another's messages", accountsApart},
		{"keys are found by their hash until revoked", keys},
		{"keys have limits", limitedKeys},
		{"accounts are made once", accounts},
		{"a user is added once, with what comes with them", usersAdded},
		{"a user is found by identity and by address, which are nobody else's", usersIdentified},
		{"a user is changed whole or not at all", usersChanged},
		{"passkeys are kept with their user, and an answer counts once", passkeysKept},
		{"a user who is changed by many at once is changed by each", usersLocked},
		{"the last administrator stays", lastAdmin},
		{"two administrators who take each other's role leave one", lastAdminRace},
		{"a link is used once, whoever is first", linkRace},
		{"sessions begin, are replaced and end", sessionsKept},
		{"a user is known by their addresses for a time", addressesKnown},
		{"acts are read page by page, by account and by actor", actPages},
		{"acts are dropped when they are old, and never else", actsDropped},
		{"what somebody changes is in the audit, with them, once", actsOfChanges},
		{"contacts are kept by number, and counted by their groups", contactsKept},
		{"contacts of an import come together", contactsTaken},
		{"contacts that many change at once stay whole", contactsRaced},
		{"consents stay, with how they ended", consentsKept},
		{"contacts that are dropped leave proofs for a time", contactsDropped},
		{"a group is kept by its name", groupsKept},
		{"a contact goes with the person", contactsErased},
		{"a list is kept by its name", listsKept},
		{"a table is compared with its list before it is in force", listsFilled},
		{"of two tables of a list the later counts", listsRaced},
		{"of what a list has no longer nothing is left", listsPruned},
		{"a table of a list that was cut short goes soon", tablesCut},
		{"a person goes from lists", listsErased},
		{"entries of a list come in pages", listsPaged},
		{"a template is added once by its name", templatesAdded},
		{"a change of a template is a version, of the one that was seen", templatesChanged},
		{"two who change a template at once make one version", templateRace},
		{"a template that was put away leaves its name, and comes back", templatesArchived},
		{"a campaign is kept as it was written, by version", campaignsKept},
		{"a campaign of a program runs with its rows once it is kept", campaignsOrdered},
		{"of a dropped campaign nothing is left", campaignForgotten},
		{"two who change a campaign at once make one version", campaignRace},
		{"a campaign has one file, in parts", campaignFiles},
		{"a campaign is a retry by its file", filesOfRetries},
		{"a check keeps rows while it goes on, and one goes on", campaignChecked},
		{"a row is taken with its message, or neither", rowsTaken},
		{"rows that several take at once are taken once", takeRace},
		{"rows end once, and are counted where they are", rowsEnd},
		{"a campaign of reminders takes over what waits of its appointments", remindersJoin(false)},
		{"a campaign of all reminders cancels what it lacks", remindersJoin(true)},
		{"a campaign of reminders takes back what is queued of its appointments", remindersRecalled},
		{"a reminder that a pause gives back waits as the last campaign says", remindersGivenBack},
		{"of reminders that several campaigns start at once each is with one", remindersRace},
		{"tests of campaigns are counted by who makes them", campaignTests},
		{"rows and files of campaigns go with a person", rowsErased},
		{"the appointments of a person who is erased are not kept", remindersErased},
		{"a large file goes with a person, bit by bit", fileErased},
		{"a check begins anew when a person is erased", checkErased},
		{"what a campaign has of people goes after its end", campaignsForgotten},
		{"appointments that are over go with the values", remindersForgotten},
		{"what nobody started is a draft without a table", idleForgotten},
		{"why somebody did not agree goes with the table", sentencesForgotten},
		{"the rows of a person are found", personRows},
		{"the appointments of a person are found", personReminders},
		{"callers are told of the moves of campaigns", campaignTold},
		{"a campaign does not start that sends what another one sent", campaignsOnce},
		{"a campaign moves as the table of statuses says", campaignMoves},
		{"a key and its maker are one person to campaigns", keysAndMakers},
		{"rows that end are counted until a person lets the campaign go on", guardsCount},
		{"who answered a campaign with STOP is counted", whoAnswered},
		{"what a campaign waits for is kept while it runs", campaignWaits},
		{"a conversation stays with whom it was given", threadsAssigned},
		{"two who assign a conversation at once: one is told", assignRace},
		{"a reply that comes while a conversation is given away goes with it", assignedMeanwhile},
		{"a conversation stays with whom it is when its number is hidden", assignedAfterHiding},
		{"a file of opt-outs is taken once", importedOnce},
		{"notes are of a conversation, and go with its person", threadNotes},
		{"notes go with the texts of their account", notesPurged},
		{"a sign that somebody answers ends by itself", threadAnswering},
		{"keys of OVH clients are found and end", ovhKeys},
		{"an account is seen as an OVH service", ovhServices},
		{"users of an OVH service are kept, changed and deleted", ovhUsers},
		{"batches of an OVH service are its account's alone", ovhBatches},
		{"numbers of OVH clients are given once", ovhNumbers},
		{"what was compared with an old gateway is kept for a time", shadows},
	} {
		t.Run(promise.name, func(t *testing.T) { promise.test(t, open) })
	}
}

// start is the time of the first event in every test.
var start = time.Date(2026, 3, 1, 9, 30, 0, 123_456_000, time.UTC)

// draft describes messages to accept; zero fields have plain values.
type draft struct {
	account   string
	actor     sms.Actor
	accepted  time.Time
	to        sms.Number
	text      string
	class     sms.Class
	connector string
	due       time.Time
	valid     time.Duration
	reference string
	metadata  map[string]string
	count     int // messages of the submission
}

// serial numbers the recipients; several goroutines may accept at once.
var serial atomic.Int64

func (d draft) acceptance() *gateway.Acceptance {
	set(&d.account, "default")
	set(&d.actor, "api:test")
	set(&d.accepted, start)
	set(&d.text, "Bonjour")
	set(&d.class, sms.Transactional)
	set(&d.connector, "ovh")
	set(&d.due, start)
	set(&d.valid, time.Hour)
	set(&d.count, 1)
	submission := sms.NewID(start)
	a := &gateway.Acceptance{
		Actor: d.actor, At: d.accepted,
		Decisions: []reason.Reason{reason.Written("class", "As asked.", "")},
	}
	for range d.count {
		to := d.to
		set(&to, sms.Number(fmt.Sprintf("+33639%06d", serial.Add(1))))
		a.Drafts = append(a.Drafts, gateway.Draft{Message: sms.Message{
			ID: sms.NewID(start), Submission: submission, Account: d.account, Actor: d.actor, To: to, Text: d.text,
			Sender: "RELAIS",
			Class:  d.class, Encoding: sms.GSM7, Segments: 2, Reference: d.reference, Metadata: d.metadata,
			Connector: d.connector,
			Status:    sms.Queued, Reason: "accepted",
			DueAt: d.due, ExpiresAt: d.due.Add(d.valid), AcceptedAt: d.accepted, UpdatedAt: d.accepted,
		}})
	}
	return a
}

func set[T comparable](value *T, standard T) {
	var zero T
	if *value == zero {
		*value = standard
	}
}

func accept(t *testing.T, s Store, d draft) []sms.Message {
	t.Helper()
	a := d.acceptance()
	if _, err := s.Accept(t.Context(), a); err != nil {
		t.Fatalf("Accept: %v", err)
	}
	messages := make([]sms.Message, len(a.Drafts))
	for i := range a.Drafts {
		messages[i] = a.Drafts[i].Message
	}
	return messages
}

func claim(t *testing.T, s Store, c lane.Claim) lane.Claimed {
	t.Helper()
	set(&c.Connector, "ovh")
	set(&c.Calls, 100)
	set(&c.Batch, 1)
	set(&c.Now, start)
	claimed, err := s.Claim(t.Context(), c)
	if err != nil {
		t.Fatalf("Claim: %v", err)
	}
	return claimed
}

func claimOne(t *testing.T, s Store) sms.Message {
	t.Helper()
	claimed := claim(t, s, lane.Claim{Calls: 1})
	if len(claimed.Calls) != 1 {
		t.Fatalf("claimed %d calls, want 1", len(claimed.Calls))
	}
	return claimed.Calls[0][0]
}

func move(m sms.Message, to sms.Status, code string) sms.Transition {
	return sms.Transition{
		Account: m.Account, ID: m.ID, From: m.Status, Attempt: m.Attempt, To: to,
		Event: sms.Event{At: start.Add(time.Second), Status: to, Actor: "lane:ovh", Code: code, Attempt: m.Attempt},
	}
}

func settle(t *testing.T, s Store, transitions ...sms.Transition) int {
	t.Helper()
	settled, err := s.Settle(t.Context(), transitions)
	if err != nil {
		t.Fatalf("Settle: %v", err)
	}
	return settled.Applied
}

func read(t *testing.T, s Store, m sms.Message) sms.Message {
	t.Helper()
	got, err := s.Message(t.Context(), m.Account, m.ID)
	if err != nil {
		t.Fatalf("Message: %v", err)
	}
	return got
}

func timeline(t *testing.T, s Store, m sms.Message) []sms.Event {
	t.Helper()
	events, _, err := s.Timeline(t.Context(), m.Account, m.ID)
	if err != nil {
		t.Fatalf("Timeline: %v", err)
	}
	return events
}

func numbers(calls [][]sms.Message) [][]sms.Number {
	var all [][]sms.Number
	for _, call := range calls {
		var to []sms.Number
		for _, m := range call {
			to = append(to, m.To)
		}
		all = append(all, to)
	}
	return all
}
