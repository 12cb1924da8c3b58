// Package contact keeps people who get texts again and again, under the name of a list: a
// number, a few fields and a key for each. A list is filled from a table, as a campaign is, and
// a later table first shows who would come, go and change. A campaign takes a copy of the list,
// so that its audience stands still while the list goes on.
//
// A contact is one number, with what is known of the person and everything that the person ever
// agreed to; groups gather contacts. A table of contacts says first what it would do.
//
// Start with list.go; book.go has what is done with lists, fill.go reads tables into them. Of contacts
// start with contact.go; directory.go has what is done with them, take.go reads tables of them, and
// audience.go gives a group to a campaign.
package contact
