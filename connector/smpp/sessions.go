package smpp

import "relais/connector"

// Sessions tells of the binds: how many stand of those that are wanted, and how full their
// windows are.
func (i *instance) Sessions() connector.Sessions {
	i.mu.Lock()
	defer i.mu.Unlock()
	told := connector.Sessions{
		Standing: i.open, Wanted: i.config.sessions(), Window: len(i.live) * i.config.Window, Throttled: i.throttled,
	}
	for _, s := range i.live {
		told.Unanswered += s.conn.Unanswered()
	}
	return told
}

// sessions is how many sessions the section asks for.
func (c *Config) sessions() int {
	if c.Bind == pair {
		return 2 * c.Binds
	}
	return c.Binds
}

// slowDown counts what was not taken for its pace.
func (i *instance) slowDown() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.throttled++
}
