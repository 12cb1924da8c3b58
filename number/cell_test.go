package number_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"relais/number"
	"relais/reason"
	"relais/sms"
)

// A cell gives the number that stands there, or none: never one that was made of two.
func TestCell(t *testing.T) {
	for _, tc := range []struct {
		cell string
		want sms.Number
		code reason.Code // of the refusal, or of the repair
	}{
		{cell: "06 12 34 56 78", want: "+33612345678"},
		{"612345678", "+33612345678", number.CodeZeroRestored},
		{"33612345678", "+33612345678", number.CodePlusRestored},
		{`="0612345678"`, "+33612345678", number.CodeMarkDropped},
		{"06 12 34 56 78 (mère)", "+33612345678", number.CodeWordsDropped},
		{"06 12 34 56 78 poste 12", "+33612345678", number.CodeWordsDropped},
		{"2e étage : 06 12 34 56 78", "+33612345678", number.CodeWordsDropped},
		{"06 12 34 56 78 après 18h30", "+33612345678", number.CodeWordsDropped},
		{"Tel0612345678Maman", "+33612345678", number.CodeWordsDropped},
		{"06 12 34 56 78 / +33 6 12 34 56 78", "+33612345678", number.CodeWordsDropped},

		{"06 12 34 56 7 06 98 76 54 32", "", number.CodeTooLong},
		{"06123456789 0698765432", "", number.CodeTooLong},
		{"0612345678901234", "", number.CodeTooLong},
		{"06 12 34 56 78 + 06 98 76 54 32", "", number.CodeSeveral},
		{"0612345678 0698765432", "", number.CodeSeveral},
		{"06123456780698765432", "", number.CodeSeveral},
		{"0612345678 0033698765432", "", number.CodeTooLong},
		{"0612345678 ou 698765432", "", number.CodeSeveral},
		{"0612345678 ou 0698", "", number.CodeSeveral},
		{"0612345678 ou 98", "", number.CodeSeveral},
		{"0612345678, 7", "", number.CodeSeveral},
		{"0612345678ou0698765432", "", number.CodeSeveral},
		{"+43 664 12345, 67 Dupont", "", number.CodeSeveral},
		{"06 12 34 56 78 / 06 98 76 54 3", "", number.CodeSeveral},
		{"+43 664 12345O7", "", number.CodeLetter},
		{"+43 664 12345S7", "", number.CodeLetter},
		{"+43 664 123456B", "", number.CodeLetter},
		{"O6 12 34 56 78", "", number.CodeLetter},
		{"06 12 34 56 78 poste " + strings.Repeat("x", 90), "", number.CodeNoNumber},
		{"NC", "", number.CodeNoNumber},

		// A French mobile without its zero, or one of the Pacific without its plus.
		{"687751234", "", number.CodeZeroOrPlus},
		{"681821234", "", number.CodeZeroOrPlus},
		{`'687751234`, "", number.CodeZeroOrPlus},
		{cell: "0687751234", want: "+33687751234"},
		{cell: "+687751234", want: "+687751234"},
		{"681451234", "+33681451234", number.CodeZeroRestored}, // no block of Wallis and Futuna
	} {
		n, err := number.Policy{}.Cell(tc.cell, "FR")
		if n.Number != tc.want || (err == nil) != (tc.want != "") {
			t.Errorf("%q gives %q, %v", tc.cell, string(n.Number), err)
			continue
		}
		got := reason.Code("")
		if wrong, ok := errors.AsType[*number.Error](err); ok {
			got = reason.Code(wrong.Reason.Code.Wire())
			assertNoNumber(t, err)
		} else if len(n.Warnings) > 0 {
			got = n.Warnings[0].Code
		}
		if got != tc.code {
			t.Errorf("%q: %q, want %q", tc.cell, got, tc.code)
		}
	}
}

// A long cell costs no more than a short one.
func TestLongCellsAreCheap(t *testing.T) {
	begun := time.Now()
	for _, cell := range []string{strings.Repeat("0612345678 x ", 400), strings.Repeat("06", 2000) + " x"} {
		if n, err := number.Every.Cell(cell, "FR"); err == nil {
			t.Errorf("a cell of %d bytes gives %s", len(cell), string(n.Number))
		}
	}
	if took := time.Since(begun); took > 500*time.Millisecond {
		t.Errorf("%s", took)
	}
}
