package auth

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"relais/reason"
)

// How wrong passwords and codes are slowed down. A stranger makes nobody else wait long:
// an address that guesses is refused for a growing time, and whoever tries a name that is
// being guessed waits a few seconds for the answer. Who comes from an address from which
// they signed in before is held up by wrong passwords of that name and address alone.
const (
	freeTries    = 5               // wrong ones that cost nothing
	longestWait  = 5 * time.Minute // of an address
	longestDelay = 8 * time.Second // by name
	forgetAfter  = time.Hour       // without a wrong one
	mostTries    = 20_000          // addresses and names that are remembered
	mostDelayed  = 200             // requests that are held up at once
	mostTold     = 60              // wrong passwords that the audit and the log have of a minute
)

// limits counts wrong passwords of one node.
type limits struct {
	mu      sync.Mutex
	now     func() time.Time
	tries   map[string]tries
	delayed int
	turns   map[string]*turn // of codes that are being compared

	minute time.Time // that told and untold are of
	told   int
	untold int
}

// turn lets tries of one key come one after another.
type turn struct {
	mu    sync.Mutex
	users int
}

// turn waits for the turn of a try: codes that come at once are counted one by one, so
// that each sees how many were wrong before it. done ends the turn.
func (l *limits) turn(key string) (done func()) {
	l.mu.Lock()
	t := l.turns[key]
	if t == nil {
		t = &turn{}
		l.turns[key] = t
	}
	t.users++
	l.mu.Unlock()
	t.mu.Lock()
	return func() {
		t.mu.Unlock()
		l.mu.Lock()
		defer l.mu.Unlock()
		if t.users--; t.users == 0 {
			delete(l.turns, key)
		}
	}
}

type tries struct {
	wrong int
	last  time.Time
}

func newLimits(now func() time.Time) *limits {
	return &limits{now: now, tries: map[string]tries{}, turns: map[string]*turn{}}
}

// growing is the wait after so many wrong tries: 1 s, 2 s, 4 s and so on.
func growing(wrong int, longest time.Duration) time.Duration {
	if wrong < freeTries {
		return 0
	}
	return min(time.Second<<min(wrong-freeTries, 20), longest)
}

// guess is a password that somebody tries.
type guess struct {
	name    string
	address string
	known   bool // the user signed in from there before
}

// refused is CodeWait for who guessed wrong too often.
func (l *limits) refused(g guess) error {
	key := ofAddress(g.address)
	if g.known {
		key = ofPair(g.name, g.address)
	}
	if left := l.left(key); left > 0 {
		return waitFor(CodeWait, left)
	}
	return nil
}

// left is how long the next try of a key waits.
func (l *limits) left(key string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.tries[key]
	now := l.now()
	if now.Sub(t.last) >= forgetAfter {
		return 0
	}
	return max(0, t.last.Add(growing(t.wrong, longestWait)).Sub(now))
}

// delay is how long the answer to a try of a key is held up.
func (l *limits) delay(key string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.tries[key]
	if l.now().Sub(t.last) >= forgetAfter {
		return 0
	}
	return growing(t.wrong, longestDelay)
}

func (l *limits) failed(keys ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if len(l.tries) >= mostTries {
		l.forget(now)
	}
	for _, key := range keys {
		t := l.tries[key]
		if now.Sub(t.last) >= forgetAfter {
			t = tries{}
		}
		l.tries[key] = tries{wrong: t.wrong + 1, last: now}
	}
}

// forget makes room: what is old goes, and where all is young, any half of it.
func (l *limits) forget(now time.Time) {
	for key, t := range l.tries {
		if now.Sub(t.last) >= forgetAfter {
			delete(l.tries, key)
		}
	}
	for key := range l.tries {
		if len(l.tries) < mostTries/2 {
			return
		}
		delete(l.tries, key)
	}
}

func (l *limits) succeeded(keys ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, key := range keys {
		delete(l.tries, key)
	}
}

func (l *limits) succeededIf(all bool, keys ...string) {
	if all {
		l.succeeded(keys...)
	}
}

// tell reports whether a wrong password is to be told of, and how many were not since the
// last one: guessers from everywhere fill neither the log nor the database.
func (l *limits) tell() (untold int, tell bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if minute := l.now().Truncate(time.Minute); !minute.Equal(l.minute) {
		l.minute, l.told = minute, 0
	}
	if l.told >= mostTold {
		l.untold++
		return 0, false
	}
	l.told++
	untold, l.untold = l.untold, 0
	return untold, true
}

// holdUp waits, unless too many do.
func (l *limits) holdUp(
	ctx context.Context, wait time.Duration, sleep func(context.Context, time.Duration) error,
) error {
	if wait <= 0 {
		return nil
	}
	l.mu.Lock()
	full := l.delayed >= mostDelayed
	if !full {
		l.delayed++
	}
	l.mu.Unlock()
	if full {
		return waitFor(CodeBusy, wait)
	}
	defer func() {
		l.mu.Lock()
		l.delayed--
		l.mu.Unlock()
	}()
	return sleep(ctx, wait)
}

func waitFor(code reason.Code, wait time.Duration) error {
	wait = max(time.Second, (wait + time.Second - 1).Truncate(time.Second))
	return &Error{Reason: reason.Of(code, reason.Args{"wait": reason.Duration(wait)}), Wait: wait}
}

// The keys of what is counted.
func ofAddress(address string) string    { return "address " + network(address) }
func ofName(name string) string          { return "name " + name }
func ofPair(name, address string) string { return "pair " + network(address) + " " + name }
func ofStep(id string) string            { return "step " + id }

// network is what one guesser has of addresses: all of an IPv6 network at home.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.Prefix(64)
	if err != nil {
		return ip.String()
	}
	return prefix.Masked().String()
}

// hashers let two passwords be hashed at once, for each takes 19 MiB. Of the two a
// stranger gets one at most, so that a flood of guesses holds up strangers alone.
type hashers struct {
	all, strangers chan struct{}
	patience       time.Duration
}

func newHashers() *hashers {
	return &hashers{all: make(chan struct{}, 2), strangers: make(chan struct{}, 1), patience: 10 * time.Second}
}

// take waits for room. done gives it back.
func (h *hashers) take(ctx context.Context, known bool) (done func(), err error) {
	patience := time.NewTimer(h.patience)
	defer patience.Stop()
	taken := []chan struct{}{}
	done = func() {
		for _, c := range taken {
			<-c
		}
	}
	rooms := []chan struct{}{h.all}
	if !known {
		rooms = []chan struct{}{h.strangers, h.all}
	}
	for _, room := range rooms {
		select {
		case room <- struct{}{}:
			taken = append(taken, room)
		case <-patience.C:
			done()
			return nil, waitFor(CodeBusy, h.patience)
		case <-ctx.Done():
			done()
			return nil, ctx.Err()
		}
	}
	return done, nil
}
