package smpp

import (
	"context"
	"time"

	"relais/sms"
	"relais/webhook"
)

// Format is the name of what the door carries among the formats of webhooks.
const Format = "smpp"

// scheme begins the address of a client's endpoint; its system id follows.
const scheme = "smpp://"

// endpointAge is how long the endpoint of a client is taken for granted: somebody may remove it.
const endpointAge = time.Minute

// endpointOf is where a client's receipts and replies wait.
func (d *Door) endpointOf(ctx context.Context, c *client) (sms.ID, error) {
	c.mu.Lock()
	id, found := c.endpoint, c.found
	c.mu.Unlock()
	if now := time.Now(); !id.IsZero() && now.Sub(found) < endpointAge {
		return id, nil
	}
	id, err := d.Endpoint(ctx, c.Account, scheme+c.systemID, Format)
	if err != nil {
		return id, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endpoint, c.found = id, time.Now()
	return id, nil
}

// clientOf is whose endpoint it is; nil: nobody's any more.
func (d *Door) clientOf(e *webhook.Endpoint) *client {
	if len(e.URL) < len(scheme) {
		return nil
	}
	c := d.clients[e.URL[len(scheme):]]
	if c == nil || c.Account != e.Account {
		return nil
	}
	return c
}
