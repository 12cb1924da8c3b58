package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
)

// passkeys is how people come in, prove who they are and are kept by keys that a browser
// holds for them.
type passkeys struct{ entry }

// AskToEnter asks a browser for any passkey that it has for the site.
func (p passkeys) AskToEnter(s Site) (Ask, error) { return p.askToSign(toEnter, "", nil, s) }

// AskToProve asks for a passkey of who has a session: as the second step that it lacks,
// or as a fresh proof.
func (p passkeys) AskToProve(ctx context.Context, token string, s Site) (Ask, error) {
	open, err := p.look(ctx, token)
	if err != nil {
		return Ask{}, err
	}
	r, err := p.store.UserByID(ctx, open.User.ID)
	if err != nil {
		return Ask{}, fmt.Errorf("look for a user: %w", err)
	}
	switch open.Step {
	case StepCode:
		return p.askToSign(toStep, token, &r, s)
	case StepNone:
		return p.askToSign(toProve, token, &r, s)
	default:
		return Ask{}, refuse(CodePasskeyNone, nil)
	}
}

// AskToAdd asks for a new passkey of who has a session. The console asks for a fresh
// proof before, unless the session is there to set a second step up.
func (p passkeys) AskToAdd(ctx context.Context, token string, s Site) (Ask, error) {
	open, err := p.look(ctx, token)
	if err != nil {
		return Ask{}, err
	}
	if open.Step == StepCode {
		return Ask{}, refuse(CodeStepNeeded, nil)
	}
	r, err := p.store.UserByID(ctx, open.User.ID)
	if err != nil {
		return Ask{}, fmt.Errorf("look for a user: %w", err)
	}
	return p.askToMake(toAdd, token, &r, s)
}

// AskToWelcome asks for a new passkey of whom a link is for.
func (p passkeys) AskToWelcome(ctx context.Context, code string, s Site) (Ask, error) {
	invited, err := p.Invitation(ctx, code)
	if err != nil {
		return Ask{}, err
	}
	if invited.User.HasSecondStep() {
		return Ask{}, refuse(CodeStepSet, nil)
	}
	return p.askToMake(toWelcome, code, &Record{User: invited.User}, s)
}

// SignInByPasskey begins a session of whose passkey signed. The key is there and its
// holder showed who they are to it: nothing else is asked for.
func (p passkeys) SignInByPasskey(ctx context.Context, a Answer) (token string, s Session, err error) {
	q, err := p.asked(a, "", toEnter)
	if err != nil {
		return "", Session{}, err
	}
	answer, err := signed(a)
	if err != nil {
		return "", Session{}, err
	}
	r, err := p.store.UserByPasskey(ctx, answer.RawID)
	if err != nil && !errors.Is(err, ErrUnknown) {
		return "", Session{}, fmt.Errorf("look for a passkey: %w", err)
	}
	known, err := p.knows(ctx, r.User, a.From)
	if err != nil {
		return "", Session{}, err
	}
	g := guess{r.Name, a.From.Address, known}
	if err := p.limits.refused(g); err != nil {
		return "", Session{}, err
	}
	if r.ID == "" {
		return "", Session{}, p.wrongKey(ctx, g, r.User, refuse(CodePasskeyWrong, nil))
	}
	token, s, err = p.enterBy(ctx, r.User, q, a, answer)
	if err != nil {
		return "", Session{}, p.wrongKey(ctx, g, r.User, err)
	}
	p.limits.succeeded(ofPair(g.name, g.address))
	return token, s, nil
}

// enterBy begins the session of whose passkey signed.
func (p passkeys) enterBy(
	ctx context.Context, u User, q asked, a Answer, answer *protocol.ParsedCredentialAssertionData,
) (string, Session, error) {
	token, s, err := p.begin(u, a.From)
	if err != nil {
		return "", Session{}, err
	}
	err = p.change(ctx, u.ID, func(r *Record) (Change, error) {
		if !r.DisabledAt.IsZero() {
			return Change{}, refuse(CodeDisabled, nil)
		}
		if err := p.checkSigned(r, &q, a.Site, answer); err != nil {
			return Change{}, err
		}
		if a.EmergencyOnly && !r.Emergency {
			return Change{}, refuse(CodeNoPassword, nil)
		}
		c := Change{Begin: &s, BeginHash: HashOf(token)}
		q.spend(&c)
		s.asks(StepNone)
		p.arrive(r, &s, &c, a.From)
		s.User = r.User
		return c, nil
	})
	return token, s, err
}

