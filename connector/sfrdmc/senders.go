package sfrdmc

import (
	"context"
	"errors"
	"fmt"

	"relais/connector"
	"relais/sms"
)

// errNoSenders: a service without the option OADC has none to list, and shows the
// short code whatever is asked (SFR online help, "oadc-ne-fonctionne-pas"). No document
// says what findServiceOadc answers then, so nothing is concluded from an empty list.
var errNoSenders = errors.New("DMC lists no sender of the service: the option OADC may not be subscribed")

func (i *instance) senderNames(ctx context.Context) ([]string, error) {
	value, err := i.call(ctx, findServiceOadc, map[string]any{"authenticate": i.authentication()})
	if err != nil {
		return nil, err
	}
	names, _, err := readList[string](value)
	return names, err
}

// Senders lists the sender names of the service (DMC developer guide v1.7, 2.7.1,
// findServiceOadc). All of them are usable: DMC tells of no other state, nor of names
// outside its list.
func (i *instance) Senders(ctx context.Context, _ ...sms.Sender) ([]connector.DeclaredSender, error) {
	names, err := i.senderNames(ctx)
	switch {
	case err != nil:
		return nil, fmt.Errorf("list the senders: %w", err)
	case len(names) == 0:
		return nil, errNoSenders
	}
	declared := make([]connector.DeclaredSender, len(names))
	for at, name := range names {
		declared[at] = connector.DeclaredSender{Name: sms.Sender(name), State: connector.SenderUsable}
	}
	return declared, nil
}
