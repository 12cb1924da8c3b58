package table

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/reason"
	"relais/sms"
)

func TestLine(t *testing.T) {
	plain := sms.Event{
		At: time.Date(2027, 3, 1, 9, 30, 0, 1000, time.UTC), Status: sms.Delivered, Actor: "operator:ovh",
		Code: "delivered", Attempt: 2, OperatorCode: "1", OperatorText: "DELIVRD",
	}
	const line = `["delivered","1",1803893400000001,"delivered","operator:ovh",2,"DELIVRD",""]` + "\n"
	if got := Line(&plain); got != line {
		t.Errorf("%s; want %s", got, line)
	}
	if !strings.Contains("\n"+line, NotedAs(&plain)) {
		t.Errorf("%q is not in %q", NotedAs(&plain), line)
	}
}

func FuzzLine(f *testing.F) {
	f.Add("delivered", "1", "DELIVRD", "", int64(1), 1)
	f.Add(`a"\`, "é\n\x00", "],\"", "<words>\n", int64(-5), -1)
	f.Add("", "\xff", `\u00e9`, `","`, int64(1<<60), 0)
	f.Fuzz(func(t *testing.T, code, operatorCode, operatorText, says string, at int64, attempt int) {
		valid := func(s string) string { return strings.ToValidUTF8(s, "") }
		e := sms.Event{
			At: fromMicros(at), Status: "queued", Actor: "lane:ovh", Code: valid(code), Attempt: attempt,
			OperatorCode: valid(operatorCode), OperatorText: valid(operatorText), Detail: reason.Verbatim(valid(says)),
		}
		line := Line(&e)
		if strings.Count(line, "\n") != 1 || !strings.HasPrefix("\n"+line, NotedAs(&e)) {
			t.Fatalf("%q, noted as %q", line, NotedAs(&e))
		}
		got, err := parseLine(line)
		if diff := cmp.Diff(e, got); err != nil || diff != "" {
			t.Errorf("%q: %v\n%s", line, err, diff)
		}
	})
}

func TestBrokenLines(t *testing.T) {
	for _, line := range []string{
		"", "[", `["a`, `["a","b",x,"c","d",1,"",""]`, `["a","b",1,"c","d",1,""]`, `["a","b",1,"c","d",1,"",{}`,
		`["a\q","b",1,"c","d",1,"",""]`, `["a","b",1,"c","d",1,"",{"code":]`,
	} {
		if e, err := parseLine(line); err == nil {
			t.Errorf("%q is read as %+v", line, e)
		}
	}
}
