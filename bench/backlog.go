package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Backlog is how many messages wait in the runs of that name unless told
// otherwise.
const Backlog = 1_000_000

// backlog fills the queue, and measures what an accept costs when a tenth of it
// waits and when all of it does, the memory then, and how long a start takes.
func (s *session) backlog(ctx context.Context) (Run, error) {
	operator, err := startOperator(ctx)
	if err != nil {
		return Run{}, err
	}
	defer operator.close()
	server, err := s.start(ctx, Child{Role: RoleGateway, Operator: operator.url}, runBacklog, 0)
	if err != nil {
		return Run{}, err
	}
	tenth, err := server.costWith(ctx, s.Backlog/10)
	if err != nil {
		return Run{}, errors.Join(err, server.stop())
	}
	whole, err := server.costWith(ctx, s.Backlog*9/10)
	if err != nil {
		return Run{}, errors.Join(err, server.stop())
	}
	if err := server.stop(); err != nil {
		return Run{}, err
	}
	again, err := s.launch(ctx, server.child, runBacklog, 0)
	if err != nil {
		return Run{}, err
	}
	rest, err := again.costWith(ctx, 0)
	if err != nil {
		return Run{}, errors.Join(err, again.stop())
	}
	memory, err := again.memory()
	if err = errors.Join(err, again.stop(), again.remove(ctx)); err != nil {
		return Run{}, err
	}
	return Run{
		Name: runBacklog, Value: millis(again.ready), MemoryMiB: max(memory, rest.memory),
		Cost: whole.each / tenth.each,
		Rate: whole.rate, P50: whole.p50, P99: whole.p99, ServerUS: whole.each,
	}, nil
}

// cost is what accepts took.
type cost struct {
	rate, p50, p99, memory float64
	each                   float64 // microseconds of processor time
}

// costWith adds messages that wait, then measures accepts.
func (s *server) costWith(ctx context.Context, more int) (c cost, err error) {
	if err := s.fill(ctx, more); err != nil {
		return c, err
	}
	before, err := s.processor()
	if err != nil {
		return c, err
	}
	l, err := s.closedLoop(ctx, dueLater(1))
	if err != nil {
		return c, err
	}
	after, err := s.processor()
	if err != nil {
		return c, err
	}
	c.rate = float64(l.counted) / l.elapsed.Seconds()
	c.p50, c.p99 = millis(percentile(l.latencies, 50)), millis(percentile(l.latencies, 99))
	c.each = float64((after - before).Microseconds()) / float64(max(1, l.total))
	c.memory, err = s.memory()
	return c, err
}

// fill submits messages that are due in an hour, by the thousand.
func (s *server) fill(ctx context.Context, messages int) error {
	const perRequest, writers = 1000, 4
	requests := dueLater(perRequest)
	_, err := s.generate(ctx, writers, func(ctx context.Context, g *generator, index int) error {
		for i := index; i < messages/perRequest; i += writers {
			g.load.ids = g.load.ids[:0]
			if err := g.post(ctx, requests[i%len(requests)]); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// processor is the processor time that the process has used.
func (s *server) processor() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.command.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read the processor time of the server: %w", err)
	}
	_, after, _ := strings.Cut(string(stat), ") ") // behind the name
	fields := strings.Fields(after)
	const user, system, tick = 11, 12, time.Second / 100 // proc(5); USER_HZ is 100
	if len(fields) <= system {
		return 0, errors.New("the processor time of the server cannot be read")
	}
	var ticks int64
	for _, field := range []string{fields[user], fields[system]} {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read the processor time of the server: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * tick, nil
}

// memory is what the process has in memory, in MiB.
func (s *server) memory() (float64, error) { return s.resident("VmRSS:") }

// peak is the most that the process had in memory since forgetPeak, in MiB.
func (s *server) peak() (float64, error) { return s.resident("VmHWM:") }

func (s *server) forgetPeak() error {
	const peak = "5" // proc(5)
	err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.command.Process.Pid), []byte(peak), 0)
	if err != nil {
		return fmt.Errorf("forget the peak of the memory of the server: %w", err)
	}
	return nil
}

func (s *server) resident(field string) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.command.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read the memory of the server: %w", err)
	}
	for line := range strings.Lines(string(status)) {
		if kilobytes, found := strings.CutPrefix(line, field); found {
			n, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(kilobytes), " kB"), 64)
			return n / 1024, err
		}
	}
	return 0, errors.New("the memory of the server cannot be read")
}
