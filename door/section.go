package door

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"relais/config/section"
	"relais/reason"
	"relais/webhook"
)

// Twice refuses a value that another section has; had are those so far, with the names of their sections.
func Twice(had map[string]string, value, name string, why reason.Code) reason.Reason {
	other, known := had[value]
	had[value] = name
	return section.UnlessWith(!known || value == "", why, reason.Args{"other": reason.Name(other)})
}

// WrongTarget refuses an address that is never called, whatever webhooks.allow says. Env.WarnOf tells of one
// that webhooks.allow keeps from being called.
func WrongTarget(address string) reason.Reason {
	if wrong := webhook.CheckURL(address, webhook.Policy{Loopback: true, Private: true}); wrong != nil {
		return wrong.Reason
	}
	return reason.Reason{}
}

// WarnOf logs that the address of a section is not called, where that is so: it is of a network that webhooks.allow does
// not open. Paths may hold secrets, and stay out of the log.
func (e *Env) WarnOf(table, name, key, address string) {
	if address == "" || e.CheckURL(address) == nil {
		return
	}
	host := ""
	if u, err := url.Parse(address); err == nil {
		host = u.Host
	}
	e.Log.Warn("an address is not called: webhooks.allow does not open its network", "section", table+"."+name, "key", key, "host", host)
}

// Allows reports whether an address is of one of the networks; none stand for every one.
func Allows(networks []netip.Prefix, address string) bool {
	if len(networks) == 0 {
		return true
	}
	from, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	at := from.Unmap().WithZone("")
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(at) })
}

// WrongCallback judges an address that a section has called: a query may stand in it, no user name and no fragment.
// Empty stands for none.
func WrongCallback(address string, why reason.Code) reason.Reason {
	bare, _, _ := strings.Cut(address, "?")
	switch {
	case address == "":
		return reason.Reason{}
	case !section.WrongURL(bare).IsZero() || strings.ContainsAny(address, "# "):
		return reason.Of(why, nil)
	}
	return WrongTarget(address)
}
