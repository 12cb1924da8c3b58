package auth

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// entry is how people come in.
type entry struct{ *core }

// Attempt is what somebody typed to sign in.
type Attempt struct {
	Name     string
	Password string
	Code     string // of the second step, when it was asked for together; "": later
	// EmergencyOnly lets nobody in by password but the account for emergencies.
	EmergencyOnly bool
	From          Browser
}

// SignIn begins a session. Where the user has a second step and no code was given, or
// needs one and has none, the session asks for it (Session.Step) and has no right until
// then. The errors that people read are CodeWrong, CodeWait, CodeBusy, CodeDisabled, and
// those of a code.
func (e entry) SignIn(ctx context.Context, a Attempt) (token string, s Session, err error) {
	name, err := UserName(a.Name)
	if err != nil {
		name = "" // which nobody has: the answer is that of a wrong password
	}
	r, err := e.store.UserByName(ctx, name)
	if err != nil && !errors.Is(err, ErrUnknown) {
		return "", Session{}, fmt.Errorf("look for a user: %w", err)
	}
	known, err := e.knows(ctx, r.User, a.From)
	if err != nil {
		return "", Session{}, err
	}
	guess := guess{name, a.From.Address, known}
	if err := e.admit(ctx, guess); err != nil {
		return "", Session{}, err
	}
	right, fresh, err := e.verify(ctx, r.Password, a.Password, guess)
	if err != nil {
		return "", Session{}, err
	}
	if !right {
		return "", Session{}, e.wrong(ctx, guess, r.User)
	}
	if !r.DisabledAt.IsZero() {
		return "", Session{}, refuse(CodeDisabled, nil)
	}
	if a.EmergencyOnly && !r.Emergency {
		return "", Session{}, refuse(CodeNoPassword, nil)
	}
	e.limits.succeeded(ofPair(name, a.From.Address))
	return e.enter(ctx, r, fresh, a)
}

// knows reports whether a user signed in before from where a request comes.
func (e entry) knows(ctx context.Context, u User, from Browser) (bool, error) {
	known, err := e.store.KnownAddress(ctx, u.ID, network(from.Address), e.now().Add(-AddressLife))
	if err != nil {
		return false, fmt.Errorf("look for an address: %w", err)
	}
	return known, nil
}

// admit refuses who guesses, and holds up who tries a name that is guessed.
func (e entry) admit(ctx context.Context, g guess) error {
	if err := e.limits.refused(g); err != nil || g.known {
		return err
	}
	return e.limits.holdUp(ctx, e.limits.delay(ofName(g.name)), e.sleep)
}

// wrong counts a wrong password. What was typed as a name is kept nowhere: people type
// passwords there.
func (e entry) wrong(ctx context.Context, g guess, u User) error {
	if g.known {
		e.limits.failed(ofPair(g.name, g.address))
	} else {
		e.limits.failed(ofAddress(g.address), ofName(g.name))
	}
	untold, tell := e.limits.tell()
	if !tell {
		return refuse(CodeWrong, nil)
	}
	e.log.Warn("a sign-in failed", "address", g.address, "more", untold)
	act := By{Actor: Nobody, Address: g.address}.about(u, SignInFailed)
	if untold > 0 {
		act.Note = "+" + strconv.Itoa(untold)
	}
	if err := e.store.AddAct(ctx, e.stamp(act)[0]); err != nil {
		return fmt.Errorf("keep an act: %w", err)
	}
	return refuse(CodeWrong, nil)
}

