package engine

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"relais/campaign/ledger"
	"relais/gateway"
	"relais/inbox"
	"relais/number"
	"relais/quota"
	"relais/reason"
	"relais/sms"
	"relais/terms"
)

const (
	// together is how many rows share a transaction.
	together = 64
	// startWithin is how late a start may be. Later it waits for a person: whoever reads a
	// reminder after its time is worse off than without.
	startWithin = 2 * time.Hour
)

// due reports whether a campaign that was scheduled starts.
func (f *Feeder) due(c *ledger.Campaign) bool { return !c.StartAt.After(f.Desk.Now()) }

// begin starts a campaign by the clock.
func (f *Feeder) begin(ctx context.Context, c *ledger.Campaign, _ ledger.Claim) error {
	m := ledger.Move{From: []ledger.Status{ledger.Scheduled}, To: ledger.Running, Version: c.Version}
	if f.Desk.Now().Sub(c.StartAt) > startWithin {
		m.To, m.Why = ledger.Paused, MissedStart
	}
	return f.moveBy(ctx, c, m)
}

// feed makes messages of the next rows, and says how long it has no more to do.
func (f *Feeder) feed(
	ctx context.Context, c *ledger.Campaign, claim ledger.Claim,
) (next time.Duration, err error) {
	if paused, err := f.guard(ctx, c); err != nil || paused {
		return look, err
	}
	k, ahead := f.courseOf(c), f.ahead(c)
	queued, err := f.Desk.Store.FedAhead(ctx, c.Account, c.ID, 2*ahead)
	if err != nil {
		return look, err
	}
	if !f.mayLeave(c) {
		return f.hold(ctx, c, claim, queued)
	}
	room := k.pace.room(f.Desk.Now(), c.Options.Rate, ahead-queued)
	done, left, err := f.feedSome(ctx, c, claim, min(room, aTurn))
	switch {
	case err != nil:
		return look, err
	case left == held:
		next = look
	case left == more && done < room: // others first
		next = 0
	case done > 0 && c.Options.Rate > 0:
		next = busy
	case done > 0 || queued > 0:
		next = k.until(ahead-queued, ahead)
	default:
		next = look
	}
	switch {
	case left == none && c.Options.Appointments.Any() && c.Counts.Waiting > done:
		err = f.waits(ctx, c, claim, ledger.ForTime)
	case left == none && done == 0 && queued == 0: // what is followed by receipts alone is finishing
		err = k.counting.do(func() (bool, error) { return false, f.allFed(ctx, c) })
	default:
		err = f.tellWait(ctx, c, claim, waiting{left: left, full: queued >= ahead, slowed: room < ahead-queued})
	}
	return next, errors.Join(f.follow(ctx, c, claim), err)
}

// rest is what waits when some rows were fed.
type rest int

const (
	none rest = iota // no row waits
	more             // there may be others
	held             // there are others, for which something is over by itself
)

// feedSome makes messages of at most so many rows. It reports how many it looked at.
func (f *Feeder) feedSome(
	ctx context.Context, c *ledger.Campaign, claim ledger.Claim, most int,
) (done int, left rest, err error) {
	const page = 4 * together
	for done < most {
		rows, passed, err := f.next(ctx, c, claim, min(most-done, page))
		if done += passed; err != nil || len(rows)+passed == 0 {
			return done, none, err
		}
		for some := range slices.Chunk(rows, together) {
			made, wait, err := f.submit(ctx, c, claim, some)
			f.courseOf(c).pace.made(made)
			f.Desk.Metrics.came(made, ledger.Taken)
			if err != nil || wait {
				return done + made, held, err
			}
			done += len(some)
		}
	}
	return done, more, nil
}

