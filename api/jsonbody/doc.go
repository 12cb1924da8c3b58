// Package jsonbody reads the JSON body of a request strictly: one object in UTF-8, with
// known keys, spelt as they are, once each, and values of the right types. What is wrong
// comes as a [Fault], with its place in the body and a reason for people.
//
// encoding/json takes most of this without a word, or names Go types. Start with decode.go;
// spelling.go looks at keys, mistyped.go at types, locate.go finds places.
package jsonbody