// enter begins the session of a user whose password was right.
func (e entry) enter(ctx context.Context, checked Record, fresh string, a Attempt) (string, Session, error) {
	token, s, err := e.begin(checked.User, a.From)
	if err != nil {
		return "", Session{}, err
	}
	if a.Code != "" {
		defer e.limits.turn(ofStep(checked.ID))()
		if left := e.limits.left(ofStep(checked.ID)); left > 0 {
			return "", Session{}, waitFor(CodeWait, left)
		}
	}
	err = e.change(ctx, checked.ID, func(r *Record) (Change, error) {
		switch {
		case r.Password != checked.Password: // changed meanwhile
			return Change{}, refuse(CodeWrong, nil)
		case !r.DisabledAt.IsZero():
			return Change{}, refuse(CodeDisabled, nil)
		case fresh != "":
			r.Password = fresh
		}
		c := Change{Begin: &s, BeginHash: HashOf(token)}
		step := r.step()
		if step == StepCode && a.Code != "" {
			acts, err := e.useCode(r, a.Code, a.From)
			if err != nil {
				return Change{}, err
			}
			step, c.Acts = StepNone, acts
		}
		s.asks(step)
		e.arrive(r, &s, &c, a.From)
		s.User = r.User
		return c, nil
	})
	if err != nil {
		return "", Session{}, e.wrongCode(ctx, checked.User, a.From, StepFailed, err)
	}
	e.limits.succeededIf(s.Step == StepNone, ofStep(checked.ID))
	return token, s, nil
}

// arrive writes down that a user is in, when nothing more is asked for.
func (c *core) arrive(r *Record, s *Session, change *Change, from Browser) {
	if s.Step == StepNone {
		r.SignedInAt = c.now()
		change.Address = network(from.Address)
		change.Acts = append(change.Acts, own(r.User, from, SignedIn))
	}
}

// step is what a session of the user asks for after the password.
func (r *Record) step() Step {
	switch {
	case r.HasSecondStep():
		return StepCode
	case r.NeedsSecondStep():
		return StepEnrol
	default:
		return StepNone
	}
}

// SecondStep gives a session that asks for the second step what it lacks, by a code,
// under a new token. A recovery code does as well, once.
func (e entry) SecondStep(ctx context.Context, token, code string, from Browser) (string, Session, error) {
	s, err := e.look(ctx, token)
	if err != nil {
		return "", Session{}, err
	}
	if s.Step != StepCode {
		return "", Session{}, refuse(CodeStepNone, nil)
	}
	return e.raise(ctx, token, s, from, StepFailed, func(r *Record, s *Session, c *Change) error {
		acts, err := e.useCode(r, code, from)
		c.Acts = acts
		s.asks(StepNone)
		e.arrive(r, s, c, from)
		return err
	})
}

// Proof is how somebody who is signed in proves who they are once more: the code of the
// second step for who has one, else the password.
type Proof struct {
	Password string
	Code     string
}

// Prove makes the proof of a session fresh, under a new token. The errors that people
// read are CodeProof, CodeWait, and those of a code.
func (e entry) Prove(ctx context.Context, token string, p Proof, from Browser) (string, Session, error) {
	s, err := e.look(ctx, token)
	if err != nil {
		return "", Session{}, err
	}
	if s.Step != StepNone {
		return "", Session{}, refuse(CodeStepNeeded, nil)
	}
	if !s.User.HasSecondStep() {
		if err := e.checkPassword(ctx, s, p.Password, from); err != nil {
			return "", Session{}, err
		}
	}
	return e.raise(ctx, token, s, from, ProofFailed, func(r *Record, s *Session, c *Change) error {
		var err error
		if r.HasSecondStep() {
			c.Acts, err = e.useCode(r, p.Code, from)
		}
		c.Acts = append(c.Acts, own(r.User, from, Proved))
		return err
	})
}

// checkPassword is CodeProof for a password that is not that of who is signed in.
func (c *core) checkPassword(ctx context.Context, s Session, password string, from Browser) error {
	if left := c.limits.left(ofStep(s.User.ID)); left > 0 {
		return waitFor(CodeWait, left)
	}
	r, err := c.store.UserByID(ctx, s.User.ID)
	if err != nil {
		return fmt.Errorf("look for a user: %w", err)
	}
	right, _, err := c.verify(ctx, r.Password, password, guess{known: true})
	if err != nil || right {
		return err
	}
	return c.wrongCode(ctx, r.User, from, ProofFailed, refuse(CodeProof, nil))
}