// allFed moves a campaign of which no row waits to finishing, once none of its messages waits.
func (f *Feeder) allFed(ctx context.Context, c *ledger.Campaign) error {
	// The rows that were taken last are counted in each turn; a message may wait of any.
	queued, err := f.Desk.Store.FedAhead(ctx, c.Account, c.ID, math.MaxInt32)
	if err != nil || queued > 0 {
		return err
	}
	return f.moveBy(ctx, c, ledger.Move{
		From: []ledger.Status{ledger.Running}, To: ledger.Finishing, Without: []ledger.State{ledger.Waiting},
	})
}

// submit makes messages of rows. It reports how many it made, and whether there is something
// to wait for.
func (f *Feeder) submit(
	ctx context.Context, c *ledger.Campaign, claim ledger.Claim, rows []ledger.Row,
) (made int, wait bool, err error) {
	rows, skipped, err := f.agreeing(ctx, c, rows)
	if err != nil || len(rows) == 0 {
		return 0, false, errors.Join(err, f.skip(ctx, claim, skipped))
	}
	b := gateway.Batch{Account: c.Account}
	for i := range rows {
		s, err := submission(c, &rows[i])
		if err != nil {
			return 0, false, err
		}
		s.ValidFor = f.validFor(c, &rows[i])
		s.Taking = &ledger.Taking{Campaign: c.ID, Fence: claim.Fence, Rows: []int{rows[i].Row}}
		b.Submissions = append(b.Submissions, s)
	}
	result, err := f.Gateway.SubmitBatch(ctx, b, nil)
	refusal, isRefusal := errors.AsType[*gateway.Error](err)
	switch {
	case errors.Is(err, ledger.ErrStopped), errors.Is(err, ledger.ErrTaken):
		return 0, true, ledger.ErrStopped
	case isRefusal && refusal.Kind == gateway.Overloaded:
		return 0, true, nil
	case err != nil:
		return 0, true, err
	}
	for i, o := range result.Outcomes {
		if o.Refusal == nil {
			made++
			continue
		}
		why, stop := judge(o.Refusal, &rows[i])
		switch {
		case stop != "":
			return made, true, errors.Join(f.skip(ctx, claim, skipped), f.stop(ctx, c, stop))
		case why.IsZero():
			wait = true
		default:
			rows[i].Reason = why
			skipped = append(skipped, rows[i])
		}
	}
	return made, wait, f.skip(ctx, claim, skipped)
}

func (f *Feeder) skip(ctx context.Context, claim ledger.Claim, rows []ledger.Row) error {
	if len(rows) == 0 {
		return nil
	}
	err := f.Desk.Store.SkipRows(ctx, claim, rows)
	if err == nil {
		f.Desk.Metrics.came(len(rows), ledger.Skipped)
	}
	return err
}

// stop pauses a campaign of which no further row would get a message.
func (f *Feeder) stop(ctx context.Context, c *ledger.Campaign, why reason.Code) error {
	return f.moveBy(ctx, c, ledger.Move{From: []ledger.Status{ledger.Running}, To: ledger.Paused, Why: why})
}

// judge says what a refusal of a row's message means: the row gets none, which is why; or no
// row would, which stops the campaign; or neither, for what is over by itself. What is not
// known to be the row's own stops: a row that is left out does not come back.
func judge(refusal *gateway.Error, row *ledger.Row) (why reason.Reason, stop reason.Code) {
	cause := causeOf(refusal)
	switch {
	case rowsOwn(refusal, row):
		return cause, ""
	case cause.Code == quota.Contended:
		return reason.Reason{}, ""
	case cause.Is(quota.Exceeded), cause.Is(quota.TooSmall): // however long it lasts
		return reason.Reason{}, Quota
	case refusal.Kind == gateway.Overloaded || refusal.Kind == gateway.Unavailable:
		return reason.Reason{}, ""
	}
	return reason.Reason{}, Refused
}

// causeOf is what is wrong with a message to one number.
func causeOf(refusal *gateway.Error) reason.Reason {
	if len(refusal.Rejected) > 0 {
		return refusal.Rejected[0].Reason
	}
	return refusal.Reason
}

