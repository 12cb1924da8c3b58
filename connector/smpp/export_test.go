package smpp

import (
	"relais/connector"
	"relais/smpp"
)

// AgeHeld makes the parts that wait for others old.
func AgeHeld(c connector.Connector) {
	i := instanceOf(c)
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, one := range i.held {
		one.since = one.since.Add(-joinWait)
	}
}

// Held is how many texts wait for parts.
func Held(c connector.Connector) int {
	i := instanceOf(c)
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.held)
}

func instanceOf(c connector.Connector) *instance {
	if a, ok := c.(asking); ok {
		return a.instance
	}
	return c.(*instance)
}

// Listed reports whether a status is in the table.
func Listed(s smpp.Status) bool {
	_, listed := classes[s]
	return listed
}

// Standing is how many sessions stand.
func Standing(c connector.Connector) int {
	i := instanceOf(c)
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.open
}
