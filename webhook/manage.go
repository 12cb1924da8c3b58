package webhook

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"relais/reason"
	"relais/sms"
)

// maxEndpoints is how many endpoints an account may register.
const maxEndpoints = 20

// maxNamed is how many hosts the messages of an account may name through doors, each an endpoint that stays.
const maxNamed = 1000

// Manager registers endpoints and looks after their secrets.
type Manager struct {
	Store  EndpointStore
	Seal   func(secret []byte) (sealed []byte)
	Open   func(sealed []byte) (secret []byte, err error)
	Derive func(label string) string // a keyed digest, always the same
	Policy Policy
	Now    func() time.Time
	// Changed is called after what may be delivered changed; it must not wait.
	Changed func()
}

// ErrKeyReused is returned when an idempotency key came before with another
// request.
var ErrKeyReused = errors.New("idempotency key used with another webhook")

// Created is an endpoint that was registered, with its secret.
type Created struct {
	Endpoint
	Secret   string // shown this once
	Replayed bool   // the same request made it before
}

// Create registers an endpoint. A key that came before, and whose endpoint is
// still there, gives that one again.
func (m *Manager) Create(
	ctx context.Context, account, url string, events []Type, key string,
) (Created, error) {
	return m.Subscribe(ctx, account, url, "", events, key)
}

// Subscribe registers an endpoint as Create does, whose events leave in a format of Options.Formats; empty: in our own.
func (m *Manager) Subscribe(
	ctx context.Context, account, url, format string, events []Type, key string,
) (Created, error) {
	if err := CheckURL(url, m.Policy); err != nil {
		return Created{}, err
	}
	if err := CheckTypes(events); err != nil {
		return Created{}, err
	}
	if err := m.checkRoom(ctx, account, url, events, key); err != nil {
		return Created{}, err
	}
	secret, err := NewSecret()
	if err != nil {
		return Created{}, err
	}
	now := m.Now()
	e := Endpoint{
		ID: sms.BucketOf(account).NewID(now), Account: account, URL: url, Events: events,
		Secret: m.Seal([]byte(secret)), Origin: OfAPI, State: Active, CreatedAt: now, Key: key, Format: format,
	}
	known, err := m.Store.AddEndpoint(ctx, e)
	if err != nil || known == nil {
		return Created{Endpoint: e, Secret: secret}, err
	}
	if canonical(known.URL) != canonical(url) || !slices.Equal(known.Events, events) {
		return Created{}, ErrKeyReused
	}
	opened, err := m.Open(known.Secret)
	return Created{Endpoint: *known, Secret: string(opened), Replayed: true}, err
}

// checkRoom bounds the endpoints of an account, and refuses one that is there: it
// would get every event twice. A request that comes again adds none.
func (m *Manager) checkRoom(ctx context.Context, account, url string, events []Type, key string) error {
	have, err := m.Store.Endpoints(ctx, account)
	if err != nil {
		return err
	}
	if key != "" && slices.ContainsFunc(have, func(e Endpoint) bool { return e.Key == key }) {
		return nil
	}
	have = slices.DeleteFunc(have, func(e Endpoint) bool { return e.Origin != OfAPI })
	if err := checkTwin(have, url, events); err != nil {
		return err
	}
	if len(have) < maxEndpoints {
		return nil
	}
	return &Error{
		Reason: reason.Of(codeTooMany, reason.Args{"most": reason.Count(maxEndpoints)}), Field: "/url",
	}
}

// checkTwin refuses an endpoint that is among those of the account.
func checkTwin(have []Endpoint, url string, events []Type) error {
	for i := range have {
		if canonical(have[i].URL) == canonical(url) && sameTypes(have[i].Events, events) {
			return &Error{
				Reason: reason.Of(codeExists, reason.Args{"id": reason.Name(have[i].ID.String())}),
				Field:  "/url",
			}
		}
	}
	return nil
}

// sameTypes reports whether two endpoints get the same events, in whatever order
// they were named.
func sameTypes(a, b []Type) bool {
	return slices.Equal(slices.Compact(slices.Sorted(slices.Values(a))),
		slices.Compact(slices.Sorted(slices.Values(b))))
}