// personal are the codes of what is wrong with a number, and of what a person is spared.
var personal = []reason.Code{
	number.CodeEmpty, number.CodeInvalidCharacters, number.CodeTooShort, number.CodeTooLong, number.CodeMissingPrefix,
	number.CodeUnknownCountry, number.CodeUnknownRegion, number.CodeNotPossible, number.CodePremium,
	number.CodeSpecial, number.CodeFixedLine, number.CodeFamily, number.CodeMachine, number.CodeFiction,
	gateway.CodeUnreadable, inbox.CodeOptedOut, terms.CodeNever, terms.CodeAfterValidity, quota.RecipientLimit,
	quota.RepeatedText,
}

// rowsOwn reports whether a refusal is of a row alone: of its number, of its person, of its
// reference, or of a text that was made for it.
func rowsOwn(refusal *gateway.Error, row *ledger.Row) bool {
	cause := causeOf(refusal)
	ofText := refusal.Field == "/text" || cause.Is(gateway.CodeTextTooLong)
	return slices.ContainsFunc(personal, cause.Is) || refusal.Field == "/reference" || row.Text != "" && ofText
}

// Codes of the events of messages that a campaign took back.
const (
	takenBack     = "campaign_paused"
	takenBackLast = "campaign_canceled"
)

// follow looks at some taken rows, and ends those whose messages have ended.
func (f *Feeder) follow(ctx context.Context, c *ledger.Campaign, claim ledger.Claim) error {
	return f.courseOf(c).following.do(func() (bool, error) { return f.followSome(ctx, c, claim) })
}

func (f *Feeder) followSome(
	ctx context.Context, c *ledger.Campaign, claim ledger.Claim,
) (useful bool, err error) {
	const page, enough, most = 250, 50 * time.Millisecond, 500 * time.Millisecond
	k, doubt, begun := f.courseOf(c), &f.stateOf(c).doubt, time.Now()
	for {
		rows, err := f.Desk.Store.TakenRows(ctx, c.Account, c.ID, k.cursor, page)
		if err != nil {
			return useful, err
		}
		var ended []ledger.Row
		for i := range rows {
			k.cursor = rows[i].Row
			doubt.see(&rows[i], c.Watch.Since)
			if end(&rows[i], f.Desk.Now()) {
				ended = append(ended, rows[i])
			}
		}
		if len(ended) > 0 {
			useful = true
			if err := f.Desk.Store.EndRows(ctx, claim, ended); err != nil {
				return useful, err
			}
			f.Desk.Metrics.moved(ended)
		}
		took := time.Since(begun)
		switch {
		case len(rows) < page: // from the first, the next time
			k.cursor = 0
			doubt.whole()
			return useful, nil
		case took > most, took > enough && len(ended) < page/2:
			return useful, nil
		}
	}
}

// history is how long the messages of before are kept at the least: one that is younger and is
// not there is looked for again. Of an older one nobody knows any more how it ended, which is
// said as of one without a receipt: nobody retries it without asking for that.
const history = 28 * 24 * time.Hour

// end moves a row whose message has ended. The store is told by which message it was taken.
func end(row *ledger.Row, now time.Time) bool {
	if row.Status == "" && !row.Message.IsZero() && now.Sub(row.Message.Time()) > history {
		row.Status, row.Code, row.At = sms.Expired, sms.NoReceipt, now.UTC().Truncate(time.Microsecond)
	}
	if !row.Status.Final() {
		return false
	}
	row.State = ledger.Ended
	if row.Status == sms.Canceled && row.Number != sms.NoNumber && (row.Code == takenBack || row.Code == takenBackLast) {
		row.State = ledger.Waiting
		if row.Code == takenBackLast {
			row.State = ledger.RowCanceled
		}
		row.Status, row.Code, row.Segments, row.Price, row.At = "", "", 0, 0, time.Time{}
	}
	return true
}

