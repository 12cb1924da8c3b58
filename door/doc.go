// Package door is the contract of doors: what a program that was written for another
// gateway speaks to. A door brings its name, the sections of its own in the
// configuration, and what it opens: paths of the gateway's HTTP server, or a listener.
// It translates and has no rule of its own.
package door