// CheckTypes refuses a type of event that does not exist.
func CheckTypes(events []Type) *Error {
	for i, t := range events {
		if slices.Contains(Types, t) {
			continue
		}
		return &Error{
			Reason: reason.Of(codeEvent, reason.Args{"events": reason.Names(Types)}),
			Field:  fmt.Sprintf("/events/%d", i),
		}
	}
	return nil
}

// Remove drops an endpoint and what waits for it.
func (m *Manager) Remove(ctx context.Context, account string, id sms.ID) error {
	return m.Store.RemoveEndpoint(ctx, account, id)
}

// Enable makes an endpoint that is quarantined or disabled active.
func (m *Manager) Enable(ctx context.Context, account string, id sms.ID) (Endpoint, error) {
	return m.alter(ctx, account, id, func(e *Endpoint) (changed bool, err error) {
		e.wake()
		return true, nil
	})
}

// alter changes an endpoint and stores it. Where somebody was faster, what they did is
// changed: each of them loses nothing of the other's.
func (m *Manager) alter(
	ctx context.Context, account string, id sms.ID, change func(*Endpoint) (changed bool, err error),
) (Endpoint, error) {
	for {
		before, err := m.Store.Endpoint(ctx, account, id)
		if err != nil {
			return Endpoint{}, err
		}
		after := before
		changed, err := change(&after)
		if err != nil || !changed {
			return after, err
		}
		err = m.Store.ChangeEndpoint(ctx, before, after)
		if errors.Is(err, ErrOutdated) {
			continue
		}
		if err != nil {
			return Endpoint{}, err
		}
		m.Changed()
		return after, nil
	}
}

// wake makes an endpoint active, as if it had never failed.
func (e *Endpoint) wake() {
	e.State, e.Reason, e.Failures, e.FailingAt, e.ProbeAt = Active, "", 0, time.Time{}, time.Time{}
}

// Change is what becomes of an endpoint; nil leaves as it is.
type Change struct {
	URL    *string
	Events *[]Type // empty: all
	Seen   *Seen   // what the caller wants to change; nil: whatever stands there
}

// Seen are the address and the events of an endpoint that somebody saw.
type Seen struct {
	URL    string
	Events []Type
}

// overtaken reports whether the endpoint is another than the caller saw, and not yet as
// they want it: the same change twice is one.
func (c *Change) overtaken(before, after *Endpoint) bool {
	same := func(e *Endpoint, url string, events []Type) bool {
		return e.URL == url && sameTypes(e.Events, events)
	}
	return c.Seen != nil && !same(before, c.Seen.URL, c.Seen.Events) && !same(before, after.URL, after.Events)
}

// Change gives an endpoint another address, or other events. What waits for it goes to the
// new address, at once where the old one failed. Its id and its secret stay. Where somebody
// else changed what the caller saw, it changes nothing and returns ErrOutdated.
func (m *Manager) Change(ctx context.Context, account string, id sms.ID, c Change) (Endpoint, error) {
	return m.alter(ctx, account, id, func(e *Endpoint) (changed bool, err error) {
		if e.Origin != OfAPI {
			return false, &Error{Reason: reason.Of(codeNamed, nil)}
		}
		before := *e
		if c.URL != nil {
			e.URL = *c.URL
		}
		if c.Events != nil {
			e.Events = *c.Events
		}
		if c.overtaken(&before, e) {
			return false, ErrOutdated
		}
		if err := m.checkChange(ctx, e); err != nil {
			return false, err
		}
		if e.URL != before.URL && e.State != Disabled {
			e.wake()
		}
		return e.URL != before.URL || !slices.Equal(e.Events, before.Events), nil
	})
}

func (m *Manager) checkChange(ctx context.Context, e *Endpoint) error {
	if err := CheckURL(e.URL, m.Policy); err != nil {
		return err
	}
	if err := CheckTypes(e.Events); err != nil {
		return err
	}
	have, err := m.Store.Endpoints(ctx, e.Account)
	if err != nil {
		return err
	}
	return checkTwin(slices.DeleteFunc(have, func(other Endpoint) bool {
		return other.Origin != OfAPI || other.ID == e.ID
	}), e.URL, e.Events)
}

