package auth

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Identity is who a user is to a provider of identities. The two together are of one
// person for ever; an address is not.
type Identity struct {
	Issuer  string
	Subject string    // "": none
	Since   time.Time // when it was bound to the user
}

// is reports whether two are of one person.
func (i Identity) is(other Identity) bool {
	return i.Subject != "" && i.Issuer == other.Issuer && i.Subject == other.Subject
}

// What a provider calls a mail address, as far as one can be matched.
var mailAddresses = regexp.MustCompile(`^[^\s@<>"(),:;\\\pC]{1,64}@[a-z0-9]([a-z0-9.-]{0,188}[a-z0-9])?$`)

// MailAddress is an address as it is kept, however it is typed; none stays none. The error
// is an *Error.
func MailAddress(typed string) (string, error) {
	address := strings.ToLower(strings.TrimSpace(typed))
	if address != "" && !mailAddresses.MatchString(address) {
		return "", refuse(CodeMail, nil)
	}
	return address, nil
}

// Arrival is somebody whom a provider of identities has just let in, with what it says of
// them.
type Arrival struct {
	Issuer  string
	Subject string
	Mail    string  // that is theirs beyond doubt; "": none
	Told    string  // the address that the provider tells, for the audit alone
	Display string  // how they are called; "": the provider does not tell
	Roles   []Grant // that the provider gives them
	// RolesTold says that the provider is who gives roles: a user has these and no others.
	RolesTold bool
	// Strong says that they proved who they are by more than a password, in a way that
	// this gateway trusts.
	Strong bool
	From   Browser
}

// identities is how people come in by a provider of identities.
type identities struct{ *core }