// raise gives a session a new token, with what change makes of it. A token that was
// raised meanwhile is over.
func (c *core) raise(
	ctx context.Context, token string, s Session, from Browser, failed ActCode,
	change func(*Record, *Session, *Change) error,
) (string, Session, error) {
	defer c.limits.turn(ofStep(s.User.ID))()
	if left := c.limits.left(ofStep(s.User.ID)); left > 0 {
		return "", Session{}, waitFor(CodeWait, left)
	}
	fresh, err := newToken()
	if err != nil {
		return "", Session{}, err
	}
	raised := s
	err = c.change(ctx, s.User.ID, func(r *Record) (Change, error) {
		raised = s
		raised.SeenAt, raised.ProvedAt = c.now(), c.now()
		made := Change{Replace: HashOf(token), Begin: &raised, BeginHash: HashOf(fresh)}
		if !r.DisabledAt.IsZero() {
			return Change{}, refuse(CodeDisabled, nil)
		}
		if err := change(r, &raised, &made); err != nil {
			return Change{}, err
		}
		raised.User = r.User
		return made, nil
	})
	if errors.Is(err, ErrUnknown) {
		return "", Session{}, refuse(CodeSessionEnded, nil)
	}
	if err != nil {
		return "", Session{}, c.wrongCode(ctx, s.User, from, failed, err)
	}
	c.limits.succeeded(ofStep(s.User.ID))
	return fresh, raised, nil
}

// wrongCode counts a wrong code or proof of somebody who knew the password, and returns
// the error that it was. Other errors count for nothing.
func (c *core) wrongCode(ctx context.Context, u User, from Browser, failed ActCode, why error) error {
	if !HasCode(why, CodeStepWrong, CodeStepUsed, CodeProof, CodePasskeyWrong, CodePasskeyCopied) {
		return why
	}
	if HasCode(why, CodePasskeyCopied) {
		failed = PasskeySuspect
	}
	c.limits.failed(ofStep(u.ID))
	c.log.Warn("a code or a proof was wrong", "user", u.ID, "address", from.Address)
	if err := c.store.AddAct(ctx, c.stamp(own(u, from, failed))[0]); err != nil {
		return fmt.Errorf("keep an act: %w", err)
	}
	return why
}

// Invited is whom a link was made for.
type Invited struct {
	User   User
	EndsAt time.Time
}

// Invitation returns whom a link is for, so that a page can greet them. The error is
// CodeLink for one that was used or replaced, or has ended.
func (e entry) Invitation(ctx context.Context, code string) (Invited, error) {
	i, err := e.store.Invitation(ctx, HashOf(code))
	if errors.Is(err, ErrUnknown) || err == nil && !e.now().Before(i.EndsAt) {
		return Invited{}, refuse(CodeLink, nil)
	}
	if err != nil {
		return Invited{}, fmt.Errorf("look for an invitation: %w", err)
	}
	r, err := e.store.UserByID(ctx, i.User)
	if errors.Is(err, ErrUnknown) || err == nil && !r.DisabledAt.IsZero() {
		return Invited{}, refuse(CodeLink, nil)
	}
	if err != nil {
		return Invited{}, fmt.Errorf("look for a user: %w", err)
	}
	return Invited{r.User, i.EndsAt}, nil
}

// Redeem uses a link up: it gives its user a password, ends their other sessions and
// begins one. The errors that people read are CodeLink and those of CheckPassword, which
// leave the link as it is.
func (e entry) Redeem(ctx context.Context, code, password string, from Browser) (string, Session, error) {
	invited, err := e.Invitation(ctx, code)
	if err != nil {
		return "", Session{}, err
	}
	if err := CheckPassword(invited.User, password); err != nil {
		return "", Session{}, err
	}
	hash, err := e.hash(ctx, password)
	if err != nil {
		return "", Session{}, err
	}
	token, s, err := e.begin(invited.User, from)
	if err != nil {
		return "", Session{}, err
	}
	err = e.store.Redeem(ctx, HashOf(code), e.now(), func(r *Record) (Change, error) {
		if !r.DisabledAt.IsZero() {
			return Change{}, refuse(CodeLink, nil)
		}
		r.dropWaiting()
		r.Password, r.HasPassword = hash, true
		s.asks(r.step())
		c := Change{
			EndAll: true, Begin: &s, BeginHash: HashOf(token),
			Acts: []Act{own(r.User, from, PasswordChosen)},
		}
		e.arrive(r, &s, &c, from)
		s.User = r.User
		c.Acts = e.stamp(c.Acts...)
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
