package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"relais/config"
)

// listenOn opens a port. Its errors say what is wrong with the address.
func listenOn(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", address)
	if err == nil {
		return listener, nil
	}
	_, unknown := errors.AsType[*net.DNSError](err)
	host, port, _ := net.SplitHostPort(address)
	switch {
	case unknown:
		return nil, fmt.Errorf("cannot listen on %s: this machine knows no address of the name %s; write "+
			"the address, or \":%s\" for every interface", address, host, port)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("cannot listen on %s: no interface of this machine has that address; write "+
			"one that it has, or \":%s\" for every interface", address, port)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("cannot listen on %s: the user may not use a port below 1024; take a higher "+
			"one, with a proxy in front", address)
	}
	return nil, fmt.Errorf("cannot listen on %s: %w", address, plainNet(err))
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
