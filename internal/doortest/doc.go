// Package doortest has what tests of doors share: a gateway that sends nothing, on a store in a directory, a server before
// which a door stands, and requests as they are written on the wire.
//
// Start with house.go.
package doortest
