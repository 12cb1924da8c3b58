package app

import (
	"context"
	"errors"
	"net"
	"syscall"

	"relais/config"
	"relais/reason"
)

// listenOn opens a port. Its errors say what is wrong with the address.
func listenOn(ctx context.Context, address string) (net.Listener, error) {
	listener, err := listenTCP(ctx, address)
	if err == nil {
		return listener, nil
	}
	_, unknown := errors.AsType[*net.DNSError](err)
	host, port, _ := net.SplitHostPort(address)
	args := reason.Args{"address": reason.Name(address)}
	switch {
	case unknown:
		args["host"], args["port"] = reason.Name(host), reason.Name(port)
		return nil, reason.NewError(whyListenName, args)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		args["port"] = reason.Name(port)
		return nil, reason.NewError(whyListenNowhere, args)
	case errors.Is(err, syscall.EACCES):
		return nil, reason.NewError(whyListenDenied, args)
	}
	return nil, reason.Wrap(plainNet(err), whyListen, args)
}

// Listens reports whether this machine has the addresses that a gateway of the
// configuration listens on, by opening each for a moment. One that is in use is
// good: the gateway may be running.
func Listens(ctx context.Context, c config.Config) error {
	addresses := append([]string{c.Listen}, doorAddresses(c)...)
	if c.Sandbox {
		addresses = append(addresses, c.SandboxListen)
	}
	var errs []error
	for _, address := range addresses {
		listener, err := listenOn(ctx, address)
		switch {
		case err == nil:
			errs = append(errs, listener.Close())
		case !errors.Is(err, syscall.EADDRINUSE):
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
