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
		ID: sms.NewID(now), Account: account, URL: url, Events: events, Secret: m.Seal([]byte(secret)),
		Origin: OfAPI, State: Active, CreatedAt: now, Key: key,
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
	registered := 0
	for i := range have {
		if have[i].Origin != OfAPI {
			continue
		}
		registered++
		if canonical(have[i].URL) == canonical(url) && sameTypes(have[i].Events, events) {
			return &Error{
				Reason: reason.Of(codeExists, reason.Args{"id": reason.Name(have[i].ID.String())}),
				Field:  "/url",
			}
		}
	}
	if registered < maxEndpoints {
		return nil
	}
	return &Error{
		Reason: reason.Of(codeTooMany, reason.Args{"most": reason.Count(maxEndpoints)}), Field: "/url",
	}
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
	e, err := m.Store.Endpoint(ctx, account, id)
	if err != nil {
		return Endpoint{}, err
	}
	e.State, e.Reason, e.Failures, e.FailingAt, e.ProbeAt = Active, "", 0, time.Time{}, time.Time{}
	if err := m.Store.ChangeEndpoint(ctx, e); err != nil {
		return Endpoint{}, err
	}
	m.Changed()
	return e, nil
}

// Replay delivers again what an endpoint was sent, or should have been.
func (m *Manager) Replay(ctx context.Context, r Replay) (int, error) {
	if _, err := m.Store.Endpoint(ctx, r.Account, r.Endpoint); err != nil {
		return 0, err
	}
	r.Now = m.Now()
	n, err := m.Store.Replay(ctx, r)
	if n > 0 {
		m.Changed()
	}
	return n, err
}

// ForRequest returns the endpoint of an address that a submission or a rule
// names.
func (m *Manager) ForRequest(ctx context.Context, account, url string) (sms.ID, error) {
	return m.ForFormat(ctx, account, url, "")
}

// ForFormat returns the endpoint of an address that gets its events in a format
// of Options.Formats. The format decides the rest of the address, for each event;
// where it leads is judged when the connection is made, as for all endpoints.
func (m *Manager) ForFormat(ctx context.Context, account, url, format string) (sms.ID, error) {
	if err := CheckURL(url, m.Policy); err != nil {
		return sms.ID{}, err
	}
	if format == "" { // a format makes the address of what stands here, sign by sign
		url = canonical(url)
	}
	e, err := m.Store.RequestEndpoint(ctx, account, url, format,
		m.Seal([]byte(m.firstSecret(account))), m.Now())
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