// Disable stops what goes to an endpoint. What waits for it stays; what happens from now on
// is not kept for it.
func (m *Manager) Disable(ctx context.Context, account string, id sms.ID) (Endpoint, error) {
	return m.alter(ctx, account, id, func(e *Endpoint) (changed bool, err error) {
		if e.State == Disabled {
			return false, nil
		}
		e.wake()
		e.State, e.Reason = Disabled, byHand
		return true, nil
	})
}

// MaxReplay is how many deliveries one replay makes again at most.
const MaxReplay = 10_000

// Replay delivers again what an endpoint was sent, or should have been, with the same ids.
// more says that there are others beyond MaxReplay.
func (m *Manager) Replay(ctx context.Context, r Replay) (n int, more bool, err error) {
	if _, err := m.Store.Endpoint(ctx, r.Account, r.Endpoint); err != nil {
		return 0, false, err
	}
	r.Now, r.Limit = m.Now(), MaxReplay
	if n, err = m.Store.Replay(ctx, r); err != nil {
		return 0, false, err
	}
	if n > 0 {
		m.Changed()
	}
	if n < r.Limit {
		return n, false, nil
	}
	r.Limit = 1
	left, err := m.Store.CountReplay(ctx, r)
	return n, left > 0, err
}

// CountReplay returns how many deliveries a replay would make again; more says that there
// are others beyond MaxReplay.
func (m *Manager) CountReplay(ctx context.Context, r Replay) (n int, more bool, err error) {
	if _, err := m.Store.Endpoint(ctx, r.Account, r.Endpoint); err != nil {
		return 0, false, err
	}
	r.Limit = MaxReplay + 1
	n, err = m.Store.CountReplay(ctx, r)
	return min(n, MaxReplay), n > MaxReplay, err
}

// ForRequest returns the endpoint of an address that a submission or a rule
// names.
func (m *Manager) ForRequest(ctx context.Context, account, url string) (sms.ID, error) {
	return m.ForFormat(ctx, account, url, "")
}

// ForFormat returns the endpoint of an address that gets its events in a format
// of Options.Formats. The format decides the rest of the address, for each event;
// where it leads is judged when the connection is made, as for all endpoints. Those of an
// account are maxNamed at most.
func (m *Manager) ForFormat(ctx context.Context, account, url, format string) (sms.ID, error) {
	if err := CheckURL(url, m.Policy); err != nil {
		return sms.ID{}, err
	}
	most := maxNamed
	if format == "" { // a format makes the address of what stands here, sign by sign
		url, most = canonical(url), 0 // a program of our own API may name another for each message
	}
	e, err := m.Store.RequestEndpoint(ctx, account, url, format,
		m.Seal([]byte(m.firstSecret(account))), m.Now(), most)
	if errors.Is(err, ErrFull) {
		err = &Error{Reason: reason.Of(codeTooMany, reason.Args{"most": reason.Count(maxNamed)}), Field: "/url"}
	}
	return e.ID, err
}

// ForCarrier returns the endpoint of a caller whom events are carried to, in a format of
// Options.Carriers. address names the caller.
func (m *Manager) ForCarrier(ctx context.Context, account, address, format string) (sms.ID, error) {
	e, err := m.Store.RequestEndpoint(ctx, account, address, format,
		m.Seal([]byte(m.firstSecret(account))), m.Now(), 0)
	return e.ID, err
}

// SigningSecret returns the secret that signs for addresses which submissions and
// rules name. It keeps nothing: until one of them is named, or the secret replaced, an
// account has the first one, which is worked out.
func (m *Manager) SigningSecret(ctx context.Context, account string) (string, error) {
	sealed, err := m.Store.SigningSecret(ctx, account, nil, false, m.Now())
	if err != nil {
		return "", err
	}
	if sealed == nil {
		return m.firstSecret(account), nil
	}
	secret, err := m.Open(sealed)
	return string(secret), err
}

// keepFirst stores the first secret of an account that has none yet.
func (m *Manager) keepFirst(ctx context.Context, account string) error {
	_, err := m.Store.SigningSecret(ctx, account, m.Seal([]byte(m.firstSecret(account))), false, m.Now())
	return err
}

// firstSecret is the one that an account has before another was made.
func (m *Manager) firstSecret(account string) string {
	return secretOf(sha256.Sum256([]byte(m.Derive("webhook secret, first half, of "+account) +
		m.Derive("webhook secret, second half, of "+account))))
}
