package main

import (
	"errors"
	"strconv"
	"strings"
	"time"

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
func (c *shadowCommand) Run(t *terminal) error {
	since, err := t.readTime("--since", c.Since, ago)
	if err != nil {
		return err
	}
	store, err := c.open(t, false)
	if err != nil {
		return err
	}
	counts, err := store.CountShadows(t.ctx, since)
	rows, failed := store.Shadows(t.ctx, since, c.Limit)
	if err := closed(store, errors.Join(err, failed)); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(t.stdout, reportOf(counts, rows))
	}
	if len(counts) == 0 {
		t.say("shadow_none")
		return nil
	}
	return printShadows(t, counts, rows)
}

func reportOf(counts []shadow.Count, rows []shadow.Row) shadowReport {
	report := shadowReport{Counts: byDoor(counts), Requests: []shadowShown{}}
	for i := range rows {
		r := &rows[i]
		report.Requests = append(report.Requests, shadowShown{
			At: moment(r.At), Account: r.Account, Door: r.Door, Instance: r.Instance, Verdict: string(r.Verdict), Found: r.Found,
		})
	}
	return report
}

// byDoor gathers the verdicts of one door, which come one after another.
func byDoor(counts []shadow.Count) []shadowCount {
	all := []shadowCount{}
	for _, one := range counts {
		last := len(all) - 1
		if last < 0 || all[last].Account != one.Account || all[last].Door != one.Door || all[last].Instance != one.Instance {
			all = append(all, shadowCount{Account: one.Account, Door: one.Door, Instance: one.Instance, Verdicts: map[string]int{}})
			last++
		}
		all[last].Verdicts[string(one.Verdict)] = one.Requests
	}
	return all
}

func printShadows(t *terminal, counts []shadow.Count, rows []shadow.Row) error {
	summary := [][]string{{
		t.text("head_account"), t.text("head_door"), t.text("head_instance"),
		t.text("head_same"), t.text("head_differs"), t.text("head_not_comparable"), t.text("head_old_failed"),
	}}
	for _, one := range byDoor(counts) {
		line := []string{one.Account, one.Door, one.Instance}
		for _, v := range []shadow.Verdict{shadow.Same, shadow.Differs, shadow.NotComparable, shadow.OldFailed} {
			line = append(line, strconv.Itoa(one.Verdicts[string(v)]))
		}
		summary = append(summary, line)
	}
	if err := printTable(t.stdout, summary...); err != nil || len(rows) == 0 {
		return err
	}
	t.say("shadow_newest")
	list := [][]string{{
		t.text("head_time"), t.text("head_door"), t.text("head_instance"), t.text("head_verdict"), t.text("head_old"), t.text("head_ours"), t.text("head_note"),
	}}
	for i := range rows {
		r := &rows[i]
		list = append(list, []string{
			t.shown(r.At), r.Door, r.Instance, string(r.Verdict), statusShown(r.Found.OldStatus), statusShown(r.Found.OurStatus), t.remarks(&r.Found),
		})
	}
	return printTable(t.stdout, list...)
}

func statusShown(status int) string {
	if status == 0 {
		return "-"
	}
	return strconv.Itoa(status)
}

// remarks tells what differs in one line.
func (t *terminal) remarks(f *shadow.Found) string {
	var all []string
	if f.Why != "" {
		all = append(all, f.Why)
	}
	for _, d := range f.Differences {
		what := d.What
		if d.To != "" {
			what += " " + d.To
		}
		all = append(all, t.text("shadow_difference", "what", what, "old", d.Old, "ours", d.Ours))
	}
	return strings.Join(all, "; ")
}
