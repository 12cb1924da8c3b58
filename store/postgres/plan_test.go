package postgres

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/internal/pgtest"
	"relais/search"
	"relais/sms"
	"relais/store/table"
)

func openForTest(t *testing.T) *Store {
	t.Helper()
	s, _, err := openWatched(t, pgtest.Upgraded(t, Upgrade), true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// small are tables that have few rows however many messages there are.
var small = []string{"accounts", "endpoints", "leases", "settings", "credit", "cursors", "pauses"}

// TestNoStatementWalksATable asks PostgreSQL how it runs the statements of the
// line, with the settings of the store's connections and the generic plan that
// they use: with ten million messages a walk would stop everything.
func TestNoStatementWalksATable(t *testing.T) {
	s := openForTest(t)
	searched := func(q search.Query) string {
		q.Account, q.Limit = "default", 100
		query, _ := searchQuery(q)
		return query
	}
	watched := table.Watched(dialect)
	lines := []struct{ name, query, index string }{
		// The index of a partition is named after its columns.
		{"accept", insertMessages, ""},
		{"accept, submissions", insertSubmissions, ""},
		{"accept, keys", selectKeys, "idempotency_pkey"},
		{"claim, who has something due", selectEnds, "connector_priority_due_minute_account"},
		{"claim, the line that is alone", selectAlone, "connector_priority_due_minute_account"},
		{"claim, accounts", selectAccounts, "connector_priority_due_minute_account"},
		{"claim, keys", selectActors, "connector_priority_due_minute_account"},
		{"claim, slots", selectSlots, "connector_priority_due_minute_account"},
		{"claim, messages of a line", selectFresh, "connector_priority_due_minute_account"},
		{"claim, messages of a slot", selectDue, "connector_priority_due_minute_account"},
		{"claim, submissions of messages", selectFresh, "submissions_\\w+_pkey on .*\\n *Index Cond: \\(\\(account = m\\.account\\) AND \\(id = "},
		{"claim, attempt", markSubmitting, "messages_\\w+_pkey"},
		{"next due", selectNext, "connector_priority_due_minute_account"},
		{"settle", applyTransitions, "messages_\\w+_pkey"},
		{"expire", selectStale, "connector_priority_due_minute_account"},
		{"recover", selectSubmitting, "connector_idx"},
		{"backlog", watched["backlog"], "connector_priority_due_minute_account"},
		{"forget keys", watched["forget keys"], "idempotency_age"},
		{"receipt by the operator's id", selectByProvider, "connector_provider_id"},
		{"receipt by our id", selectByRef, "messages_\\w+_pkey"},
		{"receipt noted, its message", lockNoted, "messages_\\w+_pkey"},
		{"receipt noted", noteReceipts, "messages_\\w+_pkey"},
		{"receipts nobody knows", insertReceipts, "connector_provider_id"},
		{"receipts that came early", selectEarly, "receipts_"},
		{"receipts that wait", selectStranded, "connector_provider_id"},
		{"missed receipts", watched["missed receipts"], "connector_receipt_by"},
		{"messages in doubt", watched["messages in doubt"], "connector_account_ask_at"},
		{"what may be moved", watched["what may be moved"], "connector_account_id"},
		{"who has something to be moved", watched["who has something to move"], "connector_account_id"},
		{"what may be given away", watched["what may be given away"], "_connector_"},
		{"put off by a clock that ran ahead", watched["put off"], "connector_priority_due_minute_account"},
		{"questions put off by it", watched["questions put off"], "connector_account_ask_at"},
		{"webhooks put off by it", watched["webhooks put off"], "deliveries_pending"},
		{"last to a handset", selectLastTo, "recipient_account_id"},
		{"acts of an account", watched["acts"], "acts_pkey"},
		{"acts of one actor", watched["acts of one"], "acts_actor"},
		{"sessions that are over", watched["old sessions"], "sessions_end"},
		{"sessions of a user", watched["sessions of a user"], "sessions_user"},
		{"passkeys of a user", watched["passkeys of a user"], "passkeys_user"},
		{"unhandled replies", watched["unhandled replies"], "inbound_unhandled"},
		{"opt-outs of numbers", selectOptedOut, "opt_outs_pkey"},
		{"page of opt-outs", watched["page of opt-outs"], "opt_outs_pkey"},
		{"proofs", watched["proofs"], "opt_out_changes_number"},
		{"webhooks that are due", watched["webhooks that are due"], "deliveries_pending"},
		{"what busies an endpoint", watched["what busies an endpoint"], "deliveries_"},
		{"how webhooks stand", watched["how webhooks stand"], "deliveries_"},
		{"outcome of webhooks", updateDeliveries, "deliveries_pkey"},
		{"feed", watched["feed"], "outbox_pkey"},
		{"old events", deleteOutbox, "outbox_pkey"},
		{"old deliveries", deleteFinished, "deliveries_pkey"},
		{"what may be purged", watched["what may be purged"], "messages_\\w+_pkey"},
		{"what still waits", watched["what still waits"], "connector_priority_due_minute_account"},
		{"what still waits of one", watched["what still waits of one"], "messages_\\w+_pkey"},
		{"purge of a text", watched["purge of a text"], "submissions_\\w+_pkey"},
		{"purge of a text and metadata", watched["purge of a text and metadata"], "submissions_\\w+_pkey"},
		{"purge of a number", watched["purge of a number"], "messages_\\w+_pkey"},
		{"notes on a conversation", watched["notes on a conversation"], "conversation_notes_reply"},
		{"notes to erase", watched["notes to erase"], "conversation_notes_(reply|pkey)"},
		{"replies of one person's", watched["replies of one person's"], "inbound_assigned"},
		{"messages to erase", watched["messages to erase"], "recipient_account_id"},
		{"erase of a message", watched["erase of a message"], "messages_\\w+_pkey"},
		{"share of a text", watched["share of a text"], "submissions_\\w+_pkey"},
		{"others of a request", watched["others of a request"], "messages_\\w+_pkey"},
		{"erase of a text", watched["erase of a text"], "submissions_\\w+_pkey"},
		{"replies to erase", watched["replies to erase"], "inbound_sender"},
		{"erase of a reply", watched["erase of a reply"], "inbound_(pkey|sender on .*\\n.*sender = .* AND \\(id = )"},
		{"event of a reply", watched["event of a reply"], "outbox_pkey"},
		{"event of a reply, erased", watched["event of a reply, erased"], "outbox_pkey"},
		{"audit", watched["audit"], "audit_pkey"},
		{"audit of a person", watched["audit of a person"], "audit_subject"},
		{"one message", watched["one message"], "messages_\\w+_pkey"},
		{"campaign", watched["campaign"], "campaigns_pkey"},
		{"campaigns of an account", watched["campaigns of an account"], "campaigns_pkey"},
		{"campaigns in a status", watched["campaigns in a status"], "campaigns_status"},
		{"checks to begin anew", watched["checks to begin anew"], "campaigns_(pkey|status)"},
		{"campaigns to erase from", watched["campaigns to erase from"], "campaign_rows_number"},
		{"what was said, to forget", watched["what was said, to forget"], "campaign_events_pkey"},
		{"tests of campaigns", watched["tests of campaigns"], "campaign_events_pkey"},
		{"timeline of a campaign", watched["timeline of a campaign"], "campaign_events_pkey"},
		{"part of a file", watched["part of a file"], "campaign_chunks_pkey"},
		{"earlier uploads", watched["earlier uploads"], "campaign_chunks_pkey"},
		{"rows of a campaign", watched["rows of a campaign"], "campaign_rows_pkey"},
		{"rows of a campaign, their messages", watched["rows of a campaign"], "messages_\\w+_pkey"},
		{"rows in a state", watched["rows in a state"], "campaign_rows_state"},
		{"rows in a state, any", watched["rows in a state, any"], "campaign_rows_state"},
		{"file of a dropped campaign", watched["file of a dropped campaign"], "campaign_chunks_pkey"},
		{"rows of a dropped campaign", watched["rows of a dropped campaign"], "campaign_rows_pkey"},
		{"events of a dropped campaign", watched["events of a dropped campaign"], "campaign_events_pkey"},
		{"rows of a check of before", watched["rows of a check of before"], "campaign_rows_pkey"},
		{"rows that wait", watched["rows that wait"], "campaign_rows_state"},
		{"rows that wait, to cancel", watched["rows that wait, to cancel"], "campaign_rows_state"},
		{"rows that are taken", watched["rows that are taken"], "campaign_rows_state"},
		{"what a campaign has queued", watched["what a campaign has queued"], "campaign_rows_state"},
		{"what a campaign has queued, messages", watched["what a campaign has queued"], "messages_\\w+_pkey"},
		{"take a campaign on", watched["take a campaign on"], "campaigns_pkey"},
		{"take rows, the campaign", watched["take rows, the campaign"], "campaigns_(pkey|status)"},
		{"rows to erase", watched["rows to erase"], "campaign_rows_number"},
		{"rows of a person", watched["rows of a person"], "campaign_rows_number"},
		{"erase of a row", watched["erase of a row"], "campaign_rows_(pkey|state)"},
		{"campaigns to forget", watched["campaigns to forget"], "campaigns_contents"},
		{"campaigns to hide", watched["campaigns to hide"], "campaigns_numbers"},
		{"page of rows to forget", watched["page of rows to forget"], "campaign_rows_(pkey|state)"},
		{"values to forget", watched["values to forget"], "campaign_rows_(pkey|state)"},
		{"parts of a file", watched["parts of a file"], "campaign_chunks_pkey"},
		{"parts of any file", watched["parts of any file"], "campaign_chunks_pkey"},
		{"take a row", watched["take a row"], "campaign_rows_(pkey|state)"},
		{"end a row", watched["end a row"], "campaign_rows_(pkey|state)"},
		{"who answered a campaign", watched["who answered a campaign"], "campaign_rows_number .*\\n *Index Cond: .*number = "},
		{"who opted out by an answer", watched["who opted out by an answer"], "opt_out_changes_(pkey|number)"},
		{"reminders that are due", watched["reminders that are due"], "campaign_rows_due"},
		{"reminders that wait", watched["reminders that wait"], "campaign_rows_(appointment|reminder)"},
		{"reminders that are queued", watched["reminders that are queued"], "campaign_rows_(appointment|reminder)"},
		{"campaign of a request", watched["campaign of a request"], "campaigns_request"},
		{"reminders, their campaigns", watched["reminders, their campaigns"], "campaign_rows_(appointment|reminder)"},
		{"reminders that were sent", watched["reminders that were sent"], "campaign_rows_(appointment|reminder)"},
		{"reminders to replace", watched["reminders to replace"], "campaign_rows_(appointment|reminder)"},
		{"reminders to cancel", watched["reminders to cancel"], "campaign_rows_(appointment|reminder)"},
		{"reminders, other campaigns'", watched["reminders, other campaigns'"], "campaign_rows_(appointment|reminder)"},
		{"campaigns that started later", watched["campaigns that started later"], "campaigns_pkey"},
		{"reminders that go live", watched["reminders that go live"], "campaign_rows_(state|pkey)"},
		{"comparisons that differ", watched["comparisons that differ"], "shadows_other"},
		{"answers of receivers, erased", watched["answers of receivers, erased"], "deliveries_answered"},
		{"what changed", watched["what changed"], "outbox_pkey"},
		{"what changed last", watched["what changed last"], "outbox_pkey"},
		{"receipts nobody knew", watched["receipts nobody knew"], "receipts_age"},
		{"contacts of an account", watched["contacts of an account"], "contacts_pkey"},
		{"contacts of a group", watched["contacts of a group"], "contact_members_pkey"},
		{"a contact", watched["a contact"], "contacts_pkey"},
		{"members to forget", watched["members to forget"], "contact_members_"},
		{"groups of an account", watched["groups of an account"], "contact_groups_"},
		{"a group", watched["a group"], "contact_groups_(pkey|name)"},
		{"group of a name", watched["group of a name"], "contact_groups_name"},
		{"groups of an account, counted", watched["groups of an account, counted"], "contact_groups_"},
		{"groups that were dropped", watched["groups that were dropped"], "contact_groups_dropped"},
		{"proofs that are old", watched["proofs that are old"], "contacts_dropped"},
		{"one part", watched["one part"], "smpp_parts_(pkey|age)"},
		{"a part that waits", watched["a part that waits"], "smpp_parts_(waiting|old)"}, // either has what waits alone
		{"parts that wait", watched["parts that wait"], "smpp_parts_waiting"},
		{"parts to a person", watched["parts to a person"], "smpp_parts_number"},
		{"parts that wait, counted", watched["parts that wait, counted"], "smpp_parts_(waiting|old)"},
		{"parts that wait for long", watched["parts that wait for long"], "smpp_parts_old"},
		{"parts that failed", watched["parts that failed"], "smpp_parts_failed"},
		{"parts that came before", watched["parts that came before"], "smpp_parts_joined"},
		{"parts of a message", watched["parts of a message"], "smpp_parts_message"},
		{"parts of a person", watched["parts of a person"], "smpp_parts_number"},
		{"parts to forget", watched["parts to forget"], "smpp_parts_age"},
		{"parts that nobody waits for", watched["parts that nobody waits for"], "smpp_parts_loose"},
		{"parts of an erased message", watched["parts of an erased message"], "smpp_parts_message"},
		{"lists of an account", watched["lists of an account"], "lists_name"},
		{"lists of an account, counted", watched["lists of an account, counted"], "lists_"},
		{"lists of an account, locked", watched["lists of an account, locked"], "lists_pkey"},
		{"list of a name", watched["list of a name"], "lists_name"},
		{"a list", watched["a list"], "lists_(pkey|name)"},
		{"a list to fill", watched["a list to fill"], "list_entries_"},
		{"tables that are being read", watched["tables that are being read"], "lists_"},
		{"entries of a list", watched["entries of a list"], "list_entries_pkey"},
		{"entry of a list", watched["entry of a list"], "list_entries_ident"},
		{"who is on one list only", watched["who is on one list only"], "list_entries_"},
		{"who changed on a list", watched["who changed on a list"], "list_entries_"},
		{"lists whose days are over", watched["lists whose days are over"], "lists_ends"},
		{"tables that nobody wanted", watched["tables that nobody wanted"], "lists_staged"},
		{"lists to prune", watched["lists to prune"], "lists_stale"},
		{"entries to prune", watched["entries to prune"], "list_entries_pkey"},
		{"entries to erase", watched["entries to erase"], "list_entries_number"},
		{"entries of a person", watched["entries of a person"], "list_entries_number"},
		{"old comparisons", watched["old comparisons"], "shadows_age"},
		{"notes that may be purged", watched["notes that may be purged"], "conversation_notes_pkey"},
		{"texts that were not counted", watched["texts that were not counted"], "recipient_account_id"},
		{"what a pause would move", watched["what a pause would move"], "connector_account_id"},
		{"what waits for a connector", watched["what waits for a connector"], "connector_"},
		{"search, newest", searched(search.Query{}), "messages_\\w+_pkey"},
		{"search, texts of messages", searched(search.Query{}), "submissions_\\w+_pkey on .*\\n *Index Cond: \\(\\(account = .*\\) AND \\(id = m\\.submission\\)"},
		{"search by number", searched(search.Query{To: "+33639980001"}), "recipient_account_id"},
		{"search by reference", searched(search.Query{Reference: "a"}), "reference_account_id"},
		{"search by status", searched(search.Query{Status: sms.Uncertain}), "status_account_id_idx .*\\n.*ROW.* >= .*ROW.* <="},
		{"search by status, a page", searched(search.Query{Status: sms.Queued, Before: sms.NewID(time.Now())}), "status_account_id_idx"},
		{"search by status and number", searched(search.Query{Status: sms.Queued, To: "+33639980001"}), "recipient_account_id"},
		{"search by metadata", searched(search.Query{Metadata: []search.Metadatum{{Key: "a", Value: "b"}}}), "messages_\\w+_pkey"},
		{"what was used", watched["what was used"], "messages_\\w+_pkey"},
		{"old nonces", watched["old nonces"], "nonces_age"},
		{"numbers near a limit", selectNear, ofNumbers},
		{"messages of numbers", selectCounts, ofNumbers},
		{"texts of messages of numbers", selectCounts, "submissions_\\w+_pkey"},
		{"search since", searched(search.Query{Since: time.Now()}), "messages_\\w+_pkey"},
	}
	var asked []string
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
			steps := explainPlan(t, s, tc.query)
			for _, table := range walked(steps) {
				if !slices.Contains(small, table) {
					t.Errorf("%s is walked", table)
				}
			}
			for _, whole := range wholeIndex.FindAllString(steps, -1) {
				if !strings.Contains(whole, "account") {
					t.Errorf("the whole of an index is walked: %s", whole)
				}
			}
			if !regexp.MustCompile(`Index (Only )?Scan .*using \w*`+tc.index).MatchString(steps) || strings.Contains(steps, "Hash Join") {
				t.Errorf("want a search by %s", tc.index)
			}
			if t.Failed() {
				t.Logf("the plan is:\n%s", steps)
			}
		})
	}
}