// wrongKey counts a passkey that signed nobody in, as a wrong password is counted, and
// returns the error that it was. Other errors count for nothing.
func (p passkeys) wrongKey(ctx context.Context, g guess, u User, why error) error {
	if HasCode(why, CodePasskeyCopied) {
		p.log.Warn("a passkey counts backwards: somebody may have copied it", "user", u.ID)
		act := own(u, Browser{Address: g.address}, PasskeySuspect)
		if err := p.store.AddAct(ctx, p.stamp(act)[0]); err != nil {
			return fmt.Errorf("keep an act: %w", err)
		}
		return why
	}
	if !HasCode(why, CodePasskeyWrong) {
		return why
	}
	if err := p.wrong(ctx, g, u); !HasCode(err, CodeWrong) {
		return err
	}
	return why
}

// SecondStepByPasskey gives a session that asks for a second step what it lacks, under a
// new token.
func (p passkeys) SecondStepByPasskey(ctx context.Context, token string, a Answer) (string, Session, error) {
	return p.proveBy(ctx, token, toStep, StepFailed, a, func(r *Record, s *Session, c *Change) {
		s.asks(StepNone)
		p.arrive(r, s, c, a.From)
	})
}

// ProveByPasskey makes the proof of a session fresh, under a new token.
func (p passkeys) ProveByPasskey(ctx context.Context, token string, a Answer) (string, Session, error) {
	return p.proveBy(ctx, token, toProve, ProofFailed, a, func(r *Record, _ *Session, c *Change) {
		c.Acts = append(c.Acts, own(r.User, a.From, Proved))
	})
}

func (p passkeys) proveBy(
	ctx context.Context, token string, why purpose, failed ActCode, a Answer,
	then func(*Record, *Session, *Change),
) (string, Session, error) {
	s, err := p.look(ctx, token)
	if err != nil {
		return "", Session{}, err
	}
	q, err := p.asked(a, token, why)
	if err != nil {
		return "", Session{}, err
	}
	answer, err := signed(a)
	if err != nil {
		return "", Session{}, err
	}
	return p.raise(ctx, token, s, a.From, failed, func(r *Record, s *Session, c *Change) error {
		if err := p.checkSigned(r, &q, a.Site, answer); err != nil {
			return err
		}
		q.spend(c)
		then(r, s, c)
		return nil
	})
}

// AddPasskey gives who is signed in a passkey, under a name, and puts the session under a
// new token. Who has a password and no codes gets recovery codes, which are the only copy.
func (p passkeys) AddPasskey(
	ctx context.Context, token, name string, a Answer,
) (codes []string, fresh string, s Session, err error) {
	if s, err = p.look(ctx, token); err != nil {
		return nil, "", Session{}, err
	}
	q, err := p.asked(a, token, toAdd)
	if err != nil {
		return nil, "", Session{}, err
	}
	if name, err = passkeyName(name); err != nil {
		return nil, "", Session{}, err
	}
	made, hashes, err := newRecoveryCodes()
	if err != nil {
		return nil, "", Session{}, err
	}
	fresh, s, err = p.raise(ctx, token, s, a.From, StepFailed, func(r *Record, s *Session, c *Change) error {
		codes = nil
		if s.Step == StepEnrol && r.step() != StepEnrol { // set up in another window
			return refuse(CodeStepSet, nil)
		}
		if !r.HasSecondStep() && r.HasPassword {
			r.dropWaiting()
			r.Codes, r.CodesLeft, codes = hashes, len(hashes), made
		}
		if err := p.addSigned(r, &q, name, a); err != nil {
			return err
		}
		q.spend(c)
		c.Acts = append(c.Acts, aboutKey(own(r.User, a.From, PasskeyAdded), r.latestKey()))
		if s.Step == StepEnrol {
			s.asks(StepNone)
			p.arrive(r, s, c, a.From)
		}
		return nil
	})
	if err != nil {
		return nil, "", Session{}, err
	}
	return codes, fresh, s, nil
}

