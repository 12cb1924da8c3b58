package bench

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// Report is what a run found.
type Report struct {
	At      time.Time `json:"at"`
	Machine Machine   `json:"machine"`
	Seconds float64   `json:"seconds"` // of one measurement
	Rounds  int       `json:"rounds"`
	Bars    []Bar     `json:"bars"`
	Runs    []Run     `json:"runs"` // in the order in which they were made
}

// Bar is a figure beside what it should be.
type Bar struct {
	Name    string    `json:"name"`
	What    string    `json:"what"`
	Value   float64   `json:"value"` // median of the rounds
	Unit    string    `json:"unit"`
	AtLeast float64   `json:"at_least,omitzero"`
	AtMost  float64   `json:"at_most,omitzero"`
	OK      bool      `json:"ok"`
	Verdict string    `json:"verdict"` // reached, missed, failed: far below, measured: it has no goal, or not measured
	Rounds  []float64 `json:"rounds"`  // the figure of each round
}

// Run is one measurement.
type Run struct {
	Name  string `json:"name"`
	Round int    `json:"round"`
	// Rate counts, a second: requests of bare and latency runs, recipients of
	// accepts, answers of the operator for submit.
	Rate    float64 `json:"rate,omitzero"`
	Offered float64 `json:"offered_rate,omitzero"` // requests a second that an open loop sent
	Checked int     `json:"checked,omitzero"`      // messages found again in the database
	P50     float64 `json:"p50_ms,omitzero"`       // of a request
	P99     float64 `json:"p99_ms,omitzero"`
	// processor time of the server for each thing counted, start included
	ServerUS float64 `json:"server_cpu_us,omitzero"`
	// the same of PostgreSQL, from the first ready answer to the end of the server; 0: not on this machine
	DatabaseUS float64 `json:"database_cpu_us,omitzero"`
	Answer     int     `json:"answer_bytes,omitzero"` // size of the last answer
	Value      float64 `json:"value,omitzero"`        // of runs that are no load

	MemoryMiB float64 `json:"memory_mib,omitzero"` // of the process, with the backlog present
	// processor time of an accept, over that with a tenth of the backlog
	Cost float64 `json:"cost,omitzero"`
}

// line is the run for a person who waits.
func (r Run) line() string {
	if r.Rate == 0 {
		return fmt.Sprintf("%-15s round %d  %10.1f", r.Name, r.Round+1, r.Value)
	}
	return fmt.Sprintf("%-15s round %d  %10.0f/s  p50 %6.2f ms  p99 %6.2f ms  server %5.1f us CPU each  %d checked",
		r.Name, r.Round+1, r.Rate, r.P50, r.P99, r.ServerUS, r.Checked)
}

// judge takes the median of each bar's rounds.
func judge(wanted []bar, runs []Run) []Bar {
	judged := make([]Bar, len(wanted))
	for i, b := range wanted {
		j := Bar{Name: b.name, What: b.what, Unit: b.unit, AtLeast: b.least, AtMost: b.most}
		for _, f := range b.figure(runs) {
			j.Rounds = append(j.Rounds, f.value)
		}
		j.Value = median(j.Rounds)
		j.OK = j.Value >= b.least && (b.most == 0 || j.Value <= b.most)
		switch {
		case b.least == 0 && b.most == 0 && len(j.Rounds) > 0:
			j.Verdict = "measured"
		case b.least == 0 && b.most == 0:
			j.OK, j.Verdict = false, "not measured" // what it is set against is not installed
		case len(j.Rounds) == 0 && slices.ContainsFunc(runs, func(r Run) bool { return r.Name == b.run }):
			j.OK, j.Verdict = false, "not measured" // such as the processor time of another machine
		case len(j.Rounds) == 0:
			j.OK, j.Verdict = false, "missed"
		case j.OK:
			j.Verdict = "reached"
		case b.failure > 0 && j.Value < b.failure:
			j.Verdict = "failed"
		default:
			j.Verdict = "missed"
		}
		judged[i] = j
	}
	return judged
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// Write prints the report for people.
func (r *Report) Write(w io.Writer) error {
	m := r.Machine
	fmt.Fprintf(w, "%s, %d cores, %s %s, %s, %s; a synced write of 4 KiB takes %.2f ms (p99 %.2f ms) on %s\n",
		m.CPU, m.Cores, m.OS, m.Kernel, m.Arch, m.Go, m.SyncP50, m.SyncP99, m.Filesystem)
	fmt.Fprintf(w, "%d rounds of %g s each; the bare handler answers %.0f requests a second (median)\n\n",
		r.Rounds, r.Seconds, median(rates(r.Runs, runBare)))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "BAR\tFIGURE\tWANTED\t\tWHAT")
	for _, b := range r.Bars {
		wanted := ""
		switch {
		case b.AtMost > 0:
			wanted = fmt.Sprintf("at most %g", b.AtMost)
		case b.AtLeast > 0:
			wanted = fmt.Sprintf("at least %g", b.AtLeast)
		}
		fmt.Fprintf(table, "%s\t%.2f %s\t%s\t%s\t%s\n", b.Name, b.Value, b.Unit, wanted, b.Verdict, b.What)
	}
	return table.Flush()
}
