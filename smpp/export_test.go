package smpp

// SetSequence makes n the last sequence_number that was used.
func (c *Conn) SetSequence(n uint32) { c.sequence = n }
