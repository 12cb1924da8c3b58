package plaintext

import "strings"

// ForSpreadsheet is a cell of a CSV file as no spreadsheet takes it for a formula: it shows
// an apostrophe and calculates nothing (CWE-1236; OWASP, "CSV Injection").
func ForSpreadsheet(cell string) string {
	if StartsFormula(cell) {
		return "'" + cell
	}
	return cell
}

// StartsFormula reports whether a spreadsheet would take a cell for a formula.
func StartsFormula(cell string) bool {
	return cell != "" && strings.IndexByte("=+-@\t\r", cell[0]) >= 0
}