// SignInBy begins a session of who comes by a provider. A user is known by issuer and
// subject; the first time by the address that an administrator invited, to which the
// identity is bound then. Whoever is nobody here stays nobody: the error is CodeStranger,
// and the audit tells of it. Others that people read are CodeDisabled and CodeNoRole.
func (p identities) SignInBy(ctx context.Context, a Arrival) (token string, s Session, err error) {
	r, err := p.arriving(ctx, a)
	if err != nil {
		return "", Session{}, err
	}
	token, s, err = p.begin(r.User, a.From)
	if err != nil {
		return "", Session{}, err
	}
	refused := error(nil)
	err = p.change(ctx, r.ID, func(r *Record) (Change, error) {
		refused = nil
		if !r.DisabledAt.IsZero() {
			return Change{}, refuse(CodeDisabled, nil)
		}
		c := Change{}
		if err := p.bind(r, a, &c); err != nil {
			return Change{}, err
		}
		a.giveRoles(r, &c)
		if len(r.Roles) == 0 {
			refused = refuse(CodeNoRole, nil) // what was taken stays taken
			return c, nil
		}
		c.Begin, c.BeginHash = &s, HashOf(token)
		step := r.step()
		if a.Strong {
			step = StepNone
		}
		s.asks(step)
		p.arrive(r, &s, &c, a.From)
		s.User = r.User
		return c, nil
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return "", Session{}, err
	}
	return token, s, nil
}

// arriving is the user as whom somebody comes in.
func (p identities) arriving(ctx context.Context, a Arrival) (Record, error) {
	r, err := p.store.UserByIdentity(ctx, a.Issuer, a.Subject)
	if errors.Is(err, ErrUnknown) {
		r, err = p.store.UserByMail(ctx, a.Mail)
	}
	switch {
	case errors.Is(err, ErrUnknown), err == nil && r.Identity.Subject != "" && !r.Identity.is(a.identity()):
		return Record{}, p.stranger(ctx, a)
	case err != nil:
		return Record{}, fmt.Errorf("look for a user: %w", err)
	}
	return r, nil
}

func (a *Arrival) identity() Identity { return Identity{Issuer: a.Issuer, Subject: a.Subject} }

// stranger keeps in the audit who wanted to come in, so that an administrator can invite
// them, and refuses them.
func (p identities) stranger(ctx context.Context, a Arrival) error {
	if err := p.Refuse(ctx, a, StrangerRefused); err != nil {
		return err
	}
	return refuse(CodeStranger, nil)
}

// Refuse keeps in the audit that somebody was sent away who came by a provider.
func (p identities) Refuse(ctx context.Context, a Arrival, code ActCode) error {
	_, tell := p.limits.tell()
	if !tell {
		return nil
	}
	p.log.Warn("somebody who came by the provider of identities was sent away", "why", code,
		"address", a.From.Address)
	act := Act{Actor: Nobody, Address: a.From.Address, Code: code, Subject: told(a.Told)}
	if err := p.store.AddAct(ctx, p.stamp(act)[0]); err != nil {
		return fmt.Errorf("keep an act: %w", err)
	}
	return nil
}

// told is an address that somebody else wrote, as far as it is one.
func told(address string) string {
	known, err := MailAddress(address)
	if err != nil {
		return ""
	}
	return known
}

// bind makes an identity the user's, when it comes the first time.
func (p identities) bind(r *Record, a Arrival, c *Change) error {
	switch {
	case r.Identity.is(a.identity()):
	case r.Identity.Subject != "" || r.Mail == "" || r.Mail != a.Mail: // changed meanwhile
		return refuse(CodeStranger, nil)
	default:
		r.Identity = Identity{a.Issuer, a.Subject, p.now()}
		c.Acts = append(c.Acts, own(r.User, a.From, IdentityBound))
	}
	if r.Display == "" && checkDisplay(a.Display) == nil {
		r.Display = a.Display
	}
	return nil
}

// giveRoles has a user have what the provider gives. Whoever is signed in with other roles
// is no more.
func (a *Arrival) giveRoles(r *Record, c *Change) {
	before, after := sortedRoles(r.Roles), sortedRoles(a.Roles)
	if !a.RolesTold || slices.Equal(before, after) {
		return
	}
	r.Roles = after
	c.EndAll = true
	c.Acts = append(c.Acts, By{Actor: Identities, Address: a.From.Address}.grants(r.User, before, after)...)
}

// ProveBy is Prove by the provider: it makes the proof of a session fresh, under a new
// token, when the person who is signed in has just proved there who they are. A second step
// of theirs is asked for all the same, unless the provider asked for one that counts.
func (p identities) ProveBy(ctx context.Context, token string, a Arrival) (string, Session, error) {
	s, err := p.look(ctx, token)
	if err != nil {
		return "", Session{}, err
	}
	if s.Step != StepNone {
		return "", Session{}, refuse(CodeStepNeeded, nil)
	}
	return p.raise(ctx, token, s, a.From, ProofFailed, func(r *Record, _ *Session, c *Change) error {
		switch {
		case !r.Identity.is(a.identity()):
			return refuse(CodeOther, nil)
		case r.HasSecondStep() && !a.Strong:
			return refuse(CodeStepNeeded, nil)
		}
		c.Acts = append(c.Acts, own(r.User, a.From, Proved))
		return nil
	})
}

// InviteMail lets a user come in by a provider under an address, the first time; an empty
// one takes that back. The error is CodeMailBound for who has come already.
func (p identities) InviteMail(ctx context.Context, by By, user string, seen *string, typed string) error {
	mail, err := MailAddress(typed)
	if err != nil {
		return err
	}
	return administration(p).about(ctx, user, func(r *Record) (Change, error) {
		if r.Mail == mail {
			return Change{}, nil
		}
		if r.Identity.Subject != "" {
			return Change{}, refuse(CodeMailBound, nil)
		}
		if seen != nil && *seen != r.Mail {
			return Change{}, refuse(CodeMailChanged, nil)
		}
		r.Mail = mail
		code := MailInvited
		if mail == "" {
			code = MailTakenBack
		}
		return Change{Acts: []Act{by.about(r.User, code)}}, nil
	})
}

// ReleaseIdentity forgets who a user is at a provider, and the address too, so that they
// can be invited anew. Their sessions end.
func (p identities) ReleaseIdentity(ctx context.Context, by By, user string) error {
	return administration(p).about(ctx, user, func(r *Record) (Change, error) {
		if r.Identity.Subject == "" {
			return Change{}, nil
		}
		r.Identity, r.Mail = Identity{}, ""
		return Change{EndAll: true, Acts: []Act{by.about(r.User, IdentityReleased)}}, nil
	})
}

// SetEmergency lets a user sign in by password where others may not, or no more.
func (p identities) SetEmergency(ctx context.Context, by By, user string, on bool) error {
	return administration(p).about(ctx, user, func(r *Record) (Change, error) {
		if r.Emergency == on {
			return Change{}, nil
		}
		r.Emergency = on
		code := EmergencyOff
		if on {
			code = EmergencyOn
		}
		return Change{EndAll: !on, Acts: []Act{by.about(r.User, code)}}, nil
	})
}
