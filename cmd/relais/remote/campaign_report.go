package remote

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"relais/campaign"
	"relais/client"
	"relais/cmd/relais/terminal"
	"relais/reason"
)

// printCheck prints a report for people.
func printCheck(t *terminal.Terminal, r *campaign.Report) error {
	say(t, fileLine(t, r))
	say(t, t.Text("campaign_rows", "total", grouped(r.Rows.Total), "ready", grouped(r.Rows.Ready),
		"skipped", grouped(r.Rows.Skipped)))
	for _, part := range []struct {
		head string
		all  []campaign.Found
	}{{"head_skipped", r.Skipped}, {"head_repaired", r.Repaired}} {
		if err := printFound(t, part.head, part.all); err != nil {
			return err
		}
	}
	if err := printFamilies(t, r); err != nil {
		return err
	}
	printSegments(t, r)
	if r.Forecast != nil {
		if err := printForecast(t, r); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		key string
		all []campaign.Said
	}{{"campaign_warning", r.Warnings}, {"campaign_question", r.Questions}, {"campaign_note", r.Notes}} {
		for _, s := range part.all {
			say(t, t.Text(part.key, "detail", s.Detail))
		}
	}
	printUnused(t, r)
	_, err := fmt.Fprintln(t.Stdout, t.Text("campaign_hash", "check", r.Check))
	return err
}

// say prints a line, in which words of a file may stand: they steer no terminal.
func say(t *terminal.Terminal, line string) { fmt.Fprintln(t.Stdout, terminal.ShownSafely(line)) }

func grouped(n int) reason.Arg { return reason.Decimal(float64(n)) }

// fileLine says how the table was read.
func fileLine(t *terminal.Terminal, r *campaign.Report) string {
	parts := []string{strings.ToUpper(string(r.File.Format))}
	if r.File.Encoding != "" {
		parts = append(parts, r.File.Encoding)
	}
	switch r.File.Separator {
	case "":
	case "\t":
		parts = append(parts, t.Text("campaign_tabs"))
	default:
		parts = append(parts, t.Text("campaign_separator", "separator", r.File.Separator))
	}
	if r.File.Sheet != "" {
		parts = append(parts, t.Text("campaign_sheet", "sheet", r.File.Sheet))
	}
	for _, c := range r.File.Columns {
		if c.Phone {
			parts = append(parts, t.Text("campaign_numbers", "column", c.Label()))
		}
	}
	return r.File.Name + ": " + strings.Join(parts, ", ")
}

// printFound prints codes with their rows, and why.
func printFound(t *terminal.Terminal, head string, all []campaign.Found) error {
	if len(all) == 0 {
		return nil
	}
	rows := [][]string{{t.Text(head), t.Text("head_rows"), t.Text("head_first_rows"), t.Text("head_reason")}}
	for _, f := range all {
		rows = append(rows, []string{f.Code, strconv.Itoa(f.Rows), first(f), terminal.ShownSafely(f.Detail)})
	}
	fmt.Fprintln(t.Stdout)
	return terminal.PrintTable(t.Stdout, rows...)
}

// first names a few rows.
func first(f campaign.Found) string {
	var all []string
	for _, n := range f.First {
		all = append(all, strconv.Itoa(n))
	}
	if f.Rows > len(f.First) {
		all = append(all, "…")
	}
	return strings.Join(all, " ")
}

func printFamilies(t *terminal.Terminal, r *campaign.Report) error {
	if len(r.Families) == 0 {
		return nil
	}
	fmt.Fprintln(t.Stdout)
	rows := [][]string{{t.Text("head_family"), t.Text("head_messages"), t.Text("head_segments")}}
	if r.Forecast != nil {
		rows[0] = append(rows[0], t.Text("head_price"))
	}
	for _, f := range r.Families {
		row := []string{f.Family, strconv.Itoa(f.Messages), strconv.Itoa(f.Segments)}
		if r.Forecast != nil {
			row = append(row, price(t, (*client.Price)(f.Price)))
		}
		rows = append(rows, row)
	}
	return terminal.PrintTable(t.Stdout, rows...)
}

// printSegments says how many segments the texts take, and which columns make them longer.
func printSegments(t *terminal.Terminal, r *campaign.Report) {
	if r.Segments.Total == 0 {
		return
	}
	fmt.Fprintln(t.Stdout)
	counts := slices.SortedFunc(maps.Keys(r.Segments.ByCount), func(a, b string) int {
		x, _ := strconv.Atoi(a)
		y, _ := strconv.Atoi(b)
		return x - y
	})
	var parts []string
	for _, n := range counts {
		parts = append(parts, t.Text("campaign_by_count", "messages", r.Segments.ByCount[n], "segments", n))
	}
	say(t, t.Text("campaign_segments", "total", grouped(r.Segments.Total), "parts", strings.Join(parts, ", "),
		"longest", r.Segments.Longest, "row", r.Segments.LongestRow))
	for _, l := range r.Longer {
		key := "campaign_longer"
		if l.Characters {
			key = "campaign_characters"
		}
		say(t, t.Text(key, "count", l.Rows, "column", l.Label(), "segments", l.Segments))
	}
}

// printUnused names the columns that neither the text nor reminders use: they will not be stored.
func printUnused(t *terminal.Terminal, r *campaign.Report) {
	if r.Segments.Total == 0 {
		return
	}
	var unused reason.Series
	for _, c := range r.File.Columns {
		if !c.Phone && !c.Used && !c.Reminds && c.Name != "" {
			unused = append(unused, c.Label())
		}
	}
	if len(unused) > 0 {
		say(t, t.Text("campaign_unused", "columns", unused))
	}
}
