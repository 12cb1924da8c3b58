package schema_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"relais/store/schema"
)

func files(names ...string) fstest.MapFS {
	found := fstest.MapFS{}
	for _, name := range names {
		found["migration/"+name] = &fstest.MapFile{Data: []byte("-- " + name)}
	}
	return found
}

func TestSteps(t *testing.T) {
	steps, err := schema.Read(files("0017_next.sql", "0016_first.sql", "0018_last.sql"), "migration/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		have   int
		needed string // numbers of steps
		why    string // what an error says
	}{
		{0, "16 17 18", ""},
		{15, "", "relais migrate` of commit"},
		{16, "17 18", ""},
		{17, "18", ""},
		{18, "", ""},
		{19, "", "run the newer program"},
	} {
		err := steps.Check(c.have)
		if c.why != "" {
			if err == nil || !strings.Contains(err.Error(), c.why) {
				t.Errorf("schema %d: error %v, want one with %q", c.have, err, c.why)
			}
			continue
		}
		if err != nil {
			t.Errorf("schema %d: %v", c.have, err)
		}
		var got []string
		for _, step := range steps.After(c.have) {
			got = append(got, step.Name[2:4])
		}
		if got := strings.Join(got, " "); got != c.needed {
			t.Errorf("schema %d needs %q, want %q", c.have, got, c.needed)
		}
	}
}

func TestStepsThatCannotBeRead(t *testing.T) {
	for _, names := range [][]string{{}, {"first.sql"}, {"0001_first.sql", "0003_third.sql"}} {
		if steps, err := schema.Read(files(names...), "migration/*.sql"); err == nil {
			t.Errorf("%v: %v, want an error", names, steps)
		}
	}
}
