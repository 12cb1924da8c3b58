package ovh

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"relais/connector"
	"relais/sms"
)

// The values of StatusSenderEnum (API schema sms.json).
const (
	senderEnabled  = "enable"
	senderWaiting  = "waitingValidation"
	senderRefused  = "refused"
	senderDisabled = "disable"
)

// senderModel is what is read of Sender (API schema sms.json).
type senderModel struct {
	Status  string `json:"status"`
	Comment string `json:"comment"` // the moderator's message
}

// Senders lists the senders of the account, one call for the list and one for each of
// them. OVH documents its list as the names that are usable or await approval, so that
// what it refused or what was disabled is told by the single one (API schema sms.json,
// GET /sms/{serviceName}/senders and /senders/{sender}).
func (c *Client) Senders(ctx context.Context, also ...sms.Sender) ([]connector.DeclaredSender, error) {
	var names []string
	if err := c.api.get(ctx, c.account+"/senders", &names); err != nil {
		return nil, fmt.Errorf("list the senders: %w", err)
	}
	for _, s := range also {
		if !slices.ContainsFunc(
			names, func(n string) bool { return connector.SameSender(sms.Sender(n), s) },
		) {
			names = append(names, string(s))
		}
	}
	declared := []connector.DeclaredSender{}
	for _, name := range names {
		model, err := c.readSender(ctx, name)
		switch {
		case notFound(err):
			continue // gone since the list was read, or never there
		case err != nil:
			return nil, fmt.Errorf("read the state of a sender: %w", err)
		}
		declared = append(declared, connector.DeclaredSender{
			Name: sms.Sender(name), State: stateOfSender(model.Status),
			Comment: c.api.clean(model.Comment, ""),
		})
	}
	return declared, nil
}

// readSender asks for one sender, with spaces as %20 (documented: guide of senders).
func (c *Client) readSender(ctx context.Context, name string) (senderModel, error) {
	var model senderModel
	err := c.api.get(ctx, c.account+"/senders/"+url.PathEscape(name), &model)
	return model, err
}

func stateOfSender(status string) connector.SenderState {
	switch status {
	case senderEnabled:
		return connector.SenderUsable
	case senderWaiting:
		return connector.SenderWaiting
	case senderRefused:
		return connector.SenderRefused
	case senderDisabled:
		return connector.SenderDisabled
	default:
		return connector.SenderUnclear
	}
}
