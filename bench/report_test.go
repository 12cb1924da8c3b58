package bench

import "testing"

// What a run cannot show is not measured: a database on another machine has missed nothing.
func TestJudgeOfWhatIsNotMeasured(t *testing.T) {
	wanted := []bar{
		{name: "database", run: "life", most: 170, figure: databaseTimes("life")},
		{name: "other", run: "other", most: 170, figure: databaseTimes("other")},
	}
	for _, tc := range []struct {
		life    Run
		verdict string
	}{
		{Run{Name: "life", Rate: 1}, "not measured"},
		{Run{Name: "life", Rate: 1, DatabaseUS: 100}, "reached"},
		{Run{Name: "life", Rate: 1, DatabaseUS: 200}, "missed"},
	} {
		judged := judge(wanted, []Run{tc.life})
		if got := judged[0]; got.Verdict != tc.verdict || got.OK != (tc.verdict == "reached") {
			t.Errorf("%+v is %+v, want %q", tc.life, got, tc.verdict)
		}
		if judged[1].Verdict != "missed" {
			t.Errorf("a run that did not come: %q", judged[1].Verdict)
		}
	}
}
