// Package reason holds what the program says to people: as a code with named
// arguments, which is stored and compared, and put into words only where somebody
// reads it. The sentences of a language are one file of catalog/, in the format of
// go-i18n: one line for a code, with the arguments by name and, where a language needs
// them, a form for each plural. A further file there is a further language; what it
// lacks is said in English.
package reason
