// Package gateway is the line of a submission: it is checked, its text and numbers are
// read, a connector is chosen for each recipient, and the messages are stored. What a
// message means at a connector, whether its sender may be used and what quotas have left
// are asked of packages terms, sender and quota. From there on package lane sends, and
// package inbox takes what operators tell.
//
// It stores through the Store interface, and is called by the doors (package api first),
// which have no rule of their own.
package gateway
