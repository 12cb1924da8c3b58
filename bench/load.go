package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"relais/sms"
)

// load is what a generator saw.
type load struct {
	ids       []sms.ID // acknowledged, warm-up included
	total     int      // things counted, warm-up included
	counted   int      // of those, inside the window
	elapsed   time.Duration
	latencies []time.Duration // of requests, inside the window
	answer    int             // bytes of the last answer
	offered   float64         // requests a second, of an open loop
}

// window is the time that counts.
type window struct{ from, to time.Time }

// window leaves out a warm-up: a fifth of the length, at most a second.
func (s *session) window() window {
	from := time.Now().Add(min(time.Second, s.Length/5))
	return window{from, from.Add(s.Length)}
}

func (w window) holds(at time.Time) bool { return !at.Before(w.from) && at.Before(w.to) }

// request is a body and how many recipients it names.
type request struct {
	body       []byte
	recipients int
}

// The numbers are of a range reserved for fiction; those whose last two digits
// are below 50 are ordinary handsets of the sandbox.
const (
	hundreds = 100
	fates    = 50
)

// bodies makes one request after another over all the numbers.
func bodies(recipients int, rest string) []request {
	var numbers []string
	for n := range hundreds * fates {
		numbers = append(numbers, fmt.Sprintf(`"+3363998%02d%02d"`, n/fates, n%fates))
	}
	var all []request
	for group := range slices.Chunk(numbers, recipients) {
		to := group[0]
		if recipients > 1 {
			to = "[" + strings.Join(group, ",") + "]"
		}
		all = append(all, request{
			[]byte(`{"to":` + to + `,"text":"Votre rendez-vous est demain à 10 h, guichet 3.","connector":"ovh"` + rest + `}`),
			recipients,
		})
	}
	return all
}

func dueNow() []request { return bodies(1, "") }

func dueLater(recipients int) []request {
	return bodies(recipients, `,"send_at":"`+time.Now().Add(time.Hour).UTC().Format(time.RFC3339)+`"`)
}

// generator is one connection's worth of load. All of them share a client.
type generator struct {
	client *http.Client
	url    string
	answer bytes.Buffer
	load   load
}

// key is the one that works beside simulated operators.
const key = "sandbox"

// post makes a request, and keeps the ids of the answer.
func (g *generator) post(ctx context.Context, r request) error {
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url, bytes.NewReader(r.body))
	if err != nil {
		return err
	}
	post.Header.Set("Content-Type", "application/json")
	post.Header.Set("Authorization", "Bearer "+key)
	answer, err := g.client.Do(post)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	g.answer.Reset()
	if _, err := g.answer.ReadFrom(answer.Body); err != nil {
		return fmt.Errorf("read an answer: %w", err)
	}
	if answer.StatusCode != http.StatusAccepted {
		return fmt.Errorf("status %d: %s", answer.StatusCode, codeOf(g.answer.Bytes()))
	}
	before := len(g.load.ids)
	if g.load.ids, err = appendIDs(g.load.ids, g.answer.Bytes()); err != nil {
		return err
	}
	if got := len(g.load.ids) - before; got != r.recipients {
		return fmt.Errorf("an answer names %d messages for %d recipients", got, r.recipients)
	}
	g.load.answer = g.answer.Len()
	return nil
}

// appendIDs finds the ids of an answer without decoding the rest of it: the
// generator shares the processor with the server.
func appendIDs(ids []sms.ID, answer []byte) ([]sms.ID, error) {
	const length = 36
	mark := []byte(`"id":"`)
	for {
		at := bytes.Index(answer, mark)
		if at < 0 {
			return ids, nil
		}
		answer = answer[at+len(mark):]
		id, err := sms.ParseID(string(answer[:min(length, len(answer))]))
		if err != nil {
			return ids, errors.New("an answer has an id that is not one")
		}
		ids = append(ids, id)
	}
}

// codeOf finds the code of a problem document, which holds no number.
func codeOf(problem []byte) string {
	_, after, found := bytes.Cut(problem, []byte(`"code":"`))
	code, _, closed := bytes.Cut(after, []byte(`"`))
	if !found || !closed {
		return fmt.Sprintf("an answer of %d bytes", len(problem))
	}
	return string(code)
}

// count records that n things were done at a time, by a request that took so
// long.
func (g *generator) count(w window, done time.Time, took time.Duration, n int) {
	g.load.total += n
	if w.holds(done) {
		g.load.counted += n
		g.load.latencies = append(g.load.latencies, took)
	}
}

