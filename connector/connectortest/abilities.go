package connectortest

import (
	"context"
	"errors"
	"testing"
	"time"

	"relais/connector"
	"relais/sms"
)

// The rules of this file are about abilities that a connector may have.

// unclear is what an operator out of order answers.
func (o *operator) unclear() map[string]answer {
	return map[string]answer{
		"500 HTML":         fixed(500, nil, htmlPage),
		"200 HTML":         fixed(200, nil, htmlPage),
		"200 empty":        fixed(200, nil, ""),
		"connection reset": reset,
		"cut answer":       o.cut(func(size int) int { return size / 2 }),
	}
}

func lookupObeys(t *testing.T, target Target) {
	obeys(t, target, func(b *bench) func(context.Context) error {
		reconciler := connector.CapabilitiesOf(b.connector).Reconciler
		if reconciler == nil {
			return nil
		}
		return func(ctx context.Context) error {
			_, err := reconciler.Lookup(ctx, sms.NewID(clock))
			if errors.Is(err, connector.ErrNotTaken) {
				b.t.Error("Lookup says that the message was not taken")
			}
			return err
		}
	})
}

func balanceObeys(t *testing.T, target Target) {
	obeys(t, target, func(b *bench) func(context.Context) error {
		balancer := connector.CapabilitiesOf(b.connector).Balancer
		if balancer == nil {
			return nil
		}
		return func(ctx context.Context) error {
			_, err := balancer.Balance(ctx)
			return err
		}
	})
}

func tariffObeys(t *testing.T, target Target) {
	obeys(t, target, func(b *bench) func(context.Context) error {
		tariffer := connector.CapabilitiesOf(b.connector).Tariffer
		if tariffer == nil {
			return nil
		}
		return func(ctx context.Context) error {
			_, err := tariffer.Tariff(ctx, "FR")
			return err
		}
	})
}

func sendersObey(t *testing.T, target Target) {
	obeys(t, target, func(b *bench) func(context.Context) error {
		lister := connector.CapabilitiesOf(b.connector).SenderLister
		if lister == nil {
			return nil
		}
		return func(ctx context.Context) error {
			_, err := lister.Senders(ctx)
			return err
		}
	})
}

func sendersDoubt(t *testing.T, target Target) {
	doubts(t, target, func(b *bench) func() error {
		lister := connector.CapabilitiesOf(b.connector).SenderLister
		if lister == nil {
			return nil
		}
		return func() error {
			_, err := lister.Senders(b.t.Context())
			return err
		}
	})
}

func checkObeys(t *testing.T, target Target) {
	obeys(t, target, func(b *bench) func(context.Context) error {
		checker := connector.CapabilitiesOf(b.connector).Checker
		if checker == nil {
			return nil
		}
		return func(ctx context.Context) error { return b.failure(checker.Check(ctx)) }
	})
}

// obeys checks that a call ends with an error when its context has ended, or
// ends while the operator is silent. ability returns nil when there is none.
func obeys(t *testing.T, target Target, ability func(b *bench) func(context.Context) error) {
	t.Helper()
	if ability(newBench(t, target)) == nil {
		return
	}
	t.Run("ended before", func(t *testing.T) {
		b := newBench(t, target)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		b.failed(wait(t, start(ctx, ability(b)), "the call does not return"))
	})
	for _, end := range endings {
		t.Run(string(end)+" during the call", func(t *testing.T) {
			b := newBench(t, target)
			b.operator.willAnswer(b.operator.silence)
			ctx, stop := end.context(t)
			done := start(ctx, ability(b))
			select {
			case <-b.operator.arrived:
			case <-time.After(patience):
				t.Fatal("the request does not come")
			}
			stop()
			b.failed(wait(t, done, "the call does not return"))
		})
	}
}

func start(ctx context.Context, call func(context.Context) error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- call(ctx) }()
	return done
}

func (b *bench) failed(err error) {
	b.t.Helper()
	if err == nil {
		b.t.Error("the call succeeds")
	}
	b.hidesError(err, b.messages(1))
}

func lookupDoubts(t *testing.T, target Target) {
	doubts(t, target, func(b *bench) func() error {
		reconciler := connector.CapabilitiesOf(b.connector).Reconciler
		if reconciler == nil {
			return nil
		}
		return func() error {
			_, err := reconciler.Lookup(b.t.Context(), sms.NewID(clock))
			if errors.Is(err, connector.ErrNotTaken) {
				b.t.Error("Lookup says that the message was not taken")
			}
			return err
		}
	})
}

func balanceDoubts(t *testing.T, target Target) {
	doubts(t, target, func(b *bench) func() error {
		balancer := connector.CapabilitiesOf(b.connector).Balancer
		if balancer == nil {
			return nil
		}
		return func() error {
			_, err := balancer.Balance(b.t.Context())
			return err
		}
	})
}

func tariffDoubts(t *testing.T, target Target) {
	doubts(t, target, func(b *bench) func() error {
		tariffer := connector.CapabilitiesOf(b.connector).Tariffer
		if tariffer == nil {
			return nil
		}
		return func() error {
			_, err := tariffer.Tariff(b.t.Context(), "FR")
			return err
		}
	})
}

func checkFails(t *testing.T, target Target) {
	doubts(t, target, func(b *bench) func() error {
		checker := connector.CapabilitiesOf(b.connector).Checker
		if checker == nil {
			return nil
		}
		return func() error { return b.failure(checker.Check(b.t.Context())) }
	})
}

// doubts checks that a call fails when the operator's answer is unclear.
func doubts(t *testing.T, target Target, ability func(b *bench) func() error) {
	t.Helper()
	first := newBench(t, target)
	if ability(first) == nil {
		return
	}
	for name := range first.operator.unclear() {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, target)
			b.operator.willAnswer(b.operator.unclear()[name])
			b.failed(ability(b)())
		})
	}
}

// failure turns a check-up that found a failure into an error, whose text is
// every finding.
func (b *bench) failure(findings []connector.Finding) error {
	var errs []error
	bad := false
	for _, finding := range findings {
		bad = bad || finding.Level == connector.Failure
		errs = append(errs, errors.New(finding.Code+": "+finding.Detail))
	}
	if !bad {
		return nil
	}
	return errors.Join(errs...)
}