// ofNumbers is the index of numbers, read from the first message of a number's to its last.
const ofNumbers = `recipient_account_id_idx .*\n *Index Cond: .*ROW\(recipient, account, id\) >= .*ROW\(recipient, account.*\) <`

// The messages of a number are sought among those alone, whatever the planner believes of how
// many an account or a number has.
func TestMessagesOfANumberAreNotSoughtAmongOthers(t *testing.T) {
	s := openForTest(t)
	load := func() {
		ids := make([][16]byte, 20_000)
		for i := range ids {
			ids[i] = sms.NewID(time.Now())
		}
		if _, err := s.pool.Exec(t.Context(), loaded, ids); err != nil {
			t.Fatal(err)
		}
	}
	analyze := func() {
		if _, err := s.pool.Exec(t.Context(), "ANALYZE messages"); err != nil {
			t.Fatal(err)
		}
	}
	read := regexp.MustCompile(`using \w*` + ofNumbers)
	for i, do := range []func(){analyze, load, analyze} {
		do()
		for _, query := range []string{selectNear, selectCounts} {
			steps := explainPlan(t, s, query)
			if len(read.FindAllString(steps, -1)) != strings.Count(steps, " on messages_") {
				t.Errorf("step %d: the plan is:\n%s", i, steps)
			}
		}
	}
}

