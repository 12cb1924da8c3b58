package app

// Tests open doors of their own.
var (
	NewWith   = newWith
	PartsWith = partsWith
)

// DoorPort is where a door of a test listens.
func DoorPort(a *App, name string) string {
	for _, l := range a.current.Load().doors.listeners {
		if at, ok := l.Listener.(interface{ At() string }); ok && l.name == name {
			return at.At()
		}
	}
	return ""
}
