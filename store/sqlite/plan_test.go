package sqlite

import (
	"database/sql"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"relais/search"
	"relais/sms"
	"relais/store/table"
)

// TestNoQueryWalksTheWholeTable asks SQLite how it runs the statements of the
// line: with ten million messages a walk would stop everything.
func TestNoQueryWalksTheWholeTable(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	watched := table.Watched(dialect)
	primary, waiting := "USING PRIMARY KEY (account=? AND id=?)", "messages_waiting (status=?"
	lines := []struct{ name, query, index string }{
		{"claim, who has something due", selectEnds, "COVERING INDEX messages_waiting (status=? AND connector=? AND priority=? AND due_minute=?)"},
		{"claim, what is dated and due", selectEnds, "COVERING INDEX messages_waiting (status=? AND connector=? AND priority=? AND due_minute>?)"},
		{"claim, accounts", selectAccounts, "COVERING INDEX messages_waiting (status=? AND connector=? AND priority=? AND due_minute=? AND account>?)"},
		{"claim, keys", selectActors, "COVERING INDEX messages_waiting (status=? AND connector=? AND priority=? AND due_minute=? AND account=? AND actor>?)"},
		{"claim, the next slot", selectSlot, "COVERING INDEX messages_waiting (status=? AND connector=? AND priority=? AND (due_minute,account,actor)>(?,?,?))"},
		{"claim, messages of a line", selectFresh, waiting + " AND connector=? AND priority=? AND due_minute=? AND account=? AND actor=?)"},
		{"claim, messages of a slot", selectDue, waiting + " AND connector=? AND priority=? AND due_minute=? AND account=? AND actor=? AND due_at<?)"},
		{"next due", selectNext, "COVERING INDEX messages_waiting (status=? AND connector=? AND priority=? AND due_minute=?)"},
		{"next date", selectNext, "COVERING INDEX messages_waiting (status=? AND connector=? AND priority=? AND due_minute>?)"},
		{"expire", selectStale, waiting},
		{"recover", selectSubmitting, waiting},
		{"backlog", watched["backlog"], waiting},
		{"forget keys", watched["forget keys"], "idempotency_age (at<?)"},
		{"numbers of OVH clients", selectOVHNumbers, "ovh_numbers_id (account=? AND id=?)"},
		{"settle", updateMessage, primary},
		{"event", addEvent, primary},
		{"receipt by the operator's id", selectByProvider, "messages_provider (connector=? AND provider_id=?)"},
		{"receipt by our id", selectByRef, primary},
		{"receipts that came early", selectEarly, "receipts_once (connector=? AND provider_id=?)"},
		{"receipts nobody knew", watched["receipts nobody knew"], "receipts_age (received_at<?)"},
		{"missed receipts", watched["missed receipts"], "messages_awaiting (connector=? AND receipt_by<?)"},
		{"messages in doubt", watched["messages in doubt"], "m USING INDEX messages_doubtful (connector=? AND account=? AND ask_at<?)"},
		{"messages in doubt, accounts", watched["messages in doubt"], "COVERING INDEX messages_doubtful (connector=? AND account>?)"},
		{"messages in doubt, whether any is due", watched["messages in doubt"], "COVERING INDEX messages_doubtful (connector=? AND account=? AND ask_at<?)"},
		{"what may be moved", watched["what may be moved"], "messages_movable (connector=? AND account=? AND id>?)"},
		{"who has something to be moved", watched["who has something to move"], "INDEX messages_movable (connector=? AND account>?)"},
		{"what may be given away", watched["what may be given away"], waiting + " AND connector=?)"},
		{"put off by a clock that ran ahead", watched["put off"], waiting + " AND connector=? AND priority=? AND due_minute>?)"},
		{"questions put off by it", watched["questions put off"], waiting},
		{"webhooks put off by it", watched["webhooks put off"], "deliveries_pending (account=? AND endpoint=? AND next_at>?)"},
		{"reminders that are due", watched["reminders that are due"], "campaign_rows_due (account=? AND campaign=? AND due<?)"},
		{"reminders that wait", watched["reminders that wait"], "campaign_rows_appointment (account=? AND series=? AND (appointment,campaign,line)>(?,?,?))"},
		{"reminders that are queued", watched["reminders that are queued"], "campaign_rows_appointment (account=? AND series=?)"},
		{"campaign of a request", watched["campaign of a request"], "campaigns_request (account=? AND request_key=?)"},
		{"reminders, their campaigns", watched["reminders, their campaigns"], "campaign_rows_appointment (account=? AND series=?)"},
		{"reminders that were sent", watched["reminders that were sent"], "campaign_rows_appointment (account=? AND series=? AND appointment=?)"},
		{"reminders to replace", watched["reminders to replace"], "campaign_rows_appointment (account=? AND series=? AND appointment=? AND campaign=?)"},
		{"reminders to cancel", watched["reminders to cancel"], "campaign_rows_appointment (account=? AND series=? AND appointment=? AND campaign=?)"},
		{"campaigns that started later", watched["campaigns that started later"], "USING PRIMARY KEY (account=? AND id>?)"},
		{"reminders, other campaigns'", watched["reminders, other campaigns'"], "campaign_rows_appointment (account=? AND series=? AND appointment=?)"},
		{"acts of an account", watched["acts"], "acts_account (account=? AND id<?)"},
		{"acts of one actor", watched["acts of one"], "acts_actor (actor=?)"},
		{"sessions that are over", watched["old sessions"], "sessions_end (ends_at<?)"},
		{"passkeys of a user", watched["passkeys of a user"], "passkeys_user (user_id=?)"},
		{"unhandled replies", watched["unhandled replies"], "inbound_unhandled"},
		{"opt-out of a number", selectOptedOut, "USING PRIMARY KEY (account=? AND number=?"},
		{"page of opt-outs", watched["page of opt-outs"], "USING PRIMARY KEY (account=? AND number>?)"},
		{"proofs", watched["proofs"], "opt_out_changes_number (account=? AND number=?)"},
		{"webhooks that are due", watched["webhooks that are due"], "deliveries_pending (account=? AND endpoint=? AND next_at<?)"},
		{"events before it", watched["webhooks that are due"], "deliveries_order (account=? AND endpoint=? AND subject=?)"},
		{"what busies an endpoint", watched["what busies an endpoint"], "deliveries_pending (account=? AND endpoint=?)"},
		{"how webhooks stand", watched["how webhooks stand"], "deliveries_pending (account=? AND endpoint=?)"},
		{"outcome of a webhook", updateDelivery, "USING PRIMARY KEY (account=? AND endpoint=? AND seq=?)"},
		{"old events", deleteOutbox, "USING PRIMARY KEY (account=? AND endpoint=? AND seq=?)"},
		{"old deliveries", deleteFinished, "USING PRIMARY KEY (account=? AND endpoint=? AND seq<?)"},
		{"messages to a number", selectNear, "COVERING INDEX messages_recipient (account=? AND recipient=? AND id>?)"},
		{"messages to a number, exactly", selectFull, "messages_recipient (account=? AND recipient=? AND id>?)"},
		{"what a quota counted", selectUse, "USING PRIMARY KEY (account=? AND quota=? AND subject=?)"},
		{"what may be purged", watched["what may be purged"], "USING PRIMARY KEY (account=? AND id>? AND id<?)"},
		{"what still waits", watched["what still waits"], "USING INDEX messages_waiting (status=?"},
		{"messages that are dropped", dropStatements[0], "USING PRIMARY KEY (account=? AND id<?)"},
		{"submissions that are dropped", dropStatements[1], "USING PRIMARY KEY (account=? AND id<?)"},
		{"replies that are dropped", dropStatements[2], "USING PRIMARY KEY (account=? AND id<?)"},
		{"numbers that are dropped", dropStatements[3], "ovh_numbers_id (account=? AND id<?)"},
		{"notes that are dropped", dropStatements[5], "conversation_notes_reply (account=? AND reply<?)"},
		{"notes on a conversation", watched["notes on a conversation"], "conversation_notes_reply (account=? AND reply=?)"},
		{"notes on a conversation, its replies", watched["notes on a conversation"], "inbound_sender (account=? AND sender=?)"},
		{"notes to erase", watched["notes to erase"], "conversation_notes_reply (account=? AND reply=?)"},
		{"notes that may be purged", watched["notes that may be purged"], "USING PRIMARY KEY (account=? AND id>? AND id<?)"},
		{"replies of one person's", watched["replies of one person's"], "inbound_assigned (account=? AND assigned_to=?)"},
		{"messages to erase", watched["messages to erase"], "messages_recipient (account=? AND recipient=?)"},
		{"erase of a message", watched["erase of a message"], primary},
		{"share of a text", watched["share of a text"], primary},
		{"texts that were not counted", watched["texts that were not counted"], "messages_recipient (account=? AND recipient=?)"},
		{"others of a request", watched["others of a request"], "USING PRIMARY KEY (account=? AND id>? AND id<?)"},
		{"erase of a text", watched["erase of a text"], primary},
		{"replies to erase", watched["replies to erase"], "inbound_sender (account=? AND sender=?)"},
		{"event of a reply", watched["event of a reply"], "USING PRIMARY KEY (account=? AND seq=?)"},
		{"event of a reply, erased", watched["event of a reply, erased"], "USING PRIMARY KEY (account=? AND seq=?)"},
		{"what still waits of one", watched["what still waits of one"], "USING PRIMARY KEY (account=? AND id>? AND id<?)"},
		{"purge of a text", watched["purge of a text"], primary},
		{"purge of a text and metadata", watched["purge of a text and metadata"], primary},
		{"purge of a number", watched["purge of a number"], primary},
		{"audit", watched["audit"], "USING PRIMARY KEY (account=?)"},
		{"audit of a person", watched["audit of a person"], "audit_subject (account=? AND subject=?)"},
		{"old nonces", watched["old nonces"], "nonces_age (until<?)"},
		{"old comparisons", watched["old comparisons"], "shadows_age (at<?)"},
		{"comparisons that differ", watched["comparisons that differ"], "shadows_other (at>?)"},
		{"one message", watched["one message"], primary},
		{"campaign", watched["campaign"], primary},
		{"campaigns of an account", watched["campaigns of an account"], "USING PRIMARY KEY (account=? AND id<?)"},
		{"campaigns in a status", watched["campaigns in a status"], "campaigns_status (status=?)"},
		{"checks to begin anew", watched["checks to begin anew"], "USING PRIMARY KEY (account=? AND id=?)"},
		{"campaigns to erase from", watched["campaigns to erase from"], "campaign_rows_number (account=? AND number=?)"},
		{"what was said, to forget", watched["what was said, to forget"], "USING PRIMARY KEY (account=? AND campaign=?)"},
		{"tests of campaigns", watched["tests of campaigns"], "USING PRIMARY KEY (account=?"},
		{"timeline of a campaign", watched["timeline of a campaign"], "USING PRIMARY KEY (account=? AND campaign=?)"},
		{"part of a file", watched["part of a file"], "USING PRIMARY KEY (account=? AND campaign=? AND upload=? AND n=?)"},
		{"earlier uploads", watched["earlier uploads"], "USING PRIMARY KEY (account=? AND campaign=?)"},
		{"rows of a campaign", watched["rows of a campaign"], "r USING PRIMARY KEY (account=? AND campaign=? AND line>?)"},
		{"rows of a campaign, their messages", watched["rows of a campaign"], "m USING PRIMARY KEY (account=? AND id=?)"},
		{"rows in a state", watched["rows in a state"], "campaign_rows_state (account=? AND campaign=? AND state=? AND line>?)"},
		{"rows in a state, any", watched["rows in a state, any"], "campaign_rows_state (account=? AND campaign=? AND state=?)"},
		{"file of a dropped campaign", watched["file of a dropped campaign"], "USING PRIMARY KEY (account=? AND campaign=?"},
		{"rows of a dropped campaign", watched["rows of a dropped campaign"], "USING PRIMARY KEY (account=? AND campaign=?"},
		{"events of a dropped campaign", watched["events of a dropped campaign"], "USING PRIMARY KEY (account=? AND campaign=?"},
		{"rows of a check of before", watched["rows of a check of before"], "USING PRIMARY KEY (account=? AND campaign=?"},
		{"rows that wait", watched["rows that wait"], "campaign_rows_state (account=? AND campaign=? AND state=?)"},
		{"rows that wait, to cancel", watched["rows that wait, to cancel"], "campaign_rows_state (account=? AND campaign=? AND state=?)"},
		{"rows that are taken", watched["rows that are taken"], "campaign_rows_state (account=? AND campaign=? AND state=? AND line>?)"},
		{"what a campaign has queued", watched["what a campaign has queued"], "campaign_rows_state (account=? AND campaign=? AND state=?)"},
		{"what a campaign has queued, messages", watched["what a campaign has queued"], "m USING PRIMARY KEY (account=? AND id=?)"},
		{"take a campaign on", watched["take a campaign on"], primary},
		{"take rows, the campaign", watched["take rows, the campaign"], primary},
		{"rows to erase", watched["rows to erase"], "campaign_rows_number (account=? AND number=?)"},
		{"rows of a person", watched["rows of a person"], "campaign_rows_number (account=? AND number=?)"},
		{"erase of a row", watched["erase of a row"], "USING PRIMARY KEY (account=? AND campaign=? AND line=?)"},
		{"campaigns to forget", watched["campaigns to forget"], "campaigns_contents (account=?)"},
		{"campaigns to hide", watched["campaigns to hide"], "campaigns_numbers (account=?)"},
		{"page of rows to forget", watched["page of rows to forget"], "USING PRIMARY KEY (account=? AND campaign=? AND line>?)"},
		{"values to forget", watched["values to forget"], "USING PRIMARY KEY (account=? AND campaign=? AND line>? AND line<?)"},
		{"parts of a file", watched["parts of a file"], "USING PRIMARY KEY (account=? AND campaign=? AND upload=?"},
		{"parts of any file", watched["parts of any file"], "USING PRIMARY KEY (account=? AND campaign=?"},
		{"take a row", watched["take a row"], "USING PRIMARY KEY (account=? AND campaign=? AND line=?)"},
		{"end a row", watched["end a row"], "USING PRIMARY KEY (account=? AND campaign=? AND line=?)"},
		{"who opted out by an answer", watched["who opted out by an answer"], "USING PRIMARY KEY (account=? AND id>?)"},
		{"who answered a campaign", watched["who answered a campaign"], "USING INDEX campaign_rows_number (account=? AND number=? AND campaign=?)"},
		{"reminders that go live", watched["reminders that go live"], "USING PRIMARY KEY (account=? AND campaign=?)"},
		{"feed", watched["feed"], "USING PRIMARY KEY (account=? AND seq>?)"},
		{"what changed", watched["what changed"], "USING PRIMARY KEY (account=? AND seq>?)"},
		{"what changed last", watched["what changed last"], "USING PRIMARY KEY (account=?"},
		{"contacts of an account", watched["contacts of an account"], "USING PRIMARY KEY (account=? AND number>?)"},
		{"contacts of a group", watched["contacts of a group"], "USING PRIMARY KEY (account=? AND grp=? AND number>?)"},
		{"a contact", watched["a contact"], "USING PRIMARY KEY (account=? AND number=?)"},
		{"members to forget", watched["members to forget"], "USING PRIMARY KEY (account=? AND grp=?)"},
		{"groups of an account", watched["groups of an account"], "contact_groups_name (account=?)"},
		{"a group", watched["a group"], "USING PRIMARY KEY (account=? AND id=?)"},
		{"group of a name", watched["group of a name"], "contact_groups_name (account=? AND name_key=?)"},
		{"groups of an account, counted", watched["groups of an account, counted"], "(account=?)"},
		{"groups that were dropped", watched["groups that were dropped"], "contact_groups_dropped"},
		{"proofs that are old", watched["proofs that are old"], "contacts_dropped (dropped_at>? AND dropped_at<?)"},
		{"one part", watched["one part"], "USING PRIMARY KEY (id=?)"},
		{"a part that waits", watched["a part that waits"], "smpp_parts_waiting (account=? AND client=? AND long=? AND seq=?)"},
		{"parts that wait", watched["parts that wait"], "smpp_parts_waiting (account=? AND client=? AND long=?)"},
		{"parts to a person", watched["parts to a person"], "smpp_parts_number (account=? AND number=?)"},
		{"parts that wait, counted", watched["parts that wait, counted"], "smpp_parts_old (account=? AND client=?)"},
		{"parts that wait for long", watched["parts that wait for long"], "smpp_parts_old (account=? AND client=? AND id<?)"},
		{"parts that failed", watched["parts that failed"], "smpp_parts_failed (account=? AND client=? AND id>?)"},
		{"parts that came before", watched["parts that came before"], "smpp_parts_joined (account=? AND client=? AND long=? AND seq=?)"},
		{"parts of a message", watched["parts of a message"], "smpp_parts_message (message=? AND account=?)"},
		{"parts of a person", watched["parts of a person"], "smpp_parts_number (account=? AND number=?)"},
		{"parts to forget", watched["parts to forget"], "USING PRIMARY KEY (id=?)"},
		{"parts that nobody waits for", watched["parts that nobody waits for"], "smpp_parts_loose (id<?)"},
		{"parts of an erased message", watched["parts of an erased message"], "smpp_parts_message (message=? AND account=?)"},
		{"lists of an account", watched["lists of an account"], "lists_name (account=?)"},
		{"lists of an account, counted", watched["lists of an account, counted"], "(account=?)"},
		{"lists of an account, locked", watched["lists of an account, locked"], "USING PRIMARY KEY (account=?)"},
		{"list of a name", watched["list of a name"], "lists_name (account=? AND name_key=?)"},
		{"a list", watched["a list"], "USING PRIMARY KEY (account=? AND id=?)"},
		{"a list to fill", watched["a list to fill"], "list_entries USING COVERING INDEX list_entries_ident (account=? AND list=? AND set_no=?)"},
		{"tables that are being read", watched["tables that are being read"], "USING PRIMARY KEY (account=?)"},
		{"entries of a list", watched["entries of a list"], "USING PRIMARY KEY (account=? AND list=? AND set_no=? AND line>?)"},
		{"entry of a list", watched["entry of a list"], "list_entries_ident (account=? AND list=? AND set_no=? AND ident=?)"},
		{"who is on one list only", watched["who is on one list only"], "USING COVERING INDEX list_entries_ident (account=? AND list=? AND set_no=? AND ident=?)"},
		{"who changed on a list", watched["who changed on a list"], "b EXISTS USING INDEX list_entries_ident (account=? AND list=? AND set_no=? AND ident=?)"},
		{"lists whose days are over", watched["lists whose days are over"], "lists_ends (ends_at>? AND ends_at<?)"},
		{"tables that nobody wanted", watched["tables that nobody wanted"], "lists_staged (staged_at<?)"},
		{"lists to prune", watched["lists to prune"], "lists_stale"},
		{"entries to prune", watched["entries to prune"], "USING PRIMARY KEY (account=? AND list=? AND set_no=? AND line=?)"},
		{"entries to erase", watched["entries to erase"], "list_entries_number (account=? AND number=?)"},
		{"entries of a person", watched["entries of a person"], "list_entries_number (account=? AND number=?)"},
		{"sessions of a user", watched["sessions of a user"], "sessions_user (user_id=?"},
		{"erase of a reply", watched["erase of a reply"], primary},
		{"what a pause would move", watched["what a pause would move"], "messages_movable (connector=?)"},
		{"what waits for a connector", watched["what waits for a connector"], "messages_waiting (status=? AND connector=?)"},
		{"answers of receivers, erased", watched["answers of receivers, erased"], "deliveries_answered (account=? AND subject=?)"},
	}
	// A person and a user have few rows; a page of events is of two streams.
	sorted := []string{"rows of a person", "entries of a person", "sessions of a user", "feed", "what changed"}
	asked := []string{watched["what was used"]} // in TestUsagePlans
	for _, tc := range lines {
		asked = append(asked, tc.query)
	}
	for name, statement := range watched {
		if !slices.Contains(asked, statement) {
			t.Errorf("no line asks for the plan of %q", name)
		}
	}
	for _, tc := range lines {
		t.Run(tc.name, func(t *testing.T) {
			steps := strings.Join(plan(t, s, tc.query), "\n")
			sorts := strings.Contains(steps, "TEMP B-TREE") && !slices.Contains(sorted, tc.name)
			if !strings.Contains(steps, tc.index) || strings.Contains(steps, "SCAN m") || sorts {
				t.Errorf("want a search by %q; the plan is:\n%s", tc.index, steps)
			}
		})
	}
}

