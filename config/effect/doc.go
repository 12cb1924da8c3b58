// Package effect is what a gateway tells of the configuration that is in effect: which
// one, since when, and where each value comes from. Commands, the console and the other
// nodes read it.
//
// A node tells it through the database. Values are not in there, nor secrets: a
// fingerprint, made with the seal key, stands for each.
package effect
