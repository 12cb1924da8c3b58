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

// TestOctetsAreJudged: what is wrong with a binary message, where, and what it costs when nothing is.
func TestOctetsAreJudged(t *testing.T) {
	l := startInstances(t, nil, instanceOf("ovh", &operator{}, sms.Binary))
	defer l.stop(t)
	long := strings.Repeat("a5", 134)
	for _, tc := range []struct {
		name, data, udh, text string
		kind                  sms.Kind
		code                  reason.Code
		field                 string
		segments              int
	}{
		{name: "data", data: "DC06", kind: sms.Binary, segments: 1},
		{name: "with a header", data: "dc06", udh: "0605040b8423f0", kind: sms.Binary, segments: 1},
		{name: "a header alone", udh: "0401020100", kind: sms.Binary, segments: 1},
		{name: "a whole segment", data: long + strings.Repeat("00", 6), kind: sms.Binary, segments: 1},
		{name: "one octet more", data: long + strings.Repeat("00", 7), kind: sms.Binary, segments: 2},
		{name: "as long as may be", data: strings.Repeat(long, 10), kind: sms.Binary, segments: 10},
		{name: "longer", data: strings.Repeat(long, 10) + "00", kind: sms.Binary, code: gateway.CodeDataTooLong, field: "/data"},
		{name: "a part that is too long", data: long + "00", udh: "050003010201", kind: sms.Binary, code: gateway.CodeDataTooLong, field: "/data"},
		{name: "nothing", kind: sms.Binary, code: gateway.CodeDataEmpty, field: "/data"},
		{name: "no digit", data: "dcxy", kind: sms.Binary, code: gateway.CodeNotHex, field: "/data"},
		{name: "half an octet", udh: "050", data: "00", kind: sms.Binary, code: gateway.CodeNotHex, field: "/udh"},
		{name: "a header that is cut", udh: "050003", data: "00", kind: sms.Binary, code: gateway.CodeUDH, field: "/udh"},
		{name: "an element that is cut", udh: "0300030102"[:8], data: "00", kind: sms.Binary, code: gateway.CodeUDH, field: "/udh"},
		{name: "a text besides", data: "00", text: "a", kind: sms.Binary, code: gateway.CodeTextBesides, field: "/text"},
		{name: "data of a text", data: "00", text: "a", code: gateway.CodeDataKind, field: "/data"},
		{name: "a header of a flash message", udh: "00", text: "a", kind: sms.Flash, code: gateway.CodeDataKind, field: "/udh"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			result, err := l.Preview(t.Context(), gateway.Submission{
				Account: "default", To: phones(1), Kind: tc.kind, Text: tc.text, Data: tc.data, UDH: tc.udh,
			}, time.Time{})
			refused, ok := errors.AsType[*gateway.Error](err)
			switch {
			case tc.code == "" && err != nil:
				t.Fatal(err)
			case tc.code == "":
				m := result.Messages[0]
				if m.Segments != tc.segments || m.Encoding != sms.Octet || result.Text.Written.Segments != tc.segments {
					t.Errorf("%d segments in %s, told %+v; want %d", m.Segments, m.Encoding, result.Text, tc.segments)
				}
				if m.Text != strings.ToLower(tc.udh+":"+tc.data) {
					t.Errorf("stored as %q", m.Text)
				}
			case !ok || refused.Code.Wire() != tc.code.Wire() || refused.Field != tc.field:
				t.Errorf("%v, want %s at %s", err, tc.code, tc.field)
			}
		})
	}
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
