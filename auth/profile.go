package auth

import (
	"context"
	"slices"
	"time"

	"relais/reason"
)

// profile is what people do about themselves.
type profile struct{ *core }

// SetProfile changes how a user is called and in which language they read.
func (p profile) SetProfile(ctx context.Context, user, display string, language reason.Language) error {
	if err := checkDisplay(display); err != nil {
		return err
	}
	if err := checkLanguage(language); err != nil {
		return err
	}
	return p.change(ctx, user, func(r *Record) (Change, error) {
		r.Display, r.Language = display, language
		return Change{}, nil
	})
}

// ChangePassword gives who is signed in another password, ends their other sessions and
// puts this one under a new token. The errors that people read are CodeProof for the old
// password, CodeWait and those of CheckPassword.
func (p profile) ChangePassword(
	ctx context.Context, token, old, password string, from Browser,
) (string, Session, error) {
	s, err := p.look(ctx, token)
	if err != nil {
		return "", Session{}, err
	}
	if s.Step == StepCode {
		return "", Session{}, refuse(CodeStepNeeded, nil)
	}
	if err := p.checkOld(ctx, s, old, from); err != nil {
		return "", Session{}, err
	}
	if old == password {
		return "", Session{}, refuse(CodePasswordSame, nil)
	}
	if err := CheckPassword(s.User, password); err != nil {
		return "", Session{}, err
	}
	hash, err := p.hash(ctx, password)
	if err != nil {
		return "", Session{}, err
	}
	proved := s.ProvedAt
	return p.raise(ctx, token, s, from, ProofFailed, func(r *Record, raised *Session, c *Change) error {
		if r.HasSecondStep() {
			raised.ProvedAt = proved // the password alone proves nothing of who has a second step
		}
		r.dropWaiting()
		r.Password = hash
		c.EndAll = true
		c.Acts = append(c.Acts, own(r.User, from, PasswordChosen))
		return nil
	})
}

// checkOld is CodeProof for who may not change their password: it was not given, or, where
// there is none yet, the proof of the session is old.
func (c *core) checkOld(ctx context.Context, s Session, old string, from Browser) error {
	if s.User.HasPassword {
		return c.checkPassword(ctx, s, old, from)
	}
	if !s.Fresh(c.now()) {
		return refuse(CodeProof, nil)
	}
	return nil
}

// Enrol makes the secret of a second step for who is signed in and has none. It counts
// once ConfirmStep had a code of it; until then each call makes another.
func (p profile) Enrol(ctx context.Context, user string) (Enrolment, error) {
	if p.sealer == nil {
		return Enrolment{}, errNoSealer
	}
	secret, err := newSecret()
	if err != nil {
		return Enrolment{}, err
	}
	var made Enrolment
	err = p.change(ctx, user, func(r *Record) (Change, error) {
		if !r.SecondStepAt.IsZero() {
			return Change{}, refuse(CodeStepSet, nil)
		}
		r.Secret, r.LastStep = p.sealer.Seal(secret), 0
		made = enrolment(p.issuer, r.Name, secret)
		return Change{}, nil
	})
	return made, err
}

// Enrolling returns the secret that waits for ConfirmStep, so that a page that is shown
// again after a wrong code shows the same. The error is CodeStepNone when there is none.
func (p profile) Enrolling(ctx context.Context, user string) (Enrolment, error) {
	r, err := p.store.UserByID(ctx, user)
	if err != nil {
		return Enrolment{}, err
	}
	if r.Secret == nil || !r.SecondStepAt.IsZero() {
		return Enrolment{}, refuse(CodeStepNone, nil)
	}
	secret, err := p.open(&r)
	if err != nil {
		return Enrolment{}, err
	}
	return enrolment(p.issuer, r.Name, secret), nil
}

// ConfirmStep lets the second step count that Enrol made, by its first code, and puts the
// session under a new token. The recovery codes are the only copy.
func (p profile) ConfirmStep(
	ctx context.Context, token, code string, from Browser,
) (codes []string, fresh string, s Session, err error) {
	s, err = p.look(ctx, token)
	if err != nil {
		return nil, "", Session{}, err
	}
	if s.Step == StepCode {
		return nil, "", Session{}, refuse(CodeStepNeeded, nil)
	}
	codes, hashes, err := newRecoveryCodes()
	if err != nil {
		return nil, "", Session{}, err
	}
	fresh, s, err = p.raise(ctx, token, s, from, StepFailed, func(r *Record, s *Session, c *Change) error {
		switch {
		case !r.SecondStepAt.IsZero():
			return refuse(CodeStepSet, nil)
		case r.Secret == nil:
			return refuse(CodeStepNone, nil)
		}
		if err := p.useTimeCode(r, typedCode(code)); err != nil {
			return err
		}
		r.SecondStepAt, r.Codes, r.CodesLeft = p.now(), hashes, len(hashes)
		c.Acts = append(c.Acts, own(r.User, from, SecondStepSet))
		if s.Step == StepEnrol {
			s.asks(StepNone)
			p.arrive(r, s, c, from)
		}
		return nil
	})
	if err != nil {
		return nil, "", Session{}, err
	}
	return codes, fresh, s, nil
}

// RemoveStep takes the codes by time of who is signed in away, for a new telephone. Their
// other sessions end; this one gets a new token, and asks for a new second step where a
// role needs one. The console asks for a fresh proof before.
func (p profile) RemoveStep(ctx context.Context, token string, from Browser) (string, Session, error) {
	s, err := p.look(ctx, token)
	if err != nil {
		return "", Session{}, err
	}
	if s.Step != StepNone {
		return "", Session{}, refuse(CodeStepNeeded, nil)
	}
	return p.raise(ctx, token, s, from, StepFailed, func(r *Record, s *Session, c *Change) error {
		r.dropStep()
		s.asks(r.step())
		c.EndAll = true
		c.Acts = append(c.Acts, own(r.User, from, SecondStepRemoved))
		return nil
	})
}

// dropWaiting takes away the secret of a second step that nobody has confirmed: who saw it
// may have been somebody else.
func (r *Record) dropWaiting() {
	if r.SecondStepAt.IsZero() {
		r.Secret, r.LastStep = nil, 0
	}
}

// dropStep takes the codes by time away, and the recovery codes where no passkey is left
// for which they stand in.
func (r *Record) dropStep() {
	r.Secret, r.LastStep, r.SecondStepAt = nil, 0, time.Time{}
	if len(r.Passkeys) == 0 {
		r.Codes, r.CodesLeft = nil, 0
	}
}

// NewCodes makes recovery codes instead of those that are left. The console asks for a
// fresh proof before.
func (p profile) NewCodes(ctx context.Context, user string, from Browser) ([]string, error) {
	codes, hashes, err := newRecoveryCodes()
	if err != nil {
		return nil, err
	}
	err = p.change(ctx, user, func(r *Record) (Change, error) {
		if !r.HasSecondStep() {
			return Change{}, refuse(CodeStepNone, nil)
		}
		r.Codes, r.CodesLeft = slices.Clone(hashes), len(hashes)
		return Change{Acts: []Act{own(r.User, from, CodesMade)}}, nil
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}
