// Package campaign makes messages of the rows of a table. It judges a file before anything
// is sent: which column has the numbers, what each row becomes, which rows are left out and
// why, what all of it takes in segments.
//
// Nothing is sent here, and nothing is stored: a check reads a file from its beginning
// to its end and reports. What is kept is in package campaign/ledger, what is sent is the work
// of package campaign/engine.
//
// Start with Look, which guesses what a table is like from its first rows, and Check,
// which judges every row.
package campaign
