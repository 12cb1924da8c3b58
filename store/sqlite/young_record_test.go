package sqlite

import (
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/gateway"
	"relais/sms"
)

// filled is a young message of which every field has a value.
func filled(t *testing.T) *youngMessage {
	t.Helper()
	m := &youngMessage{
		by: "api:a", endpoint: sms.NewID(time.Now()), metadata: `{"a":"b"}`, decisions: "[1]", own: "[2]",
		timeline: "[3]\n", events: 1, askAt: time.UnixMicro(7).UTC(),
		told: []youngEvent{{kind: "message.submitted", event: 1, at: time.UnixMicro(8).UTC()}},
	}
	v := reflect.ValueOf(&m.Message).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Interface().(type) {
		case time.Time:
			f.Set(reflect.ValueOf(time.UnixMicro(int64(1000 + i)).UTC()))
		case time.Duration:
			f.SetInt(int64(time.Duration(i) * time.Second))
		case sms.ID:
			f.Set(reflect.ValueOf(sms.NewID(time.Now())))
		case []string:
			f.Set(reflect.ValueOf([]string{"ovh", "sfr"}))
		case bool:
			f.SetBool(true)
		case map[string]string: // stands in metadata
		default:
			switch f.Kind() {
			case reflect.String:
				f.SetString("é\x00" + v.Type().Field(i).Name)
			case reflect.Int, reflect.Int64:
				f.SetInt(int64(100 + i))
			default:
				t.Fatalf("no value for %s", v.Type().Field(i).Name)
			}
		}
	}
	m.Asks = 0 // a message in doubt has its row
	return m
}

func TestRecordsKeepEveryField(t *testing.T) {
	w, m := &writer{}, filled(t)
	w.message(m)
	w.written(m.ID)
	r := &reader{records: w.records}
	if kind, more := r.next(); kind != recordOfKind || !more {
		t.Fatalf("kind %d", kind)
	}
	got := &youngMessage{}
	r.text((*string)(&got.Kind))
	got.fields(r)
	if diff := cmp.Diff(m, got, cmp.AllowUnexported(youngMessage{}, youngEvent{})); diff != "" || r.err != nil {
		t.Errorf("%v (-written +read):\n%s", r.err, diff)
	}
	var id sms.ID
	if kind, _ := r.next(); kind != recordOfRow {
		t.Errorf("kind %d", kind)
	}
	r.id(&id)
	if _, more := r.next(); more || id != m.ID || r.err != nil {
		t.Errorf("id %s, more %t, %v", id, more, r.err)
	}
}

// FuzzRecords: whatever stands in the table, the start says that it is wrong, and goes no
// further.
func FuzzRecords(f *testing.F) {
	w := &writer{}
	w.message(&youngMessage{Message: sms.Message{Account: "default", Text: "a"}, told: []youngEvent{{event: 1}}})
	f.Add(w.records)
	w.message(&youngMessage{Message: sms.Message{Account: "default", Kind: sms.Flash, Text: "a"}})
	f.Add(w.records)
	f.Add([]byte{recordOfRow})
	f.Fuzz(func(t *testing.T, records []byte) {
		r := &reader{records: records}
		for steps := 0; ; steps++ {
			kind, more := r.next()
			if !more {
				return
			}
			if kind == recordOfKind {
				var of string
				r.text(&of)
			} else if kind != recordOfMessage {
				var id sms.ID
				r.id(&id)
				continue
			}
			m := &youngMessage{}
			if m.fields(r); steps > len(records) {
				t.Fatal("it does not end")
			}
		}
	})
}

// TestRowsOfTheYoungAreWhole: whoever adds a column of a message says what a young one has.
func TestRowsOfTheYoungAreWhole(t *testing.T) {
	s, err := OpenExclusive(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rows, err := s.readers.QueryContext(t.Context(), "SELECT name FROM pragma_table_info('messages')")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	// 0 as long as a message is young, or NULL: a part that arrived gives it its row
	left := map[string]bool{"due_minute": true, "asks": true, "arrived": true}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		named := regexp.MustCompile(`\b` + name + `\b`).MatchString(strings.Split(insertYoung, "VALUES")[0])
		if named == left[name] {
			t.Errorf("insertYoung and the column %s: named %t", name, named)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// TestUnreadableYouthIsSaid: where what was written down cannot be read any more, questions
// are refused; nothing is said to be unknown that was acknowledged.
func TestUnreadableYouthIsSaid(t *testing.T) {
	s, err := OpenExclusive(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	damage := func(tx *tx) error { return tx.exec("INSERT INTO young (seq, records) VALUES (1000000, x'ff')") }
	if err := s.commits.do(t.Context(), damage); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Message(t.Context(), "default", sms.NewID(time.Now())); !errors.Is(err, gateway.ErrNotFound) {
		t.Fatalf("before it is read: %v", err)
	}
	refused := errors.New("refused")
	if err := s.commits.do(t.Context(), func(*tx) error { return refused }); !errors.Is(err, refused) {
		t.Fatal(err)
	}
	if _, err := s.Message(t.Context(), "default", sms.NewID(time.Now())); err == nil || errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("a message of which nothing can be said: %v", err)
	}
	if err := s.commits.do(t.Context(), func(*tx) error { return nil }); err == nil {
		t.Error("it is written over what cannot be read")
	}
}
