package gateway_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"relais/connector"
	"relais/gateway"
	"relais/lane"
	"relais/reason"
	"relais/route"
	"relais/sms"
)

// instanceOf is a scripted connector that sends some kinds.
func instanceOf(name string, o connector.Connector, kinds ...sms.Kind) lane.Instance {
	return lane.Instance{
		Name: name, Provider: "scripted", Connector: o, Owner: "default",
		Facts: connector.Facts{Simulated: true, Kinds: kinds},
	}
}

// TestKindGoesWhereItCan: a connector that does not send a kind is passed over, with the reason,
// and refuses what names it.
func TestKindGoesWhereItCan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plain, flashing := &operator{}, &operator{}
		l := startInstances(t, func(o *gateway.Options) {
			o.Rules = []route.Rule{
				{Name: "all", Connectors: []string{"sfr", "ovh"}, Classes: []sms.Class{sms.Transactional}},
				{Name: "codes", Connectors: []string{"sfr"}},
			}
		}, instanceOf("sfr", plain), instanceOf("ovh", flashing, sms.Flash))
		defer l.stop(t)
		flash := gateway.Submission{Account: "default", To: phones(1), Text: "a", Kind: sms.Flash}
		preview, err := l.Preview(t.Context(), flash, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		told := reason.Reason{}.With(preview.Common...).With(preview.Messages[0].Decisions...).In(reason.English)
		for _, want := range []string{"sfr is left: it sends no flash messages", "the handset shows it at once"} {
			if !strings.Contains(told, want) {
				t.Errorf("the preview does not tell %q: %s", want, told)
			}
		}
		m := l.submit(t, flash)[0]
		synctest.Wait()
		if got := connectorOf(t, l, m); got != "ovh" || l.status(t, m) != sms.Submitted {
			t.Errorf("flash is %s at %s, want submitted by ovh", l.status(t, m), got)
		}
		if made := flashing.made(); len(made) != 1 || made[0].batch[0].Kind != sms.Flash {
			t.Errorf("the connector got %+v, want one flash message", made)
		}
		for _, tc := range []struct {
			name, field string
			change      func(s *gateway.Submission)
			code        reason.Code
		}{
			{"named", "/kind", func(s *gateway.Submission) { s.Connector = "sfr" }, lane.CodeKindUnsupported},
			{"the only one of its rule", "/kind", func(s *gateway.Submission) { s.Class = sms.OTP }, lane.CodeKindUnsupported},
			{"no kind", "/kind", func(s *gateway.Submission) { s.Kind = "mms" }, gateway.CodeKindUnknown},
		} {
			s := flash
			tc.change(&s)
			_, err := l.Submit(t.Context(), s, func(*gateway.Result) ([]byte, error) { return nil, nil })
			refused, ok := errors.AsType[*gateway.Error](err)
			if !ok || refused.Code != tc.code || refused.Field != tc.field {
				t.Errorf("%s: %v, want %s at %s", tc.name, err, tc.code, tc.field)
			}
		}
		if made := plain.made(); len(made) != 0 {
			t.Errorf("sfr got %+v", made)
		}
	})
}

// TestKindThatItsConnectorLost: what waited when the configuration changed ends with the reason,
// and leaves as nothing else.
func TestKindThatItsConnectorLost(t *testing.T) {
	dir := t.TempDir()
	begin := func(t *testing.T, o *operator, kinds ...sms.Kind) *line {
		t.Helper()
		l := prepareOptions(t, dir, nil, connector.Facts{}, func(s gateway.Store) gateway.Store { return s },
			func(options *gateway.Options) { options.Instances = []lane.Instance{instanceOf("ovh", o, kinds...)} })
		if err := l.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		return l
	}
	synctest.Test(t, func(t *testing.T) {
		busy := &operator{answer: func(int, context.Context, []sms.Message) ([]connector.Outcome, error) {
			return nil, &connector.Error{Fault: connector.Temporary, Detail: "later"}
		}}
		l := begin(t, busy, sms.Flash)
		m := l.submit(t, gateway.Submission{Kind: sms.Flash})[0]
		synctest.Wait()
		l.stop(t)
		other := &operator{}
		l = begin(t, other)
		defer l.stop(t)
		time.Sleep(time.Minute)
		got, err := l.store.Message(t.Context(), m.Account, m.ID)
		if err != nil || got.Status != sms.Rejected || got.Reason != string(lane.CodeKindUnsupported) {
			t.Errorf("the message is %s (%s), %v; want rejected for its kind", got.Status, got.Reason, err)
		}
		if made := other.made(); len(made) != 0 {
			t.Errorf("the connector got %+v", made)
		}
	})
}
