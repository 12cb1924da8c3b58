// Package lane sends for one connector: it keeps the operator's pace, claims what is due, makes
// the calls, settles what comes of them and draws its conclusions about the operator.
//
// A Set is all lanes of a gateway, with what they share. Start with dispatch.go, the loop; then
// settle.go, which is pure. turnstile.go and pace.go hold the rates, rota.go whose turn it is,
// pack.go fills the calls, breaker.go and health.go say when the lane pauses and when it is left.
// chores.go lists the other loops of a lane: await.go, reconcile.go, poll.go, session.go and
// failover.go, each with the store that it needs.
package lane
