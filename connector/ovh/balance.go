package ovh

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"relais/connector"
)

// balanceLife is how long a balance that OVH gave is told again without a call.
const balanceLife = time.Minute

// balance is the last credit that OVH told.
type balance struct {
	last atomic.Pointer[connector.Balance]
}

// Balance returns the credit left on the account, from the last minute or from
// OVH now.
func (c *Client) Balance(ctx context.Context) (connector.Balance, error) {
	if last := c.balance.last.Load(); last != nil && c.api.now().Sub(last.At) < balanceLife {
		return *last, nil
	}
	account, err := c.readAccount(ctx)
	if err != nil {
		return connector.Balance{}, fmt.Errorf("read the balance: %w", err)
	}
	return *c.setBalance(account.CreditsLeft), nil
}

// keepBalance takes the balance that came with a sending report. That of an SMS
// user's report is left alone: whether it is the user's or the account's is
// undocumented.
func (c *Client) keepBalance(r *report) {
	var credits *float64
	if c.jobs != c.account || json.Unmarshal(r.CreditsLeft, &credits) != nil || credits == nil {
		return
	}
	c.setBalance(*credits)
}

func (c *Client) setBalance(credits float64) *connector.Balance {
	b := &connector.Balance{Amount: credits, Unit: "credits", At: c.api.now()}
	c.balance.last.Store(b)
	return b
}

// account is what is read of AccountWithIAM (API schema sms.json).
type account struct {
	Status      string  `json:"status"`
	Channel     string  `json:"channel"`
	CreditsLeft float64 `json:"creditsLeft"`
}

func (c *Client) readAccount(ctx context.Context) (account, error) {
	var a account
	if err := c.api.get(ctx, c.account, &a); err != nil {
		return account{}, err
	}
	return a, nil
}
