package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
)

// endure is for a command that stays up, beside the two signals that run hears for
// every command. A call to an operator may be under way at any moment and costs
// money, so nothing but SIGKILL and a second request to end may cut it:
//
//   - A reader of the output that is gone (SIGPIPE) costs the output and nothing else,
//     and so does a terminal that stops who writes from the background (SIGTTOU).
//   - SIGHUP ends the command in good order when its terminal was closed, unless it was
//     started with nohup. From anybody else it asks for the configuration to be read
//     anew, which hangup is told; nil: there is none.
//   - SIGQUIT writes where every goroutine stands to stacks, then ends in good order.
//   - SIGUSR1, SIGUSR2 and the rest, which rotate logs elsewhere, do nothing.
//
// The context ends with the first that asks for an end.
func endure(
	ctx context.Context, log *slog.Logger, stacks io.Writer, hangup chan<- struct{},
) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	signal.Ignore(syscall.SIGPIPE, syscall.SIGTTOU)
	heard := make(chan os.Signal, 1)
	nohup := signal.Ignored(syscall.SIGHUP)
	signal.Notify(heard, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGHUP)
	quit := make(chan os.Signal, 1)
	signal.Notify(quit, syscall.SIGQUIT)
	onTerminal := hasTerminal()
	go func() {
		for {
			select {
			case <-quit:
				signal.Stop(quit) // a second one ends the process at once
				writeStacks(log, stacks)
				log.Info("SIGQUIT asks for an end")
				cancel()
			case s := <-heard:
				if s == syscall.SIGHUP && onTerminal && !hasTerminal() {
					log.Info("the terminal was closed")
					onTerminal = false
					if !nohup {
						cancel()
					}
					continue
				}
				if s == syscall.SIGHUP && hangup != nil {
					select {
					case hangup <- struct{}{}:
					default: // it will be read anew as it is: one more time tells nothing new
					}
					continue
				}
				log.Warn("a signal that does nothing here", "signal", s.String())
			case <-ctx.Done():
				signal.Stop(quit)
				return // heard goes on to hear: it must not cut the end either
			}
		}
	}()
	return ctx, cancel
}

func writeStacks(log *slog.Logger, to io.Writer) {
	if err := pprof.Lookup("goroutine").WriteTo(to, 1); err != nil {
		log.Warn("the stacks were not written", "error", err)
	}
}

// hasTerminal reports whether a terminal controls the process; it loses it when
// that is closed.
func hasTerminal() bool {
	terminal, err := os.OpenFile("/dev/tty", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return false
	}
	return terminal.Close() == nil
}
