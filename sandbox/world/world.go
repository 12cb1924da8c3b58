package world

import (
	"cmp"
	"io"
	"net/http"
	"strings"
	"time"
	_ "time/tzdata" // the operators' hours are those of Paris, also where the system has no zones
)

// World is what the operators share.
type World struct {
	Clock    *Clock
	Agenda   *Agenda
	Handsets *Handsets
	Tally    *Tally
	Orders   *Orders
	Pusher   *Pusher
	URL      string // of the sandbox, without a trailing slash

	fateDelay time.Duration
	reply     func(number, text string) // a person answers the last text
	stop      <-chan struct{}
	held      chan<- struct{}
}

// Options is what a world is made of.
type Options struct {
	URL       string
	Now       func() time.Time          // nil: time.Now
	FateDelay time.Duration             // until late receipts of the table of fates; 0 means 3 s
	PushRetry time.Duration             // between two tries of a push that nobody took; 0 means 1 s
	Reply     func(number, text string) // takes what a person answers to the last text
	Stop      <-chan struct{}           // closed when the sandbox ends
	Held      chan<- struct{}           // for tests: told when a fault begins to hold a call back
}

// New makes a world where nothing has happened.
func New(o Options) *World {
	tally, clock := &Tally{}, NewClock(o.Now)
	return &World{
		Clock: clock, Agenda: NewAgenda(clock), Handsets: NewHandsets(tally),
		Tally: tally, Orders: NewOrders(),
		Pusher: NewPusher(o.PushRetry), URL: o.URL,
		fateDelay: cmp.Or(o.FateDelay, 3*time.Second), reply: o.Reply, stop: o.Stop, held: o.Held,
	}
}

// MaxBody bounds what the sandbox reads of one request.
const MaxBody = 16 << 20

// ReadBody reads the whole body, which the signature of OVH covers.
func ReadBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	if n := r.ContentLength; n > 0 && n <= MaxBody {
		body := make([]byte, n)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	return io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
}

// StopShortCode is the number that the STOP clause names. The handset answers
// STOP to it.
const StopShortCode = "36111"

// IsStop reports whether a reply asks to receive nothing more.
func IsStop(text string) bool {
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	return strings.EqualFold(word, "STOP")
}

// IsE164 takes the digits after the plus sign. A national zero after +33 is wrong.
func IsE164(digits string) bool {
	if len(digits) < 8 || len(digits) > 15 || digits[0] == '0' || strings.HasPrefix(digits, "330") {
		return false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return true
}

// Paris is the zone of both operators.
var Paris = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err) // tzdata is compiled in
	}
	return zone
}()
