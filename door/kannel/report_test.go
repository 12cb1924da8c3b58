package kannel_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"relais/door/kannel"
	"relais/sms"
	"relais/webhook"
)

var at = time.Date(2026, 3, 1, 9, 30, 5, 0, time.UTC)

// accepted is the id of a message that was accepted then; ids that are made go on
// from the last one.
func accepted() sms.ID {
	id := sms.FirstID(at)
	id[6], id[8] = 0x70, 0x80
	return id
}

// told is an event of a message that was sent through the door.
func told(
	t *testing.T, kind webhook.Type, metadata map[string]string, change func(*webhook.MessageData),
) *webhook.Event {
	t.Helper()
	m := webhook.MessageData{
		ID: accepted(), To: "+33639980001", At: at, Sender: "00Town Hall",
		Connector: "ovh-town", ProviderID: "op/1", Metadata: metadata,
	}
	if change != nil {
		change(&m)
	}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return &webhook.Event{Seq: 1, Type: kind, Subject: m.ID, At: at, Data: data}
}

// called is the address that a report goes to; "" when there is none.
func called(t *testing.T, e *webhook.Event) string {
	t.Helper()
	r, err := kannel.Reports{}.Request(t.Context(), webhook.Endpoint{URL: "http://example.org/"}, e)
	if err != nil {
		t.Fatal(err)
	}
	if r == nil {
		return ""
	}
	return r.URL.String()
}

// TestEscapes compares with gw/urltrans.c urltrans_fill_escape_codes.
func TestEscapes(t *testing.T) {
	const base = "http://example.org/"
	for _, tc := range []struct{ name, pattern, want string }{
		{"kind", "d/%d", "d/1"},
		{"times", "?t=%t&T=%T", "?t=2026-03-01+09:30:05&T=1772357405"},
		{"recipient is %p and %q", "?p=%p&q=%q", "?p=%2B33639980001&q=%2B33639980001"},
		{"sender is %P and %Q", "?P=%P&Q=%Q", "?P=00Town+Hall&Q=%2BTown+Hall"},
		{"names", "?i=%i&F=%F&n=%n&o=%o&B=%B", "?i=ovh-town&F=op%2F1&n=tester&o=a+b&B=b1"},
		{"constants", "?c=%c&m=%m&M=%M&C=%C&O=%O&f=%f&u=%u&v=%v&V=%V", "?c=-1&m=-1&M=-1&C=UTF-8&O=00&f=&u=&v=&V="},
		{"reply", "?A=%A", "?A=id%3Aop%2F1+sub%3A001+dlvrd%3A001+submit+date%3A2603010930+done+date%3A2603010930+stat%3ADELIVRD+err%3A000+text%3A"},
		{"words", "?k=%k&s=%s&S=%S&r=%r", "?k=id%3Aop%2F1&s=sub%3A001&S=dlvrd:001&r=submit+date%3A2603010930+done+date%3A2603010930+stat%3ADELIVRD+err%3A000+text%3A"},
		{"meta-data", "?D=%D&x=%#smpp#service_type#&y=%#smpp#none#&z=%#other#x#", "?D=%3Fsmpp%3Fservice_type%3Dabc%26x%3D1%3F&x=abc&y=&z="},
		{"space", "a b?c=d e", "a%20b?c=d%20e"},
		{"itself", "?R=%R", "?R=http%3A%2F%2Fexample.org%2F%3FR%3D%25R"},
		{"unknown and per cent", "?a=%z&b=100%%", "?a=%z&b=100%"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := called(t, told(t, webhook.MessageDelivered, map[string]string{
				"kannel-user": "tester", "kannel-account": "a b", "kannel-binfo": "b1",
				"kannel-meta-data": "?smpp?service_type=abc&x=1?",
				"kannel-dlr-mask":  "31", "kannel-dlr-url": base + tc.pattern,
			}, nil))
			if got != base+tc.want {
				t.Errorf("called %q, want %q", got, base+tc.want)
			}
		})
	}
	e := told(t, webhook.MessageDelivered,
		map[string]string{"kannel-dlr-mask": "1", "kannel-dlr-url": base + "%I?a=%a&e=%e&b=%b"}, nil)
	if got := called(t, e); !strings.HasPrefix(got, base+e.Subject.String()+"?a=id%3A") ||
		!strings.Contains(got, "&e=69643A") {
		t.Errorf("called %q", got)
	}
}

