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
	"relais/person"
	"relais/search"
	"relais/sms"
	"relais/store/table"
)

func openForTest(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), pgtest.Database(t), true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// small are tables that have few rows however many messages there are.
var small = []string{"accounts", "endpoints", "leases", "settings", "credit", "cursors"}

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
	audit := func(q person.AuditQuery) string {
		q.Account, q.Limit = "default", 100
		query, _ := auditQuery(q)
		return query
	}
	watched := table.Watched(dialect)
	for _, tc := range []struct{ name, query, index string }{
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
		{"backlog", selectBacklog, "connector_priority_due_minute_account"},
		{"forget keys", deleteKeys, "idempotency_age"},
		{"receipt by the operator's id", selectByProvider, "connector_provider_id"},
		{"receipt by our id", selectByRef, "messages_\\w+_pkey"},
		{"receipt noted, its message", lockNoted, "messages_\\w+_pkey"},
		{"receipt noted", noteReceipts, "messages_\\w+_pkey"},
		{"receipts nobody knows", insertReceipts, "connector_provider_id"},
		{"receipts that came early", selectEarly, "receipts_"},
		{"receipts that wait", selectStranded, "connector_provider_id"},
		{"missed receipts", selectAwaiting, "connector_receipt_by"},
		{"messages in doubt", selectDoubtful, "connector_account_ask_at"},
		{"what may be moved", selectMovable, "connector_account_id"},
		{"who has something to be moved", selectMovers, "connector_account_id"},
		{"what may be given away", selectQueued, "_connector_"},
		{"put off by a clock that ran ahead", selectAhead, "connector_priority_due_minute_account"},
		{"questions put off by it", hastenDoubts, "connector_account_ask_at"},
		{"webhooks put off by it", hastenDeliveries, "deliveries_pending"},
		{"last to a handset", selectLastTo, "recipient_account_id"},
		{"unhandled replies", selectUnhandled, "inbound_unhandled"},
		{"opt-outs of numbers", selectOptedOut, "opt_outs_pkey"},
		{"page of opt-outs", selectOptOuts, "opt_outs_pkey"},
		{"proofs", selectProofs, "opt_out_changes_number"},
		{"webhooks that are due", selectDueDeliveries, "deliveries_pending"},
		{"what busies an endpoint", selectBusy, "deliveries_"},
		{"how webhooks stand", selectStanding, "deliveries_"},
		{"outcome of webhooks", updateDeliveries, "deliveries_pkey"},
		{"feed", selectFeed, "outbox_pkey"},
		{"old events", deleteOutbox, "outbox_pkey"},
		{"old deliveries", deleteFinished, "deliveries_pkey"},
		{"what may be purged", selectPurgeable, "messages_\\w+_pkey"},
		{"what still waits", selectStillNeeded, "account_id_idx"},
		{"purge of texts", purgeTexts, "submissions_\\w+_pkey"},
		{"purge of numbers", hideNumbers, "messages_\\w+_pkey"},
		{"messages to erase", selectErasable, "recipient_account_id"},
		{"erase of messages", eraseMessages, "messages_\\w+_pkey"},
		{"share of a text", countShare, "submissions_\\w+_pkey"},
		{"others of a request", selectOthers, "messages_\\w+_pkey"},
		{"erase of a text", eraseText, "submissions_\\w+_pkey"},
		{"replies to erase", selectErasableReplies, "inbound_sender"},
		{"erase of replies", eraseReplies, "inbound_pkey"},
		{"events of replies", eraseReplyEvents, "outbox_pkey"},
		{"audit", audit(person.AuditQuery{}), "audit_pkey"},
		{"audit of a person", audit(person.AuditQuery{Subject: "~a"}), "audit_subject"},
		{"one message", selectMessage, "messages_\\w+_pkey"},
		{"search, newest", searched(search.Query{}), "messages_\\w+_pkey"},
		{"search by number", searched(search.Query{To: "+33639980001"}), "recipient_account_id"},
		{"search by reference", searched(search.Query{Reference: "a"}), "reference_account_id"},
		{"search what waits", searched(search.Query{Status: sms.Uncertain}), "account_id_idx"},
		{"search by metadata", searched(search.Query{Metadata: []search.Metadatum{{Key: "a", Value: "b"}}}), "messages_\\w+_pkey"},
		{"what was used", selectUsage, "messages_\\w+_pkey"},
		{"old nonces", watched["old nonces"], "nonces_age"},
		{"numbers near a limit", selectSuspects, "recipient_account_id"},
		{"messages of numbers", selectCounts, "recipient_account_id"},
		{"texts of messages of numbers", selectCounts, "submissions_\\w+_pkey"},
		{"search since", searched(search.Query{Since: time.Now()}), "messages_\\w+_pkey"},
	} {
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

var scanned = regexp.MustCompile(`Seq Scan on (?:\w+\.)?(\w+)`)

// wholeIndex finds searches by a primary key, whose first column is the account
// where a table grows, with their conditions.
var wholeIndex = regexp.MustCompile(`using (?:messages|submissions|events|outbox|deliveries|inbound|opt_outs|idempotency)\w*_pkey on .*\n.*`)

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
