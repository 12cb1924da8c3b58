// Package template keeps texts with fields under names, for the people and the programs of
// an account. Every change makes a version, and a version never changes. The language of
// the fields is that of package merge; who may do what is for the doors to ask.
//
// Start with template.go; book.go has what is done with templates, fill.go makes texts.
package template
