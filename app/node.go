package app

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"relais/duty"
	"relais/store/sqlite"
)

// lockNode gives a process the data directory for itself, with the name that it
// has in a cluster: a start after a crash takes its duties back at once, because
// nobody else can be it.
func lockNode(dir string) (node duty.Node, unlock func() error, err error) {
	lock, err := sqlite.LockDir(dir)
	if err != nil {
		return node, nil, err
	}
	name, err := nodeName(filepath.Join(dir, nodeFile))
	if err != nil {
		return node, nil, errors.Join(err, lock.Close())
	}
	return duty.Node{Name: name, Run: rand.Text()}, lock.Close, nil
}

// nodeFile has the name of the node that a data directory belongs to.
const nodeFile = "node.id"

func trimmed(name []byte) string { return strings.TrimSpace(string(name)) }

func nodeName(path string) (string, error) {
	name, err := os.ReadFile(path)
	if err == nil && len(name) > 0 {
		return trimmed(name), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "node"
	}
	made := host + "-" + strings.ToLower(rand.Text()[:8])
	return made, os.WriteFile(path, []byte(made+"\n"), 0o600)
}
