package quota

import (
	"strconv"
	"sync"
	"time"
)

// spent remembers which quotas said no, so that a caller who goes on costs a read
// and no transaction. It is no judgement: the store decides.
type spent struct {
	mu    sync.Mutex
	until map[string]time.Time
}

const mostSpent = 10_000

func (c *Charge) key(account string) string {
	return strconv.Itoa(len(account)) + account + c.Quota + "\x00" + c.Subject
}

// add reports whether the quota is new in the list.
func (l *spent) add(account string, c *Charge, until, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := c.key(account)
	known := l.until[key].After(now)
	if l.until == nil || len(l.until) >= mostSpent {
		l.until = map[string]time.Time{}
	}
	l.until[key] = until
	return !known
}

func (l *spent) any(account string, charges []Charge, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.until) == 0 {
		return false
	}
	for i := range charges {
		if until, known := l.until[charges[i].key(account)]; known {
			if until.After(now) {
				return true
			}
			delete(l.until, charges[i].key(account))
		}
	}
	return false
}
