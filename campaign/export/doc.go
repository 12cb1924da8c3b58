// Package export writes tables for those who read them: a workbook for people, CSV for
// programs, and CSV for spreadsheets. Whatever the cells hold, a spreadsheet shows it as it
// is and calculates nothing, and package sheet reads it again as it was.
//
// A table is written row by row: nothing of it is held.
//
// Start with New.
package export
