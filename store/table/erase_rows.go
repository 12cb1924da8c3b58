package table

import (
	"cmp"
	"fmt"
	"slices"

	"relais/campaign/ledger"
	"relais/reason"
	"relais/sms"
)

const (
	// selectErasableRows passes over rows whose messages have not ended, as over the messages.
	// A person has few rows: they are found by the number whatever the plan of the rest.
	selectErasableRows = `WITH found AS MATERIALIZED (
			SELECT campaign, line, state, message FROM campaign_rows INDEXED BY campaign_rows_number
			WHERE account = $1 AND number = $2 AND number <> '' AND number <> '~')
		SELECT r.campaign, r.line FROM found r WHERE coalesce(
			(SELECT m.status FROM messages m WHERE r.state = 'taken' AND m.account = $1 AND m.id = r.message),
			'delivered') IN ('delivered', 'undelivered', 'expired', 'rejected', 'canceled')
		LIMIT $3`
	lockFile = "SELECT upload, file_sha256 <> '' FROM campaigns WHERE account = $1 AND id = $2 FOR UPDATE"
	spareRow = `UPDATE campaign_rows SET state = 'skipped', why = $1, code = $2
		WHERE account = $3 AND campaign = $4 AND line = $5 AND state = 'waiting'`
	// countSpared forgets what the campaign sends: it may have been to that person alone.
	countSpared = `UPDATE campaigns SET waiting = waiting - $1, skipped = skipped + $1, sends = ''
		WHERE account = $2 AND id = $3`
	eraseRow = `UPDATE campaign_rows SET number = '~', reference = '', data = '', appointment = '', meets = 0, due = 0
		WHERE account = $1 AND campaign = $2 AND line = $3`
	// lockErased locks the campaigns that have rows of a person, and those that are being checked,
	// always in one order.
	lockErased = `SELECT id, status = 'checking' FROM campaigns WHERE account = $1 AND (status = 'checking' OR id IN (
			SELECT campaign FROM campaign_rows INDEXED BY campaign_rows_number
			WHERE account = $1 AND number IN ($2, $3) AND number <> '' AND number <> '~'))
		ORDER BY id FOR UPDATE`
	// checkAgain has a check that is under way begin anew: it may have read the number.
	checkAgain = "UPDATE campaigns SET version = version + 1 WHERE account = $1 AND id = $2 AND status = 'checking'"
)

// lockRows locks the campaigns that an erasure changes, before anything else of them, and has the
// checks among them begin anew.
func (e *erasing) lockRows() error {
	type place struct {
		campaign sms.ID
		checking bool
	}
	scan := func(scan Scan) (p place, err error) { return p, scan(&p.campaign, &p.checking) }
	account := e.Audit.Account
	found, err := list(e.runs, scan, lockErased, account, e.Numbers[0], e.Numbers[len(e.Numbers)-1])
	e.locked = map[sms.ID]bool{}
	for i := 0; err == nil && i < len(found); i++ {
		if e.locked[found[i].campaign] = true; found[i].checking {
			err = e.do(checkAgain, account, found[i].campaign)
		}
	}
	return err
}

// eraseRows takes a person out of the rows of campaigns, and forgets the files of these
// campaigns: each has the number, and would give it back. A row that waits gets no message. Whoever
// calls it has locked the campaigns.
func (e *erasing) eraseRows(n sms.Number) error {
	account := e.Audit.Account
	scan := func(scan Scan) (r row, err error) { return r, scan(&r.campaign, &r.line) }
	found, err := list(e.runs, scan, selectErasableRows, account, n, e.Limit)
	if err != nil {
		return err
	}
	e.done.More = e.done.More || len(found) == e.Limit
	found = slices.DeleteFunc(found, func(r row) bool { // of a campaign that came meanwhile: the next step sees
		e.done.More = e.done.More || !e.locked[r.campaign]
		return !e.locked[r.campaign]
	})
	slices.SortFunc(found, func(a, b row) int {
		return cmp.Or(slices.Compare(a.campaign[:], b.campaign[:]), cmp.Compare(a.line, b.line))
	})
	for len(found) > 0 {
		of := found[0].campaign
		others := slices.IndexFunc(found, func(r row) bool { return r.campaign != of })
		if others < 0 {
			others = len(found)
		}
		if err := e.eraseRowsOf(of, found[:others]); err != nil {
			return fmt.Errorf("campaign %s: %w", of, err)
		}
		found = found[others:]
	}
	return nil
}

type row struct {
	campaign sms.ID
	line     int
}

func (e *erasing) eraseRowsOf(campaign sms.ID, rows []row) error {
	account := e.Audit.Account
	var upload sms.ID
	var filed bool
	if _, err := e.read(lockFile, []any{account, campaign}, &upload, &filed); err != nil {
		return err
	}
	if filed {
		// The rows lead here again, until the whole file is gone.
		switch n, err := e.exec(dropFileParts, account, campaign, upload, partsAtOnce); {
		case err != nil:
			return err
		case n == partsAtOnce:
			e.done.More = true
			return nil
		}
		if err := e.do(forgetFile, account, campaign); err != nil {
			return err
		}
	}
	if err := e.forgetSentences(account, campaign); err != nil { // they may tell of somebody
		return err
	}
	why := reason.Of(ledger.PersonErased, nil)
	spared, erased := make([][]any, len(rows)), make([][]any, len(rows))
	for i, r := range rows {
		spared[i] = []any{why.Text(), why.Code.Wire(), account, campaign, r.line}
		erased[i] = []any{account, campaign, r.line}
	}
	n, err := e.execEach(spareRow, spared)
	if err != nil {
		return err
	}
	if err := e.do(countSpared, n, account, campaign); err != nil {
		return err
	}
	_, err = e.execEach(eraseRow, erased)
	e.done.Rows += len(rows)
	return err
}
