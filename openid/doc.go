// Package openid asks a provider of identities who somebody is, by OpenID Connect: the
// authorization code flow, with the checks that the specification asks of a relying party.
// It knows nothing of users: what comes out is what the provider says, and whether that
// can be believed.
//
// Begin with provider.go: Begin sends a browser to the provider, Finish reads what it
// brings back.
package openid
