// Package sheet reads tables that people made in spreadsheets and programs: CSV in any of
// its forms, XLSX, XLSM and ODS. What a file is, is told by its content, not by its name.
//
// A file is read from its beginning to its end, row by row, in bounded memory, however it
// was made: nothing of it is kept but the row at hand, and strings that a workbook shares.
// For each cell there is what a person sees, and what is stored: a date is 03/12/2026 and
// 46359. The package knows nothing of numbers of telephones, texts or campaigns.
//
// Start with Open.
package sheet