// aboutKey adds to an act which passkey it was about: its id, never what it was named.
func aboutKey(a Act, id string) Act {
	a.Note = id
	return a
}

// latestKey is the id of the passkey that was added last.
func (r *Record) latestKey() string { return r.Passkeys[len(r.Passkeys)-1].ID }

// RedeemByPasskey uses a link up: its user gets a passkey, under a name, instead of a
// password. Their other sessions end, and one begins.
func (p passkeys) RedeemByPasskey(ctx context.Context, code, name string, a Answer) (string, Session, error) {
	invited, err := p.Invitation(ctx, code)
	if err != nil {
		return "", Session{}, err
	}
	q, err := p.asked(a, code, toWelcome)
	if err != nil {
		return "", Session{}, err
	}
	if name, err = passkeyName(name); err != nil {
		return "", Session{}, err
	}
	token, s, err := p.begin(invited.User, a.From)
	if err != nil {
		return "", Session{}, err
	}
	err = p.store.Redeem(ctx, HashOf(code), p.now(), func(r *Record) (Change, error) {
		switch {
		case !r.DisabledAt.IsZero():
			return Change{}, refuse(CodeLink, nil)
		case r.HasSecondStep(): // a link alone is no second step
			return Change{}, refuse(CodeStepSet, nil)
		}
		r.dropWaiting()
		if err := p.addSigned(r, &q, name, a); err != nil {
			return Change{}, err
		}
		c := Change{
			EndAll: true, Begin: &s, BeginHash: HashOf(token),
			Acts: []Act{aboutKey(own(r.User, a.From, PasskeyAdded), r.latestKey())},
		}
		q.spend(&c)
		s.asks(StepNone)
		p.arrive(r, &s, &c, a.From)
		s.User = r.User
		c.Acts = p.stamp(c.Acts...)
		return c, nil
	})
	if errors.Is(err, ErrUnknown) {
		return "", Session{}, refuse(CodeLink, nil)
	}
	if err != nil {
		return "", Session{}, explain(err)
	}
	return token, s, nil
}

// Passkeys returns those of a user, the oldest first.
func (p passkeys) Passkeys(ctx context.Context, user string) ([]Passkey, error) {
	r, err := p.store.UserByID(ctx, user)
	if err != nil {
		return nil, userUnknown(err)
	}
	return r.Passkeys, nil
}

// RemovePasskey takes a passkey of who is signed in away. Their other sessions end; this
// one gets a new token, and asks for another second step where a role needs one. The
// console asks for a fresh proof before.
func (p passkeys) RemovePasskey(
	ctx context.Context, token, id string, from Browser,
) (string, Session, error) {
	s, err := p.look(ctx, token)
	if err != nil {
		return "", Session{}, err
	}
	if s.Step != StepNone {
		return "", Session{}, refuse(CodeStepNeeded, nil)
	}
	return p.raise(ctx, token, s, from, StepFailed, func(r *Record, s *Session, c *Change) error {
		at := slices.IndexFunc(r.Passkeys, func(k Passkey) bool { return k.ID == id })
		switch {
		case at < 0:
			return refuse(CodePasskeyUnknown, nil)
		case len(r.Passkeys) == 1 && !r.HasPassword:
			return refuse(CodePasskeyLast, nil)
		}
		r.Passkeys = slices.Delete(r.Passkeys, at, at+1)
		r.PasskeyCount = len(r.Passkeys)
		if !r.HasSecondStep() {
			r.dropStep()
		}
		s.asks(r.step())
		c.EndAll = true
		c.Acts = append(c.Acts, aboutKey(own(r.User, from, PasskeyRemoved), id))
		return nil
	})
}
