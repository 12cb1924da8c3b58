package sqlite

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/sms"
	"relais/store/schema"
)

// TestPagesTellWhoIsYoung: whatever is written over, left or dropped, whoever reads the pages finds
// those who are young, as they are, and nobody else.
func TestPagesTellWhoIsYoung(t *testing.T) {
	s, err := OpenExclusive(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.StayYoung()
	dice := rand.New(rand.NewPCG(16, 2026))
	texts := func(y *young) map[sms.ID]string {
		all := map[sms.ID]string{}
		for id, m := range y.byID {
			all[id] = m.Text
		}
		return all
	}
	most, reread := 0, 0
	step := func(y *young) error {
		for range dice.IntN(30) {
			y.keep(&youngMessage{since: time.Now(), Message: sms.Message{
				ID: sms.NewID(time.Now()), Submission: sms.NewID(time.Now()), Account: "default", Status: sms.Submitted,
				Text: strings.Repeat("é\x00", dice.IntN(2+3000*dice.IntN(2))),
			}})
		}
		ends := dice.IntN(3)
		for _, m := range maps.Collect(maps.All(y.byID)) {
			switch dice.IntN(4) {
			case 0:
				m.Text += "!"
				y.keep(m)
			case 1, 2:
				if ends > 0 {
					y.forget(m)
					y.records.written(m.ID)
				}
			}
		}
		most = max(most, len(y.pages.used)+len(y.pages.free))
		if dice.IntN(10) == 0 {
			for _, m := range maps.Collect(maps.All(y.byID)) {
				y.forget(m)
				y.records.written(m.ID)
			}
		}
		return nil
	}
	drop := func(y *young) error {
		if dice.IntN(4) > 0 || y.empty() {
			return nil
		}
		_, err := y.drop(time.Now().Add(-time.Duration(dice.IntN(5)) * time.Millisecond))
		return err
	}
	for i := range 400 {
		var want, got map[sms.ID]string
		for _, do := range []func(*young) error{step, drop} {
			if err := s.commits.do(t.Context(), func(t *tx) error { return do(t.young) }); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.commits.do(t.Context(), func(t *tx) error {
			want, got = texts(t.young), nil
			if dice.IntN(3) > 0 {
				return nil
			}
			reread++
			err := t.young.load()
			got = texts(t.young)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); got != nil && diff != "" {
			t.Fatalf("step %d (-young +read):\n%s", i, diff)
		}
	}
	if most < 2*mostAtOnce || reread < 50 {
		t.Errorf("at most %d pages, read %d times: the test tries too little", most, reread)
	}
	if err := s.commits.do(t.Context(), func(t *tx) error { t.young.clear(); return t.young.clean() }); err != nil {
		t.Fatal(err)
	}
}

// TestAProgramOfBeforePagesRefusesThem: it says that the database is of a newer program, and not
// that it is broken, whatever a crash left.
func TestAProgramOfBeforePagesRefusesThem(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenExclusive(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	steps, err := readSteps()
	if err != nil {
		t.Fatal(err)
	}
	before := slices.IndexFunc(steps, func(s schema.Step) bool { return s.Number > 45 }) // the last one without pages
	have, _, err := Schema(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if before < 0 || steps[:before].Check(have) == nil {
		t.Errorf("a program of before opens a database of schema %d", have)
	}
}
