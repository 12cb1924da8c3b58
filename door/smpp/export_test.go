package smpp

// Fill has a client have so many parts that wait, as far as the door knows until it counts again.
func (d *Door) Fill(systemID string, parts int64) { d.clients[systemID].waiting.Store(parts) }
