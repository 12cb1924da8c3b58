// Package http2sms is the door for programs that send through OVHcloud's
// http2sms: one request at /cgi-bin/sms/http2sms.cgi with the login of an SMS
// user, answered in one of the content types that OVH knows.
//
// It decodes, calls gateway.Submit, and encodes; it has no rule of its own about
// messages. Logins, numbers of messages and credit are those of the door for
// OVH's API, given to it as functions.
//
// Start with door.go. The source is the guide "Sending SMS messages via a URL -
// http2sms"; what is not there is marked as inferred.
package http2sms