// withdraw takes back what a paused campaign has queued, and follows the rest. A message
// that was taken back is canceled; its row waits again once that is seen, so that a crash
// between the two loses nothing.
func (f *Feeder) withdraw(ctx context.Context, c *ledger.Campaign, claim ledger.Claim) error {
	return errors.Join(f.takeBack(ctx, c, takenBack), f.follow(ctx, c, claim))
}

func (f *Feeder) takeBack(ctx context.Context, c *ledger.Campaign, code string) error {
	return f.courseOf(c).takingBack.do(func() (bool, error) { return f.takeAllBack(ctx, c, code) })
}

func (f *Feeder) takeAllBack(ctx context.Context, c *ledger.Campaign, code string) (some bool, err error) {
	const page = 500
	for after := 0; ; {
		rows, err := f.Desk.Store.TakenRows(ctx, c.Account, c.ID, after, page)
		if err != nil {
			return some, err
		}
		var queued []sms.Message
		for i := range rows {
			after = rows[i].Row
			if rows[i].Status == sms.Queued {
				queued = append(queued, sms.Message{Account: c.Account, ID: rows[i].Message, Attempt: rows[i].Attempt})
			}
		}
		if len(queued) > 0 {
			some = true
			if err := f.Gateway.Withdraw(ctx, queued, code); err != nil {
				return some, err
			}
		}
		if len(rows) < page {
			return some, nil
		}
	}
}

// finish ends a campaign of which no row is open. A message in doubt that the operator turns out
// not to have is queued again meanwhile.
func (f *Feeder) finish(ctx context.Context, c *ledger.Campaign, claim ledger.Claim) error {
	if !f.mayLeave(c) {
		if _, err := f.recall(ctx, c, 0); err != nil {
			return err
		}
	}
	if err := f.follow(ctx, c, claim); err != nil {
		return err
	}
	if c.Counts.Waiting > 0 { // a message that a pause took back was seen late
		return f.moveBy(ctx, c, ledger.Move{From: []ledger.Status{ledger.Finishing}, To: ledger.Running})
	}
	return f.over(ctx, c, ledger.Finishing, ledger.Finished)
}

// cancel ends a campaign that people canceled.
func (f *Feeder) cancel(ctx context.Context, c *ledger.Campaign, claim ledger.Claim) error {
	if err := f.takeBack(ctx, c, takenBackLast); err != nil {
		return err
	}
	if err := f.follow(ctx, c, claim); err != nil {
		return err
	}
	const some = 1000
	for {
		n, err := f.Desk.Store.CancelRows(ctx, c.Account, c.ID, some)
		if err != nil {
			return err
		}
		f.Desk.Metrics.came(n, ledger.RowCanceled)
		if n < some {
			return f.over(ctx, c, ledger.Canceling, ledger.Canceled)
		}
	}
}

// over moves a campaign to its end, where no row is open.
func (f *Feeder) over(ctx context.Context, c *ledger.Campaign, from, to ledger.Status) error {
	err := f.moveBy(ctx, c, ledger.Move{
		From: []ledger.Status{from}, To: to, Without: []ledger.State{ledger.Waiting, ledger.Taken},
	})
	if err == nil {
		delete(f.states, c.ID)
		delete(f.courses, c.ID)
		f.leave(c.ID)
	}
	return err
}

// pace spreads the rows of a campaign over time.
type pace struct {
	at   time.Time
	have float64 // rows that may be fed
}

// room is how many rows may be fed now, of so many that there is room for.
func (p *pace) room(now time.Time, perMinute, room int) int {
	if perMinute == 0 {
		return room
	}
	perSecond := float64(perMinute) / time.Minute.Seconds()
	const burst = 5 // seconds
	if p.at.IsZero() {
		p.have = max(perSecond, 1)
	} else if d := now.Sub(p.at); d > 0 {
		p.have = min(p.have+d.Seconds()*perSecond, max(burst*perSecond, 1))
	}
	p.at = now
	return min(room, int(p.have))
}

func (p *pace) made(n int) { p.have -= float64(n) }