// What still waits is sought among what waits, and not among all messages.
func TestWhatStillWaitsIsNotSoughtEverywhere(t *testing.T) {
	steps := explainPlan(t, openForTest(t), table.Watched(dialect)["what still waits"])
	if strings.Contains(steps, "_pkey") {
		t.Errorf("the plan is:\n%s", steps)
	}
}

// loaded are messages as a bulk load leaves them.
const loaded = `INSERT INTO messages (account, id, submission, recipient, reference, connector, status, reason,
		segments, priority, attempt, solo, due_at, expires_at, updated_at, routes, chance)
	SELECT 'default', id, id, '+33639980001', '', 'ovh', 'queued', 'accepted', 1, 0, 0, false, 1, 2, 1, '', 0 FROM unnest($1::uuid[]) AS id`

// A status is sought by its own index, whatever the planner believes of how many have it: no
// statistics yet, those of when all had another status, and an index that grew with each
// transition.
func TestStatusIsNotSoughtAmongOthers(t *testing.T) {
	s := openForTest(t)
	query, _ := searchQuery(search.Query{Account: "default", Status: sms.Uncertain, Limit: 100})
	load := func() error {
		ids := make([][16]byte, 20_000)
		for i := range ids {
			ids[i] = sms.NewID(time.Now())
		}
		_, err := s.pool.Exec(t.Context(), loaded, ids)
		return err
	}
	run := func(statements ...string) func() error {
		return func() error {
			for _, statement := range statements {
				if _, err := s.pool.Exec(t.Context(), statement); err != nil {
					return err
				}
			}
			return nil
		}
	}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"an empty database", run()},
		{"one that was analyzed", run("ANALYZE messages")},
		{"a bulk load", load},
		{"a bulk load, analyzed", run("ANALYZE messages")},
		{"what was sent", run("UPDATE messages SET status = 'submitted' WHERE account = 'default'",
			"UPDATE messages SET status = 'delivered' WHERE account = 'default'")},
		{"what was sent, analyzed", run("ANALYZE messages")},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		steps := explainPlan(t, s, query)
		if strings.Count(steps, "status_account_id_idx") != strings.Count(steps, " on messages_") {
			t.Errorf("%s: the plan is:\n%s", step.name, steps)
		}
	}
}

