package sender

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"relais/connector"
)

// namer tells one sender, unless it is away.
type namer struct {
	away atomic.Bool
}

func (o *namer) Senders(context.Context) ([]connector.DeclaredSender, error) {
	if o.away.Load() {
		return nil, errors.New("away")
	}
	return []connector.DeclaredSender{{Name: "RELAIS", State: connector.SenderUsable}}, nil
}

func TestSendersThatWereReadADayAgoRefuseNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &namer{}
		declared := NewDeclared(&connector.Facts{CheckSenders: true})
		reading := Reading{
			Connector: "ovh", Declared: declared, Every: Every, Ask: o.Senders,
			Log: slog.New(slog.DiscardHandler),
		}
		go reading.Run(t.Context())
		synctest.Wait()
		o.away.Store(true)
		for _, step := range []struct {
			after   time.Duration
			refused bool
		}{{0, true}, {24 * time.Hour, true}, {time.Minute, false}} {
			time.Sleep(step.after)
			synctest.Wait()
			if refused := !declared.Refuses(Read("Pool")).IsZero(); refused != step.refused {
				t.Errorf("%s later refused is %v", step.after, refused)
			}
		}
	})
}
