package table

import (
	"fmt"
	"slices"
	"time"

	"relais/campaign/ledger"
	"relais/reason"
	"relais/sms"
)

const (
	// selectRecallable has reminders of before that are still queued, of appointments that a campaign
	// which starts has as well: at another time, or to remind of itself; and, where it is complete, of
	// those that it has not.
	selectRecallable = `SELECT r.campaign, r.line, r.message, m.attempt, EXISTS (
			SELECT 1 FROM campaign_rows AS n INDEXED BY campaign_rows_appointment
			WHERE n.account = $1 AND n.series = $2 AND n.appointment = r.appointment AND n.appointment <> ''
				AND n.campaign = $3)
		FROM campaign_rows AS r INDEXED BY campaign_rows_appointment
		JOIN messages m ON m.account = r.account AND m.id = r.message
		WHERE r.account = $1 AND r.series = $2 AND r.appointment <> '' AND r.campaign <> $3 AND r.live <> 0
			AND r.state = 'taken' AND m.status = 'queued' AND (EXISTS (
				SELECT 1 FROM campaign_rows AS n INDEXED BY campaign_rows_appointment
				WHERE n.account = $1 AND n.series = $2 AND n.appointment = r.appointment AND n.appointment <> ''
					AND n.campaign = $3 AND n.meets <> 0 AND (n.state = 'waiting' OR n.meets <> r.meets))
			OR $4 AND NOT EXISTS (
				SELECT 1 FROM campaign_rows AS n INDEXED BY campaign_rows_appointment
				WHERE n.account = $1 AND n.series = $2 AND n.appointment = r.appointment AND n.appointment <> ''
					AND n.campaign = $3))`
	recallRow = `UPDATE campaign_rows SET state = 'canceled', message = $1, why = $2, code = $3
		WHERE account = $4 AND campaign = $5 AND line = $6 AND state = 'taken' AND message = $7`
	countRecalled = `UPDATE campaigns SET taken = taken - $1, canceled = canceled + $1 WHERE account = $2 AND id = $3`
)

// recallable is a reminder of before whose message is queued.
type recallable struct {
	campaign sms.ID
	line     int
	message  sms.ID
	attempt  int
	stays    bool // the appointment is in the table that starts
}

func (r runs) recallable(c *ledger.Campaign) ([]recallable, error) {
	scan := func(scan Scan) (q recallable, err error) {
		return q, scan(&q.campaign, &q.line, &q.message, &q.attempt, &q.stays)
	}
	found, err := list(r, scan, selectRecallable, c.Account, c.Series(), c.ID, c.Options.Appointments.Complete)
	if err != nil {
		return nil, fmt.Errorf("look for reminders that are queued: %w", err)
	}
	return found, nil
}

// recall cancels reminders of before that are still queued, so that the campaign that starts has their
// appointments as if no message had been made. One that a lane takes at the same moment has left. before
// are the campaigns that are locked, and seen the reminders that were queued before that.
func (r runs) recall(c *ledger.Campaign, before []sms.ID, seen []recallable, at time.Time) error {
	all, err := r.recallable(c)
	if err != nil {
		return err
	}
	// Events of a message are in the order of the transactions that read it before they write. Of one that
	// was never tried nothing was told.
	all = slices.DeleteFunc(all, func(q recallable) bool {
		return !slices.Contains(before, q.campaign) || q.attempt > 0 && !slices.Contains(seen, q)
	})
	slices.SortFunc(all, func(a, b recallable) int { return slices.Compare(a.message[:], b.message[:]) })
	moves := make([]sms.Transition, len(all))
	for i, q := range all {
		moves[i] = sms.Transition{
			Account: c.Account, ID: q.message, From: sms.Queued, Attempt: q.attempt, To: sms.Canceled,
			Event: sms.Event{
				At: at, Status: sms.Canceled, Actor: sms.ActorGateway, Code: q.why().Wire(), Attempt: q.attempt,
			},
		}
	}
	moved, err := r.conn.Move(moves)
	if err != nil {
		return fmt.Errorf("cancel reminders that are queued: %w", err)
	}
	count := map[sms.ID]int{}
	var lists [][]any
	for i, q := range all {
		if moved[i] {
			count[q.campaign]++
			why := reason.Of(q.why(), nil)
			lists = append(lists, []any{
				sms.ID{}, why.Text(), why.Code.Wire(), c.Account, q.campaign, q.line, q.message,
			})
		}
	}
	if err := r.each(recallRow, lists); err != nil {
		return err
	}
	for _, of := range before {
		if n := count[of]; n > 0 {
			if err := r.do(countRecalled, n, c.Account, of); err != nil {
				return fmt.Errorf("count rows of a campaign: %w", err)
			}
		}
	}
	return nil
}

func (q recallable) why() reason.Code {
	if q.stays {
		return ledger.Replaced
	}
	return ledger.Gone
}
