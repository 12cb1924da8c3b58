// Package api is the native HTTP door: it decodes a request, calls the gateway
// and encodes the answer. It has no rule of its own about messages.
//
// Start with api.go, then messages.go. Every refusal is a problem document
// (RFC 9457) made in problem.go; its codes are listed in codes.go and served
// with the manual under /docs.
package api
