package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"relais/sandbox/smsc"
)

// The client of these measurements, and the connector that its messages take. The connector has as
// many messages without an answer as the simulated OVH of submit has calls under way.
const (
	smppClient    = "bench"
	smppPassword  = "secret08"
	smppConnector = "line"
)

const smppSettings = `
[smpp.%s]
password = "%s"
account = "sandbox"
connector = "%s"

[connector.%[3]s]
provider = "smpp"
address = "%[4]s"
tls = false
system_id = "%[5]s"
password = "%[6]s"
window = %[7]d
sender = "RELAIS"
`

// startSMPP runs a gateway with an open door for SMPP beside an operator that speaks it.
func (s *session) startSMPP(ctx context.Context, o *operator, name string, round int) (*server, error) {
	file := filepath.Join(s.dir, "smpp.toml")
	settings := fmt.Sprintf(smppSettings, smppClient, smppPassword, smppConnector,
		o.sandbox.SMSC().Address(), smsc.SystemID, smsc.Password, connections)
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		return nil, fmt.Errorf("write the settings of SMPP: %w", err)
	}
	at, err := freeAddress(ctx)
	if err != nil {
		return nil, fmt.Errorf("find a free port: %w", err)
	}
	return s.start(ctx, Child{Role: RoleGateway, Operator: o.url, Config: file, SMPP: at}, name, round)
}

// smppAt measures durable submit_sm alone, by one bind with so many unanswered. The messages are due
// in an hour, as those of accept.
func smppAt(window int) func(*session, context.Context, int) (Run, error) {
	return func(s *session, ctx context.Context, round int) (Run, error) {
		o, err := startOperator(ctx)
		if err != nil {
			return Run{}, err
		}
		defer o.close()
		server, err := s.startSMPP(ctx, o, runSMPP+strconv.Itoa(window), round)
		if err != nil {
			return Run{}, err
		}
		l, err := server.submitClosed(ctx, window)
		return server.finish(ctx, l, err, func() error {
			if err := stored(ctx, server.database(), l.ids, "queued"); err != nil {
				return err
			}
			return onHandsetsOnce(o.sandbox, nil)
		})
	}
}

// codecAt measures a peer that keeps nothing, by the same client.
func codecAt(window int) func(*session, context.Context, int) (Run, error) {
	return func(s *session, ctx context.Context, round int) (Run, error) {
		at, err := freeAddress(ctx)
		if err != nil {
			return Run{}, fmt.Errorf("find a free port: %w", err)
		}
		server, err := s.start(ctx, Child{Role: RoleCodec, SMPP: at}, runCodec+strconv.Itoa(window), round)
		if err != nil {
			return Run{}, err
		}
		l, err := server.submitClosed(ctx, window)
		return server.finish(ctx, l, err, func() error { return distinct(l.ids) })
	}
}

// smppLife measures a message from submit_sm to the client's acknowledgement of its receipt. The
// simulated SMSC and the client run in the generator's process.
func (s *session) smppLife(ctx context.Context, round int) (Run, error) {
	o, err := startOperator(ctx)
	if err != nil {
		return Run{}, err
	}
	defer o.close()
	server, err := s.startSMPP(ctx, o, runSMPPWay, round)
	if err != nil {
		return Run{}, err
	}
	receipts := newReceipts(lives)
	l, err := server.submitInFlight(ctx, receipts)
	return server.finish(ctx, l, err, func() error {
		if err := stored(ctx, server.database(), l.ids, "delivered"); err != nil {
			return err
		}
		return errors.Join(eachTextOnce(o.sandbox, l.total), receipts.toldOnce(l.ids))
	})
}
