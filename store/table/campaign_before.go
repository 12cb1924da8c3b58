package table

import (
	"fmt"
	"time"

	"relais/campaign/ledger"
	"relais/sms"
)

const (
	selectMessages = "SELECT sends FROM campaigns WHERE account = $1 AND id = $2"
	// selectSentBefore passes over what was canceled before any of it left.
	selectSentBefore = `SELECT id FROM campaigns INDEXED BY campaigns_sends
		WHERE account = $1 AND sends = $2 AND sends <> '' AND id <> $3
			AND (started_at >= $4 OR status IN ('awaiting_approval', 'scheduled', 'paused'))
			AND (status NOT IN ('canceled', 'canceling', 'dropped') OR
				taken + delivered + undelivered + expired + rejected > 0)
		ORDER BY id DESC LIMIT 1`
)

// onceIn refuses to start a campaign whose messages another one sends that began since a time; zero: any
// may start. One transaction at a time looks and starts in an account.
func (r runs) onceIn(account string, id sms.ID, since time.Time) error {
	if since.IsZero() {
		return nil
	}
	if err := r.conn.Lock("campaigns that start in " + account); err != nil {
		return err
	}
	var messages string
	found, err := r.read(selectMessages, []any{account, id}, &messages)
	if err != nil {
		return fmt.Errorf("read what a campaign sends: %w", err)
	}
	if !found || messages == "" {
		return nil
	}
	var earlier sms.ID
	found, err = r.read(selectSentBefore, []any{account, messages, id, since}, &earlier)
	switch {
	case err != nil:
		return fmt.Errorf("look for what was sent before: %w", err)
	case found:
		return &ledger.SentBeforeError{Campaign: earlier}
	}
	return nil
}
