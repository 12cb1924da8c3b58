package pgtest

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// prefix begins the names of the directories of servers. It is short: a socket's path has 107
// bytes at most.
const prefix = "relais-pg-"

// hold locks a directory for as long as the process lives.
func hold(dir string) (*os.File, error) {
	held, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(held.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, held.Close())
	}
	return held, nil
}

// remove takes away what the server kept.
func (s *Server) remove() error { return errors.Join(os.RemoveAll(s.dir), s.held.Close()) }

// sweep removes the directories of test binaries that were killed: nobody holds them any more. One
// without a database is left alone, for it may be about to be held.
func sweep(parent string) error {
	left, err := filepath.Glob(filepath.Join(parent, prefix+"*", "data"))
	if err != nil {
		return err
	}
	for _, data := range left {
		dir := filepath.Dir(data)
		held, err := hold(dir)
		if err != nil {
			continue // it is in use, it is somebody else's, or another sweep removed it
		}
		if err := errors.Join(os.RemoveAll(dir), held.Close()); err != nil {
			return err
		}
	}
	return nil
}
