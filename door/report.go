package door

import (
	"context"
	"errors"
	"log/slog"

	"relais/sms"
	"relais/webhook"
)

// Report registers the endpoint of an address that gets events in a format.
type Report func(ctx context.Context, account, url, format string) (sms.ID, error)

// Own registers an address that a section names. One that may not be called any more is logged and passed over, and its
// id is zero: what it would be told of matters more.
func (r Report) Own(ctx context.Context, log *slog.Logger, account, address, format, section string) (sms.ID, error) {
	id, err := r(ctx, account, address, format)
	if wrong, ok := errors.AsType[*webhook.Error](err); ok {
		log.Warn("an address of a section may not be called", "door", format, "section", section, "reason", wrong.Reason.Code.Wire())
		return sms.ID{}, nil
	}
	return id, err
}

// Replies are the endpoints of a reply: the address that a section names for them, if it names one.
func (r Report) Replies(ctx context.Context, log *slog.Logger, account, address, format, section string) ([]sms.ID, error) {
	if address == "" {
		return nil, nil
	}
	id, err := r.Own(ctx, log, account, address, format, section)
	if err != nil || id.IsZero() {
		return nil, err
	}
	return []sms.ID{id}, nil
}
