package door

import (
	"errors"
	"net/url"

	"relais/reason"
	"relais/webhook"
)

// HostOf is the endpoint of an address that a message names: its host, for each message has another path or query.
func HostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil { // it was read before
		return address
	}
	return u.Scheme + "://" + u.Host + "/"
}

// Uncalled has a door say in its words why an address may not be called. Any other error stays as it is.
func Uncalled(err error, said func(why string) error) error {
	if e, ok := errors.AsType[*webhook.Error](err); ok {
		return said(e.Reason.In(reason.English))
	}
	return err
}
