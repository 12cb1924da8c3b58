package console

import (
	"errors"
	"net/http"
	"strconv"

	"rsc.io/qr"

	"relais/auth"
)

// stepPage asks for the code of the second step, or has somebody set one up.
type stepPage struct {
	frame

	Next   string
	Enrol  bool
	Secret string // in base32, for who cannot scan
	Dots   *dots  // of the secret as a QR code
	Why    string

	ByCode  bool         // a telephone, or a recovery code that is left
	Passkey *passkeyForm // to use one or to make one; nil: not here
}

// codesPage shows recovery codes, once.
type codesPage struct {
	frame

	Codes []string
	Next  string
}

// dots is a QR code as a picture of squares.
type dots struct {
	Size int    // of each side, with the margin
	Path string // of an SVG: a square for each dark one
}

func showStep(q *request) (answer, error) {
	to := next(q.URL.Query().Get("next"))
	switch {
	case !q.signedIn():
		return toSignIn(q), nil
	case q.session.Step == auth.StepNone:
		return redirect{to: to}, nil
	}
	p := &stepPage{Next: to}
	return view{name: "step", data: p}, p.fill(q)
}

// fill fills in what the step can be.
func (p *stepPage) fill(q *request) error {
	back, u := hiddenField{"next", p.Next}, q.session.User
	p.ByCode = q.session.Step == auth.StepEnrol || takesCodes(u)
	switch {
	case q.session.Step == auth.StepEnrol:
		p.Passkey = q.maker("step/passkey", back)
	case u.PasskeyCount > 0:
		p.Passkey = q.passkeyForm("step/passkey", "passkey_use", back)
	}
	return p.enrol(q)
}

// takesCodes reports whether a user has codes to type: of a telephone, or for recovery.
func takesCodes(u auth.User) bool { return !u.SecondStepAt.IsZero() || u.CodesLeft > 0 }

// enrol fills in what a telephone needs, where the session asks for a new second step.
func (p *stepPage) enrol(q *request) error {
	if q.session.Step != auth.StepEnrol {
		return nil
	}
	made, err := secretOf(q)
	if err != nil {
		return err
	}
	p.Enrol, p.Secret = true, inFours(made.Secret)
	p.Dots, err = dotsOf(made.URI)
	return err
}

func takeStep(q *request) (answer, error) {
	if err := q.read("code", "next"); err != nil {
		return nil, err
	}
	if !q.signedIn() {
		return toSignIn(q), nil
	}
	to := next(q.field("next"))
	var codes []string
	var token string
	var s auth.Session
	var err error
	if q.session.Step == auth.StepEnrol {
		codes, token, s, err = q.console.People.ConfirmStep(q.ctx(), q.token(), q.field("code"), q.browser())
	} else {
		token, s, err = q.console.People.SecondStep(q.ctx(), q.token(), q.field("code"), q.browser())
	}
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		p := &stepPage{Next: to, Why: refused.Reason.In(q.lang)}
		return refuseForm("step", p, refused), p.fill(q)
	}
	if err != nil {
		return nil, err
	}
	return q.withCodes(token, s, codes, to), nil
}

// secretOf is the secret of a second step to be: the same where a code of it was wrong,
// else another. What somebody else saw on this page before must not count.
func secretOf(q *request) (auth.Enrolment, error) {
	if q.Method == http.MethodPost {
		made, err := q.console.People.Enrolling(q.ctx(), q.session.User.ID)
		if !auth.HasCode(err, auth.CodeStepNone) {
			return made, err
		}
	}
	return q.console.People.Enrol(q.ctx(), q.session.User.ID)
}

// inFours writes a secret in groups of four, as people copy it.
func inFours(secret string) string {
	var groups []byte
	for i := range len(secret) {
		if i > 0 && i%4 == 0 {
			groups = append(groups, ' ')
		}
		groups = append(groups, secret[i])
	}
	return string(groups)
}

// margin is how many squares around a QR code stay light (ISO/IEC 18004).
const margin = 4

func dotsOf(text string) (*dots, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, err
	}
	made := &dots{Size: code.Size + 2*margin}
	var path []byte
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				path = appendSquare(path, x+margin, y+margin)
			}
		}
	}
	made.Path = string(path)
	return made, nil
}

// appendSquare draws a square of one unit.
func appendSquare(path []byte, x, y int) []byte {
	path = append(path, 'M')
	path = strconv.AppendInt(path, int64(x), 10)
	path = append(path, ' ')
	path = strconv.AppendInt(path, int64(y), 10)
	return append(path, "h1v1h-1z"...)
}
