package reason

import (
	"encoding/json"
	"testing"
	"time"
)

// slowly is a reason as encoding/json writes it, which is what databases hold.
func slowly(t *testing.T, r Reason) string {
	t.Helper()
	then := make([]json.RawMessage, len(r.Then))
	for i := range r.Then {
		then[i] = json.RawMessage(slowly(t, r.Then[i]))
	}
	data, err := json.Marshal(struct {
		Code   Code              `json:"code,omitempty"`
		Args   storedAll         `json:"args,omitempty"`
		Then   []json.RawMessage `json:"then,omitempty"`
		Detail string            `json:"detail,omitempty"`
		French string            `json:"fr,omitempty"`
	}{r.Code, storedAll(r.Args), then, r.Written[English], r.Written["fr"]})
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestReasonsAreWrittenAsEncodingJSONWould(t *testing.T) {
	inner := Of("a/b", Args{"count": Count(-3), "z": Name(`"<é>\ & 𝄞`), "y": Name("")})
	list := []Reason{inner, Of("plain", nil)}
	for _, all := range [][]Reason{nil, {}, list} {
		want, err := json.Marshal(all)
		if got := Texts(all); err != nil || got != string(want) {
			t.Errorf("%s, %v; want %s", got, err, want)
		}
	}
	for _, r := range []Reason{
		{},
		Of("plain", nil), inner, inner.With(Of("more", nil), Of("", Args{"k\n": Name("\x00\xff")})),
		Of("kinds", Args{
			"money": Money{"0.047", "EUR"}, "day": Day("2026-11-29"), "clock": Clock(61),
			"moment":   Moment{At: time.Date(2026, 11, 29, 14, 55, 0, 0, time.UTC), Zone: "Europe/Paris", Place: Of("words/paris", nil)},
			"duration": Duration(time.Hour), "list": List{Name("a"), inner}, "series": Series{Count(1)}, "reason": inner,
		}),
		Written("old", "It was.", "C'était."), Written("old", "It was <so>.", ""), Verbatim("mots"),
	} {
		want := slowly(t, r)
		data, err := json.Marshal(r)
		if err != nil || string(data) != want {
			t.Errorf("%s, %v; want %s", data, err, want)
		}
		if got := r.Text(); !r.IsZero() && got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
