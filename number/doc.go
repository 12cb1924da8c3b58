// Package number reads telephone numbers as people write them and gives them
// in E.164, with what is known of each: kind of line, country, family.
//
// The French numbering plan, overseas included, is a table of its own
// (french.go): it is the common case and must be fast, and a French national
// number names its country code by its first digits. Every other country is
// left to the metadata of libphonenumber, which this package hides. A number
// is taken when it is possible, that is when its length fits its country; the
// metadata of today never refuses a block that opens tomorrow.
//
// Start with parse.go. Nothing here is a look-up: whether a number is in
// service, only the operator knows.
package number
