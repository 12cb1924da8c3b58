package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Machine is where the figures come from.
type Machine struct {
	CPU        string  `json:"cpu"`
	Cores      int     `json:"cores"`
	OS         string  `json:"os"`
	Kernel     string  `json:"kernel"`
	Arch       string  `json:"arch"`
	Go         string  `json:"go"`
	Filesystem string  `json:"filesystem"`  // type of the one under the databases
	SyncP50    float64 `json:"sync_p50_ms"` // a write of 4 KiB and its fsync
	SyncP99    float64 `json:"sync_p99_ms"`
}

func describeMachine(dir string) (Machine, error) {
	m := Machine{
		CPU: cpuName(), Cores: runtime.GOMAXPROCS(0), OS: runtime.GOOS,
		Kernel: firstLine("/proc/sys/kernel/osrelease"),
		Arch:   runtime.GOARCH, Go: runtime.Version(),
	}
	kind, err := filesystem(dir)
	if err != nil {
		return m, err
	}
	m.Filesystem = kind
	syncs, err := measureSync(dir)
	if err != nil {
		return m, fmt.Errorf("measure the disk: %w", err)
	}
	m.SyncP50, m.SyncP99 = millis(percentile(syncs, 50)), millis(percentile(syncs, 99))
	return m, nil
}

// cpuName reads Linux's list; elsewhere the architecture has to do.
func cpuName() string {
	list, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(list)) {
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func firstLine(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "unknown"
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}

// Magic numbers of statfs(2).
var filesystems = map[int64]string{
	0x01021994: "tmpfs", 0x858458f6: "ramfs", 0xef53: "ext4", 0x58465342: "xfs", 0x9123683e: "btrfs",
	0x2fc12fc1: "zfs", 0x794c7630: "overlayfs", 0x6969: "nfs",
}

func filesystem(dir string) (string, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return "", fmt.Errorf("find the filesystem of %s: %w", dir, err)
	}
	kind := int64(uint32(stat.Type)) // its type differs between systems
	if name, known := filesystems[kind]; known {
		return name, nil
	}
	return fmt.Sprintf("filesystem %#x", kind), nil
}

// realDir makes a directory on a disk: a database in memory would sync for
// nothing. It tries the directory for temporary files, then the current one.
func realDir() (string, error) {
	for _, parent := range []string{os.TempDir(), "."} {
		kind, err := filesystem(parent)
		if err != nil {
			return "", err
		}
		if kind == "tmpfs" || kind == "ramfs" {
			continue
		}
		dir, err := os.MkdirTemp(parent, "relais-bench-")
		if err != nil {
			return "", fmt.Errorf("make a directory for the databases: %w", err)
		}
		return filepath.Abs(dir)
	}
	return "", errors.New("the directory for temporary files and the current one are in memory; set TMPDIR " +
		"to one on a disk")
}

func measureSync(dir string) ([]time.Duration, error) {
	const times, size = 100, 4096
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	block := make([]byte, size)
	syncs := make([]time.Duration, times)
	for i := range syncs {
		begun := time.Now()
		if _, err := f.Write(block); err != nil {
			return nil, err
		}
		if err := f.Sync(); err != nil {
			return nil, err
		}
		syncs[i] = time.Since(begun)
	}
	return syncs, nil
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
