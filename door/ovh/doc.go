// Package ovh is the door for programs that were written for the SMS API of
// OVHcloud. Under /ovh/1.0 and /ovh/v1 it answers as that API does: an account
// of the gateway is seen as an SMS service, a message as a job and then as an
// outgoing SMS, the suppression list as the blacklist.
//
// It decodes, calls gateway.Submit, and encodes; it has no rule of its own about
// messages. It is not the connector of the same name, which speaks to OVH.
//
// Start with door.go, which holds the table of routes; authenticate.go follows a
// request from its headers to its account. What the comments call documented is
// in the guides or in the published schema of the API (sms.json); observed is
// what clients and their issues show; the rest is inferred.
package ovh
