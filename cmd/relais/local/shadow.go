package local

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"relais/cmd/relais/terminal"
	"relais/door/shadow"
)

type shadowCommand struct {
	dataFlags
	Since string `help:"Only what was compared since: a date as for send --send-at, or how long ago: 24h. Default: all, which is 30 days." placeholder:"TIME"`
	Limit int    `help:"Most requests to show one by one." default:"20"`
}

// shadowReport is the report in JSON.
type shadowReport struct {
	Counts   []shadowCount `json:"counts"`
	Requests []shadowShown `json:"requests"` // newest first; those that went the same are left out
}

type shadowCount struct {
	Account  string         `json:"account"`
	Door     string         `json:"door"`
	Instance string         `json:"instance"`
	Verdicts map[string]int `json:"verdicts"`
}

type shadowShown struct {
	At       *time.Time `json:"at"`
	Account  string     `json:"account"`
	Door     string     `json:"door"`
	Instance string     `json:"instance"`
	Verdict  string     `json:"verdict"`
	shadow.Found
}

// Run implements the command.
func (c *shadowCommand) Run(t *terminal.Terminal) error {
	since, err := t.ReadTime("--since", c.Since, terminal.Ago)
	if err != nil {
		return err
	}
	store, err := c.open(t, false)
	if err != nil {
		return err
	}
	counts, err := store.CountShadows(t.Ctx, since)
	rows, failed := store.Shadows(t.Ctx, since, c.Limit)
	if err := closed(store, errors.Join(err, failed)); err != nil {
		return err
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, reportOf(counts, rows))
	}
	if len(counts) == 0 {
		t.Say("shadow_none")
		return nil
	}
	return printShadows(t, counts, rows)
}

func reportOf(counts []shadow.Count, rows []shadow.Row) shadowReport {
	report := shadowReport{Counts: byDoor(counts), Requests: []shadowShown{}}
	for i := range rows {
		r := &rows[i]
		report.Requests = append(report.Requests, shadowShown{
			At: moment(r.At), Account: r.Account, Door: r.Door, Instance: r.Instance,
			Verdict: string(r.Verdict), Found: r.Found,
		})
	}
	return report
}

// byDoor gathers the verdicts of one door, which come one after another.
func byDoor(counts []shadow.Count) []shadowCount {
	all := []shadowCount{}
	for _, one := range counts {
		last := len(all) - 1
		if last < 0 || all[last].Account != one.Account || all[last].Door != one.Door ||
			all[last].Instance != one.Instance {
			all = append(all, shadowCount{
				Account: one.Account, Door: one.Door, Instance: one.Instance, Verdicts: map[string]int{},
			})
			last++
		}
		all[last].Verdicts[string(one.Verdict)] = one.Requests
	}
	return all
}

func printShadows(t *terminal.Terminal, counts []shadow.Count, rows []shadow.Row) error {
	summary := [][]string{{
		t.Text("head_account"), t.Text("head_door"), t.Text("head_instance"),
		t.Text("head_same"), t.Text("head_differs"), t.Text("head_not_comparable"), t.Text("head_old_failed"),
	}}
	for _, one := range byDoor(counts) {
		line := []string{one.Account, one.Door, one.Instance}
		for _, v := range []shadow.Verdict{
			shadow.Same, shadow.Differs, shadow.NotComparable, shadow.OldFailed,
		} {
			line = append(line, strconv.Itoa(one.Verdicts[string(v)]))
		}
		summary = append(summary, line)
	}
	if err := terminal.PrintTable(t.Stdout, summary...); err != nil || len(rows) == 0 {
		return err
	}
	t.Say("shadow_newest")
	list := [][]string{{
		t.Text("head_time"), t.Text("head_door"), t.Text("head_instance"), t.Text("head_verdict"),
		t.Text("head_old"), t.Text("head_ours"), t.Text("head_note"),
	}}
	for i := range rows {
		r := &rows[i]
		list = append(list, []string{
			t.Shown(r.At), r.Door, r.Instance, string(r.Verdict), statusShown(r.Found.OldStatus),
			statusShown(r.Found.OurStatus), remarks(t, &r.Found),
		})
	}
	return terminal.PrintTable(t.Stdout, list...)
}

func statusShown(status int) string {
	if status == 0 {
		return "-"
	}
	return strconv.Itoa(status)
}

// remarks tells what differs in one line.
func remarks(t *terminal.Terminal, f *shadow.Found) string {
	var all []string
	if f.Why != "" {
		all = append(all, f.Why)
	}
	for _, d := range f.Differences {
		what := d.What
		if d.To != "" {
			what += " " + d.To
		}
		all = append(all, t.Text("shadow_difference", "what", what, "old", d.Old, "ours", d.Ours))
	}
	return strings.Join(all, "; ")
}
