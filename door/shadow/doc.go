// Package shadow tries a door beside the gateway that it is to replace. A request
// goes to the old gateway as it came, the old answer goes back to the caller, and
// beside it the door handles the same request without storing or sending
// anything. What the two say is compared and kept.
//
// The caller never hears an acceptance of ours: an old gateway that is slow or
// dead gives 504 or 502 in the door's words. Nothing of our side, neither a
// refusal nor a failure, reaches the caller.
//
// It is no proxy for operation: it forwards what one door takes, whole, and makes
// a connection for each request. Start with door.go, which has the order of
// things; forward.go calls the old gateway, ours.go asks our door, compare.go
// judges, keeper.go keeps what was found.
package shadow
