package app

import (
	"context"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"syscall"
)

// firstActivated is the first socket that a service manager hands over (sd_listen_fds(3)).
const firstActivated = 3

// activated are the sockets that the service manager opened for this process. They stay open
// until it ends, and in the service manager beyond: who connects between two processes waits in
// the system's queue for the next one.
var activated = sync.OnceValue(func() []*os.File {
	pid, err := strconv.Atoi(os.Getenv("LISTEN_PID"))
	if err != nil || pid != os.Getpid() {
		return nil
	}
	count, err := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	if err != nil {
		return nil
	}
	var sockets []*os.File
	for fd := firstActivated; fd < firstActivated+count; fd++ {
		syscall.CloseOnExec(fd)
		sockets = append(sockets, os.NewFile(uintptr(fd), "socket "+strconv.Itoa(fd)))
	}
	return sockets
})

// listenActivated is the socket among those handed over that listens at an address; nil: none
// does.
func listenActivated(sockets []*os.File, address string) net.Listener {
	wanted, err := netip.ParseAddrPort(address)
	if err != nil { // with a name, or without a host
		host, port, err := net.SplitHostPort(address)
		number, wrong := strconv.ParseUint(port, 10, 16)
		if err != nil || wrong != nil || host != "" {
			return nil
		}
		wanted = netip.AddrPortFrom(netip.IPv6Unspecified(), uint16(number))
	}
	for _, socket := range sockets {
		listener, err := net.FileListener(socket)
		if err != nil {
			continue // one that is no listener is somebody else's
		}
		if at, ok := listener.Addr().(*net.TCPAddr); ok && samePlace(at.AddrPort(), wanted) {
			return listener
		}
		listener.Close() // a copy, which nobody used
	}
	return nil
}

// samePlace reports whether two addresses are one to listen on: every interface has two names.
func samePlace(a, b netip.AddrPort) bool {
	one, other := a.Addr().Unmap(), b.Addr().Unmap()
	return a.Port() == b.Port() && (one == other || one.IsUnspecified() && other.IsUnspecified())
}

// listenTCP opens a port, or takes the one that was handed over.
func listenTCP(ctx context.Context, address string) (net.Listener, error) {
	if listener := listenActivated(activated(), address); listener != nil {
		return listener, nil
	}
	return new(net.ListenConfig).Listen(ctx, "tcp", address)
}
