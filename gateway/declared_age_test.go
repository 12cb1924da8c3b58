package gateway

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"relais/connector"
	"relais/duty"
	"relais/sms"
)

// namer tells one sender, unless it is away.
type namer struct {
	connector.Connector
	away atomic.Bool
}

func (o *namer) Senders(context.Context, ...sms.Sender) ([]connector.DeclaredSender, error) {
	if o.away.Load() {
		return nil, errors.New("away")
	}
	return []connector.DeclaredSender{{Name: "RELAIS", State: connector.SenderUsable}}, nil
}

// A day of a whole gateway takes minutes under the race detector; a lane is enough.
func TestSendersThatWereReadADayAgoRefuseNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &namer{}
		l := newLane(Instance{Name: "ovh", Connector: o, Facts: connector.Facts{CheckSenders: true}}, &Options{}, time.Now())
		g := &Gateway{log: slog.New(slog.DiscardHandler), clock: duty.NewClock(time.Now), sendersEvery: sendersEvery}
		go g.watchSenders(t.Context(), l)
		synctest.Wait()
		o.away.Store(true)
		for _, step := range []struct {
			after   time.Duration
			refused bool
		}{{0, true}, {24 * time.Hour, true}, {time.Minute, false}} {
			time.Sleep(step.after)
			synctest.Wait()
			if _, refused := l.refuses("Pool"); refused != step.refused {
				t.Errorf("%s later refused is %v", step.after, refused)
			}
		}
	})
}
