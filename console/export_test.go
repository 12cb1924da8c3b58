package console

// Table is the table of routes, for the test that walks it.
func Table() []Address { return addresses(table()) }

// The rights of the table that no role brings.
const (
	Open     = open
	Self     = self
	SelfSure = selfSure
)