// TestUsagePlans: a page of a month by the primary key, and the submissions by theirs.
// What is grouped is sorted, a page at a time.
func TestUsagePlans(t *testing.T) {
	steps := strings.Join(plan(t, openForTest(t), table.Watched(dialect)["what was used"]), "\n")
	for _, want := range []string{"SEARCH messages USING PRIMARY KEY (account=? AND id>? AND id<?)", "SEARCH s USING PRIMARY KEY (account=? AND id=?)"} {
		if !strings.Contains(steps, want) {
			t.Errorf("want %q; the plan is:\n%s", want, steps)
		}
	}
}

// TestLastMessageToAHandsetWalksTheAccountsOnly: it sorts one row an account.
func TestLastMessageToAHandsetWalksTheAccountsOnly(t *testing.T) {
	steps := strings.Join(plan(t, openForTest(t), selectLastTo), "\n")
	for _, want := range []string{"SCAN a", "USING PRIMARY KEY (account=? AND id=?)", "messages_recipient (account=? AND recipient=? AND id>?)"} {
		if !strings.Contains(steps, want) {
			t.Errorf("want %q; the plan is:\n%s", want, steps)
		}
	}
}

// TestSearchPlans asks SQLite how it runs what Search sends, for each filter.
func TestSearchPlans(t *testing.T) {
	s := openForTest(t)
	id, now := sms.NewID(time.Now()), time.Now()
	const (
		newest    = "SEARCH m USING PRIMARY KEY (account=?)"
		onwards   = "SEARCH m USING PRIMARY KEY (account=? AND id<?)"
		recipient = "SEARCH m USING INDEX messages_recipient (account=? AND recipient=?"
		reference = "SEARCH m USING INDEX messages_reference (account=? AND reference=?"
		byID      = "SEARCH m USING PRIMARY KEY (account=? AND id=?)"
		waiting   = "SEARCH m USING COVERING INDEX messages_waiting (status=?"
		awaiting  = "m USING COVERING INDEX messages_awaiting"
		ended     = "SEARCH m USING INDEX messages_ended (account=? AND status=?"
	)
	for _, tc := range []struct {
		name  string
		query search.Query
		want  []string
		many  bool // messages that wait
	}{
		{"nothing", search.Query{}, []string{newest}, false},
		{"next page", search.Query{Before: id}, []string{onwards}, false},
		{"since", search.Query{Since: now}, []string{"SEARCH m USING PRIMARY KEY (account=? AND id>?)"}, false},
		{"until", search.Query{Until: now}, []string{newest}, false},
		{"number", search.Query{To: "+33639980001"}, []string{recipient}, false},
		{"number, next page", search.Query{To: "+33639980001", Before: id}, []string{recipient + " AND id<?)"}, false},
		{"number and waiting", search.Query{To: "+33639980001", Status: sms.Queued}, []string{recipient}, false},
		{"reference", search.Query{Reference: "a"}, []string{reference}, false},
		{"reference, next page", search.Query{Reference: "a", Before: id}, []string{reference + " AND id<?)"}, false},
		{"reference and number", search.Query{Reference: "a", To: "+33639980001"}, []string{reference}, false},
		{"connector", search.Query{Connector: "ovh"}, []string{newest}, false},
		{"class", search.Query{Class: sms.OTP}, []string{newest}, false},
		{"metadata", search.Query{Metadata: []search.Metadatum{{Key: "counter", Value: "a"}}}, []string{newest}, false},
		{"metadata, since", search.Query{Metadata: []search.Metadatum{{Key: "counter", Value: "a"}}, Since: now}, []string{"SEARCH m USING PRIMARY KEY (account=? AND id>?)"}, false},
		{"queued", search.Query{Status: sms.Queued}, []string{byID, waiting + ")"}, false},
		{"many queued", search.Query{Status: sms.Queued}, []string{newest}, true},
		{"many queued, next page", search.Query{Status: sms.Queued, Before: id}, []string{onwards}, true},
		{"submitting", search.Query{Status: sms.Submitting}, []string{byID, waiting + ")"}, false},
		{"uncertain", search.Query{Status: sms.Uncertain}, []string{byID, waiting + ")"}, false},
		{"uncertain, next page", search.Query{Status: sms.Uncertain, Before: id}, []string{byID, waiting + ")"}, false},
		{"uncertain, since", search.Query{Status: sms.Uncertain, Since: now}, []string{byID, waiting + ")"}, false},
		{"uncertain at a connector", search.Query{Status: sms.Uncertain, Connector: "ovh"}, []string{byID, waiting + " AND connector=?)"}, false},
		{"submitted", search.Query{Status: sms.Submitted}, []string{byID, awaiting}, false},
		{"submitted to a connector", search.Query{Status: sms.Submitted, Connector: "ovh"}, []string{byID, awaiting + " (connector=?)"}, false},
		{"many submitted", search.Query{Status: sms.Submitted}, []string{newest}, true},
		{"delivered", search.Query{Status: sms.Delivered}, []string{ended + ")"}, false},
		{"undelivered", search.Query{Status: sms.Undelivered}, []string{ended + ")"}, false},
		{"expired", search.Query{Status: sms.Expired}, []string{ended + ")"}, false},
		{"rejected", search.Query{Status: sms.Rejected}, []string{ended + ")"}, false},
		{"canceled", search.Query{Status: sms.Canceled}, []string{ended + ")"}, false},
		{"delivered, next page", search.Query{Status: sms.Delivered, Before: id}, []string{ended + " AND id<?)"}, false},
		{"delivered, since", search.Query{Status: sms.Delivered, Since: now}, []string{ended + " AND id>?)"}, false},
		{"delivered to a number", search.Query{Status: sms.Delivered, To: "+33639980001"}, []string{recipient}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.query.Account, tc.query.Limit = "default", 100
			query, args := searchQuery(tc.query, !tc.many)
			if got, want := strings.Count(query, "?"), len(args); got != want {
				t.Fatalf("%d parameters and %d values: %s", got, want, query)
			}
			steps := strings.Join(plan(t, s, query), "\n")
			for _, want := range tc.want {
				if !strings.Contains(steps, want) {
					t.Errorf("no %q", want)
				}
			}
			// of few, and of no other status
			walked := strings.ReplaceAll(steps, "SCAN "+awaiting, "")
			if strings.Contains(walked, "SCAN") || strings.Contains(steps, "TEMP B-TREE") || t.Failed() {
				t.Errorf("the plan is:\n%s", steps)
			}
		})
	}
}

