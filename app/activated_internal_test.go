package app

import (
	"net"
	"os"
	"testing"
)

// A socket that a service manager opened is taken for its address; closing it leaves the other copy
// open, so that who connects meanwhile waits for the next process.
func TestActivatedSocket(t *testing.T) {
	opened, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	file, err := opened.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	address := opened.Addr().String()
	if other := listenActivated([]*os.File{file}, "127.0.0.1:1"); other != nil {
		t.Errorf("another address got %s", other.Addr())
	}
	first := listenActivated([]*os.File{file}, address)
	if first == nil {
		t.Fatal("the socket was not taken")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	client, err := new(net.Dialer).DialContext(t.Context(), "tcp", address) // between two processes
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	second := listenActivated([]*os.File{file}, address)
	if second == nil {
		t.Fatal("the socket was not taken again")
	}
	defer second.Close()
	server, err := second.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if got, want := server.RemoteAddr().String(), client.LocalAddr().String(); got != want {
		t.Errorf("the connection is from %s, want %s", got, want)
	}
}
