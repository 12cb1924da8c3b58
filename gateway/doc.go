// Package gateway is the line that every message follows: submit, normalize,
// route, accept, dispatch, settle. Each step is one function in the file named
// after it; read them in that order.
//
// The package owns the rules and no machinery: it stores through the Store
// interface, speaks to operators through connector.Connector, and is called by
// the doors (package api first), which have no rule of their own.
package gateway