func plan(t *testing.T, s *Store, query string) (steps []string) {
	t.Helper()
	rows, err := s.readers.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, make([]any, parameters(query))...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

// parameters counts the values that a query takes, numbered or not.
func parameters(query string) int {
	for n := 20; n > 0; n-- {
		if strings.Contains(query, "?"+strconv.Itoa(n)) {
			return n
		}
	}
	return strings.Count(query, "?")
}

// TestFewerWait counts what waits in one status, and no further than it must.
func TestFewerWait(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	beside, err := sql.Open("sqlite", filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	for range 3 {
		id := sms.NewID(time.Now())
		if _, err := beside.ExecContext(t.Context(), `INSERT INTO messages (account, id, submission, recipient,
			reference, connector, status, reason, segments, priority, attempt, solo, due_at, expires_at, updated_at)
			VALUES ('town', ?1, ?1, '+33639980001', '', 'ovh', 'queued', 'accepted', 1, 0, 0, 0, 1, 2, 1)`, id[:]); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		status sms.Status
		most   int
		want   bool
	}{{sms.Queued, 4, true}, {sms.Queued, 3, false}, {sms.Uncertain, 1, true}, {sms.Delivered, 4, false}} {
		if got, err := s.fewerHave(t.Context(), test.status, test.most); got != test.want || err != nil {
			t.Errorf("fewer than %d are %s: %v, %v, want %v", test.most, test.status, got, err, test.want)
		}
	}
	steps := strings.Join(plan(t, s, countOf(unended[sms.Queued])), "\n")
	if !strings.Contains(steps, "USING COVERING INDEX messages_waiting (status=?)") {
		t.Errorf("the plan is:\n%s", steps)
	}
}