// generate runs n generators until all end, and adds up what they saw. The
// first error ends the others.
func (s *server) generate(
	ctx context.Context, n int, drive func(ctx context.Context, g *generator, index int) error,
) (load, error) {
	transport := &http.Transport{MaxIdleConnsPerHost: n, DisableCompression: true}
	defer transport.CloseIdleConnections()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	generators := make([]generator, n)
	var all sync.WaitGroup
	for i := range generators {
		g := &generators[i]
		g.client, g.url = &http.Client{Transport: transport}, s.nodes(i).url("/v1/messages")
		all.Go(func() {
			if err := drive(ctx, g, i); err != nil {
				fail(err)
			}
		})
	}
	all.Wait()
	var sum load
	for i := range generators {
		sum.add(&generators[i].load)
	}
	return sum, context.Cause(ctx)
}

func (l *load) add(more *load) {
	l.ids = append(l.ids, more.ids...)
	l.latencies = append(l.latencies, more.latencies...)
	l.total += more.total
	l.counted += more.counted
	l.answer = max(l.answer, more.answer)
}

// closedLoop keeps every connection busy.
func (s *server) closedLoop(ctx context.Context, requests []request) (load, error) {
	return s.closedLoopOver(ctx, connections, requests)
}

func (s *server) closedLoopOver(ctx context.Context, connections int, requests []request) (load, error) {
	w := s.session.window()
	l, err := s.generate(ctx, connections, func(ctx context.Context, g *generator, index int) error {
		begun := time.Now()
		for i := index; begun.Before(w.to); i += connections {
			r := requests[i%len(requests)]
			if err := g.post(ctx, r); err != nil {
				return err
			}
			done := time.Now()
			g.count(w, done, done.Sub(begun), r.recipients)
			begun = done
		}
		return nil
	})
	l.elapsed = w.to.Sub(w.from)
	return l, err
}

// inFlight keeps as many messages on their way as the tally has room for. It
// counts those that are through.
func (s *server) inFlight(ctx context.Context, t *tally, requests []request) (load, error) {
	w := s.session.window()
	for range cap(t.room) {
		t.room <- struct{}{}
	}
	counted := make(chan int64, 1)
	go func() { counted <- t.count(ctx, w) }()
	over, stop := context.WithDeadline(ctx, w.to)
	defer stop()
	l, err := s.generate(ctx, connections, func(ctx context.Context, g *generator, index int) error {
		for i := index; ; i += connections {
			select {
			case <-t.room:
			case <-over.Done():
				return nil
			}
			begun := time.Now()
			if err := g.post(ctx, requests[i%len(requests)]); err != nil {
				return err
			}
			done := time.Now()
			g.count(w, done, done.Sub(begun), 1)
		}
	})
	if err == nil {
		err = t.await(ctx, len(l.ids))
	}
	l.counted, l.elapsed = int(<-counted), w.to.Sub(w.from)
	return l, err
}

// openLoop sends at a fixed rate, whatever the answers do. A latency counts
// from the time at which its request was to leave, so that a stall of the
// server, or of the generator, is not left out.
func (s *server) openLoop(ctx context.Context, requests []request, rate float64) (load, error) {
	const mostConnections = 4 * connections
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := s.session.window()
	begin := time.Now()
	n := int(rate * w.to.Sub(begin).Seconds())
	due := make(chan time.Time, n)
	go func() {
		defer close(due)
		for i := range n {
			at := begin.Add(time.Duration(float64(i) / rate * float64(time.Second)))
			if wait(ctx, at) != nil {
				return
			}
			due <- at
		}
	}()
	l, err := s.generate(ctx, mostConnections, func(ctx context.Context, g *generator, index int) error {
		i := index
		for at := range due {
			if err := g.post(ctx, requests[i%len(requests)]); err != nil {
				return err
			}
			g.count(w, at, time.Since(at), 1)
			i += mostConnections
		}
		return nil
	})
	l.elapsed, l.offered = w.to.Sub(w.from), rate
	return l, errors.Join(err, ctx.Err())
}

// wait returns at a time, or when ctx ends.
func wait(ctx context.Context, at time.Time) error {
	left := time.Until(at)
	if left <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func percentile(sample []time.Duration, percent int) time.Duration {
	if len(sample) == 0 {
		return 0
	}
	slices.Sort(sample)
	return sample[min(len(sample)-1, len(sample)*percent/100)]
}
