package auth

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Keeper recognises keys. It remembers answers for a moment, so that a busy
// caller does not cost a query a request; a revoked key stops working within
// that moment.
type Keeper struct {
	store Store
	now   func() time.Time
	fixed map[Hash]Key

	mu    sync.Mutex
	known map[Hash]answer
	used  map[string]time.Time // since Flush, by id
}

type answer struct {
	key   Key
	err   error
	until time.Time
}

const (
	remember    = time.Second
	maxRemember = 10_000 // wrong keys must not fill the memory
)

// NewKeeper makes a keeper. fixed are keys that work beside the stored ones,
// by their text: the sandbox's.
func NewKeeper(s Store, fixed map[string]Key, now func() time.Time) *Keeper {
	k := &Keeper{store: s, now: now, fixed: map[Hash]Key{}, known: map[Hash]answer{}, used: map[string]time.Time{}}
	for text, key := range fixed {
		k.fixed[HashOf(text)] = key
	}
	return k
}

// Admit returns the key of a request that comes from an address, if it may do what needs a
// right. The error is ErrUnknown, ErrRevoked, a *Error that says what the key may not, or
// a failure of the store.
func (k *Keeper) Admit(ctx context.Context, text, address string, needs KeyRight) (Key, error) {
	key, err := k.Recognise(ctx, text)
	if err != nil {
		return Key{}, err
	}
	if err := key.Limits.Check(needs, address, k.now()); err != nil {
		return Key{}, err
	}
	k.Used(key.ID)
	return key, nil
}

// Used notes that a key is used now, by the id that lists show.
func (k *Keeper) Used(id string) {
	now := k.now()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.used[id] = now
}

// FlushEvery is how often it is stored when keys were used.
const FlushEvery = time.Minute

// Flush stores when keys were used since the last time. It is a chore, and no request
// waits for it.
func (k *Keeper) Flush(ctx context.Context) error {
	k.mu.Lock()
	used := k.used
	k.used = map[string]time.Time{}
	k.mu.Unlock()
	if len(used) == 0 {
		return nil
	}
	err := k.store.KeysUsed(ctx, used)
	if err == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for id, at := range used {
		if at.After(k.used[id]) {
			k.used[id] = at
		}
	}
	return err
}

// Recognise returns the key of a request. The error is ErrUnknown, ErrRevoked,
// or a failure of the store.
func (k *Keeper) Recognise(ctx context.Context, text string) (Key, error) {
	hash := HashOf(text)
	if key, ok := k.fixed[hash]; ok {
		return key, nil
	}
	now := k.now()
	k.mu.Lock()
	a, ok := k.known[hash]
	k.mu.Unlock()
	if ok && now.Before(a.until) {
		return a.key, a.err
	}
	key, err := k.store.KeyByHash(ctx, hash)
	if err == nil && !key.RevokedAt.IsZero() {
		err = ErrRevoked
	}
	if err != nil && !errors.Is(err, ErrUnknown) && !errors.Is(err, ErrRevoked) {
		return Key{}, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.known) >= maxRemember {
		clear(k.known)
	}
	k.known[hash] = answer{key, err, now.Add(remember)}
	return key, err
}
