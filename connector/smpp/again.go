package smpp

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
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

// textKey is a text, or a part of one, as it was sent. It is a digest: no text stays in memory
// beyond its time.
type textKey [sha256.Size]byte

func keyOfText(m *smpp.SM) textKey {
	var part smpp.Concat
	if content := m.Content(); content.Part {
		part = content.Concat // by parameters it is not among the octets
	}
	return sha256.Sum256(fmt.Appendf(nil, "%q %q %q %+v", m.Source.Addr, m.Dest.Addr, m.Octets(), part))
}

// storedTexts remembers the texts that were stored, so that one is known that the operator sends
// again because its answer was lost. Two equal texts of one person are two.
type storedTexts struct {
	mu     sync.Mutex
	stored []storedText // oldest first
	known  int          // that came again
}

// storedText is a text with what is known of its answer.
type storedText struct {
	key  textKey
	at   time.Time
	end  *breakage // of the session that the answer went by
	lost bool      // the answer did not leave
}

// breakage is when a session ended without unbind; nil: it did not. It outlives the session.
type breakage struct{ atomic.Pointer[time.Time] }

// note remembers a text that was stored; lost says that its answer did not leave.
func (t *storedTexts) note(key textKey, s *session, lost bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	young := slices.IndexFunc(t.stored, func(one storedText) bool { return now.Sub(one.at) <= unsureFor })
	if young < 0 {
		young = len(t.stored)
	}
	young = max(young, len(t.stored)-mostStored+1)
	t.stored = append(t.stored[young:], storedText{key, now, s.broke, lost})
}

// again reports whether a text is one that was stored before and whose answer may not have
// arrived, and how many such texts there were. Each that was stored is known so once.
func (t *storedTexts) again(key textKey) (known int, is bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := slices.IndexFunc(t.stored, func(one storedText) bool { return one.key == key && one.unsure() })
	if at < 0 {
		return 0, false
	}
	t.stored = slices.Delete(t.stored, at, at+1)
	t.known++
	return t.known, true
}

// unsure reports whether the operator may not know that the text was stored.
func (t *storedText) unsure() bool {
	return time.Since(t.at) <= unsureFor && (t.lost || t.end.soonAfter(t.at))
}

// soonAfter reports whether the session ended without unbind so soon after a moment that the
// operator may not have read what was answered then.
func (b *breakage) soonAfter(at time.Time) bool {
	broke := b.Load()
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
