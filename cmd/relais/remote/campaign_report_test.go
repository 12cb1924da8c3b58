package remote

import (
	"strings"
	"testing"

	"relais/campaign"
	"relais/cmd/relais/terminal"
)

// Words of a file steer no terminal.
func TestReportSteersNoTerminal(t *testing.T) {
	const steering = "\x1b]0;x\x07"
	var out strings.Builder
	r := &campaign.Report{
		File:      campaign.File{Name: steering, Sheet: steering, Separator: "\x1b", Columns: []campaign.Column{{Name: steering, Phone: true}}},
		Warnings:  []campaign.Said{{Detail: steering}},
		Questions: []campaign.Said{{Detail: steering}},
		Notes:     []campaign.Said{{Detail: steering}},
		Skipped:   []campaign.Found{{Code: "no_number", Rows: 1, First: []int{2}, Detail: steering}},
	}
	if err := printCheck(&terminal.Terminal{Stdout: &out, Language: "en"}, r); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\x07") {
		t.Errorf("%q", out.String())
	}
}