var scanned = regexp.MustCompile(`Seq Scan on (?:\w+\.)?(\w+)`)

// wholeIndex finds searches by a primary key, whose first column is the account
// where a table grows, with their conditions.
var wholeIndex = regexp.MustCompile(`using (?:messages|submissions|outbox|deliveries|inbound|opt_outs|idempotency)\w*_pkey on .*\n.*`)

func walked(steps string) (tables []string) {
	for _, found := range scanned.FindAllStringSubmatch(steps, -1) {
		tables = append(tables, found[1])
	}
	return tables
}

// explainPlan returns the generic plan of a statement.
func explainPlan(t *testing.T, s *Store, query string) string {
	t.Helper()
	var steps []string
	err := s.transact(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "PREPARE asked AS "+query); err != nil {
			return err
		}
		var types []string
		if err := tx.QueryRow(ctx, "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'asked'").Scan(&types); err != nil {
			return err
		}
		var values []string
		for _, kind := range types { // no id would leave no partition in the plan
			value := "NULL"
			if kind == "uuid" {
				value = "'" + sms.NewID(time.Now()).String() + "'"
			}
			values = append(values, value)
		}
		arguments := ""
		if len(values) > 0 {
			arguments = "(" + strings.Join(values, ", ") + ")"
		}
		rows, err := tx.Query(ctx, "EXPLAIN (COSTS off) EXECUTE asked"+arguments, pgx.QueryExecModeSimpleProtocol)
		steps, err = collect(rows, err, func(r row) (step string, err error) {
			err = r.Scan(&step)
			return step, err
		})
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "DEALLOCATE asked")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "\n")
}
