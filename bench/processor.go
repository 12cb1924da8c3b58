package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// databaseTime is the processor time that the processes of a PostgreSQL have used since it
// started; 0: they are not on this machine.
func databaseTime(ctx context.Context, address string) (time.Duration, error) {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return 0, fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // it was only read from
	var pid int
	if err := conn.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		return 0, fmt.Errorf("ask for a process of PostgreSQL: %w", err)
	}
	backend, err := readProcess(pid)
	if err != nil || backend.name != "postgres" {
		return 0, nil
	}
	return timeOfServer(backend.parent)
}

// timeOfServer adds up a process, its children, and those of them that have ended.
func timeOfServer(server int) (time.Duration, error) {
	names, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	ticks := 0
	for _, name := range names {
		pid, err := strconv.Atoi(filepath.Base(name))
		if err != nil {
			continue
		}
		p, err := readProcess(pid)
		switch {
		case err != nil: // it has ended
		case pid == server:
			ticks += p.ticks + p.ticksOfEnded
		case p.parent == server:
			ticks += p.ticks
		}
	}
	const tick = time.Second / 100 // USER_HZ (proc(5): sysconf(_SC_CLK_TCK), documented)
	return time.Duration(ticks) * tick, nil
}

// process is what /proc/PID/stat tells.
type process struct {
	name                string
	parent              int
	ticks, ticksOfEnded int // the latter of children that were waited for
}

func readProcess(pid int) (p process, err error) {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return p, err
	}
	// A name may hold spaces and parentheses (proc(5), documented).
	before, after, _ := strings.Cut(string(line), "(")
	end := strings.LastIndex(after, ")")
	if before == "" || end < 0 {
		return p, fmt.Errorf("process %d cannot be read", pid)
	}
	p.name = after[:end]
	var fields [15]int // from the parent on, field 4
	for i, text := range strings.Fields(after[end+1:])[1:] {
		if i == len(fields) {
			break
		}
		if fields[i], err = strconv.Atoi(text); err != nil {
			return p, fmt.Errorf("process %d cannot be read: %w", pid, err)
		}
	}
	const user, system, userOfEnded, systemOfEnded = 14 - 4, 15 - 4, 16 - 4, 17 - 4
	p.parent = fields[0]
	p.ticks, p.ticksOfEnded = fields[user]+fields[system], fields[userOfEnded]+fields[systemOfEnded]
	return p, nil
}
