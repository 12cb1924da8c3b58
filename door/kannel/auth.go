package kannel

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/netip"

	"relais/door"
)

// authorized finds the user of a request (gw/smsbox.c authorise_username). A
// username that does not exist takes as long as a wrong password.
func (d *Door) authorized(p *params, remote string) (User, bool) {
	user, known := d.Users[p.username]
	given, want := sha256.Sum256([]byte(p.password)), sha256.Sum256([]byte(user.Password))
	right := subtle.ConstantTimeCompare(given[:], want[:]) == 1 && known && user.Password != ""
	switch {
	case !known: // what it calls itself may be anything, a password too
		d.Log.Warn("a request was refused: no such user", "door", "kannel")
	case !right:
		d.Log.Warn("a request was refused: wrong password", "door", "kannel", "user", p.username)
	case !allowed(user.AllowFrom, remote):
		right = false
		d.Log.Warn("a request was refused: the user may not come from that address", "door", "kannel", "user",
			p.username)
	}
	return user, right
}

func allowed(networks []netip.Prefix, remote string) bool {
	host, _, err := net.SplitHostPort(remote)
	return len(networks) == 0 || err == nil && door.Allows(networks, host)
}
