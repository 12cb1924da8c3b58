// Package usage counts what each key of an account used, month by month, and what
// it cost.
//
// Nothing is counted while messages are sent: [Of] asks the store when somebody wants
// to know, and [Write] puts the answer into a file for a spreadsheet.
package usage
