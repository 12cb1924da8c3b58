package smpp

import (
	"errors"
	"sync"
	"time"

	"relais/smpp"
)

// unsureFor is how long the same text is taken for one that the operator sends again because it
// did not see that it was stored.
const unsureFor = 10 * time.Minute

// unseenFor is how long before a session broke its answers may have been lost: what is handed to
// the kernel is not read yet.
const unseenFor = 30 * time.Second

// mostStored bounds the texts that are remembered: more than come in half a minute.
const mostStored = 10_000

// inboundKey is a text, or a part of one, as it was sent.
type inboundKey struct {
	from, to, octets string
	concat           smpp.Concat
}

func keyOfText(m *smpp.SM) inboundKey {
	key := inboundKey{from: m.Source.Addr, to: m.Dest.Addr, octets: string(m.Octets())}
	if content := m.Content(); content.Part {
		key.concat = content.Concat // by parameters it is not among the octets
	}
	return key
}

// storedTexts remembers the texts that were stored, so that one is known that the operator sends
// again because its answer was lost. Two equal texts of one person are two.
type storedTexts struct {
	mu    sync.Mutex
	texts map[inboundKey]storedText
	order []storedOrder // oldest first
}

// storedText is a text with the session that its answer went by.
type storedText struct {
	at      time.Time
	session *session
	lost    bool // the answer did not leave
}

type storedOrder struct {
	key inboundKey
	at  time.Time
}

// note remembers a text that was stored; lost says that its answer did not leave.
func (t *storedTexts) note(key inboundKey, s *session, lost bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.texts == nil {
		t.texts = map[inboundKey]storedText{}
	}
	now := time.Now()
	t.texts[key] = storedText{now, s, lost}
	t.order = append(t.order, storedOrder{key, now})
	if len(t.order) <= mostStored {
		return
	}
	if oldest := t.order[0]; t.texts[oldest.key].at.Equal(oldest.at) {
		delete(t.texts, oldest.key)
	}
	t.order = t.order[1:]
}

// again reports whether a text is one that was stored before and whose answer may not have
// arrived. It is known so once.
func (t *storedTexts) again(key inboundKey) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	one, found := t.texts[key]
	if !found || time.Since(one.at) > unsureFor || !one.lost && !one.session.brokeSoonAfter(one.at) {
		return false
	}
	delete(t.texts, key)
	return true
}

// brokeSoonAfter reports whether the session ended without unbind so soon after a moment that the
// operator may not have read what was answered then.
func (s *session) brokeSoonAfter(at time.Time) bool {
	broke := s.broke.Load()
	return broke != nil && broke.Sub(at) < unseenFor
}

// noteEnd notes when the session broke, unless it was ended in order: then all that was written has been
// read.
func (s *session) noteEnd(err error) {
	if err == nil || errors.Is(err, smpp.ErrUnbound) {
		return
	}
	now := time.Now()
	s.broke.Store(&now)
}