func TestMaskDecidesWhatIsTold(t *testing.T) {
	const pattern = "http://example.org/?%d&%A"
	for _, tc := range []struct {
		name   string
		kind   webhook.Type
		mask   string
		change func(*webhook.MessageData)
		want   string // the beginning behind the ?
	}{
		{"submitted", webhook.MessageSubmitted, "8", nil, "8&ACK%2F"},
		{"submitted, not asked", webhook.MessageSubmitted, "23", nil, ""},
		{"delivered", webhook.MessageDelivered, "3", nil, "1&id%3Aop"},
		{"undelivered", webhook.MessageUndelivered, "3", func(m *webhook.MessageData) { m.OperatorCode = "017" }, "2&id%3Aop%2F1+sub%3A001+dlvrd%3A000+"},
		{"undelivered, not asked", webhook.MessageUndelivered, "1", nil, ""},
		{"expired", webhook.MessageExpired, "2", func(m *webhook.MessageData) { m.ProviderID = "" }, "2&id%3A"},
		{"rejected", webhook.MessageRejected, "16", func(m *webhook.MessageData) { m.Reason = "blocked" }, "16&NACK%2Fblocked"},
		{"rejected, failures asked", webhook.MessageRejected, "2", func(m *webhook.MessageData) { m.OperatorCode = "E9" }, "16&NACK%2FE9"},
		{"rejected, not asked", webhook.MessageRejected, "9", nil, ""},
		{"uncertain", webhook.MessageUncertain, "31", nil, ""},
		{"no mask any more", webhook.MessageDelivered, "", nil, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := called(t, told(t, tc.kind,
				map[string]string{"kannel-dlr-mask": tc.mask, "kannel-dlr-url": pattern}, tc.change))
			if tc.want == "" && got != "" || tc.want != "" &&
				!strings.HasPrefix(got, "http://example.org/?"+tc.want) {
				t.Errorf("called %q, want %q", got, tc.want)
			}
		})
	}
}

func TestUnfitAddressIsNotRepeated(t *testing.T) {
	e := told(t, webhook.MessageDelivered,
		map[string]string{"kannel-dlr-mask": "1", "kannel-dlr-url": "http://example.org/%zz\x7f"}, nil)
	if _, err := (kannel.Reports{}).Request(t.Context(), webhook.Endpoint{}, e); err == nil ||
		strings.Contains(err.Error(), "example") {
		t.Errorf("error %v", err)
	}
}

// TestAnswersOfBearerbox has the sentences of gw/smsc/smsc_http.c
// kannel_receive_sms, which all come with 202.
func TestAnswersOfBearerbox(t *testing.T) {
	for _, tc := range []struct {
		answer string
		after  time.Duration
		taken  bool
		kind   webhook.Type
	}{
		{"Sent.", 0, true, webhook.MessageDelivered},
		{"whatever a page says", 0, true, webhook.MessageDelivered},
		{"Unknown DLR, not accepted", time.Second, false, webhook.MessageDelivered},
		{"Unknown DLR, not accepted", 2 * time.Minute, true, webhook.MessageDelivered},
		{"Not accepted", time.Hour, false, webhook.MessageDelivered},
		{"Authorization failed for sendsms", time.Hour, false, webhook.MessageDelivered},
		{"Unknown DLR, not accepted", time.Second, true, webhook.MessageSubmitted},
	} {
		err := kannel.Reports{}.Taken(&webhook.Event{At: at, Type: tc.kind},
			[]byte(tc.answer), at.Add(tc.after))
		if (err == nil) != tc.taken {
			t.Errorf("%q after %s: %v", tc.answer, tc.after, err)
		}
	}
}

func FuzzEscapes(f *testing.F) {
	for _, pattern := range []string{"%d", "%", "%%", "%#a#b#", "%#a", "?x=%s%S%r&%A"} {
		f.Add(pattern, "?smpp?x=1?")
	}
	f.Fuzz(func(t *testing.T, pattern, meta string) {
		e := told(t, webhook.MessageDelivered, map[string]string{
			"kannel-dlr-mask": "1", "kannel-dlr-url": "http://example.org/" + pattern,
			"kannel-meta-data": meta,
		}, nil)
		r, err := kannel.Reports{}.Request(t.Context(), webhook.Endpoint{}, e)
		if err == nil && r.URL.Host != "example.org" {
			t.Errorf("called host %q", r.URL.Host)
		}
	})
}
