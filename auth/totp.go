package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Codes by time (RFC 6238): six digits that change every 30 seconds, by SHA-1, which is
// what every program for telephones takes.
const (
	stepEvery  = 30 * time.Second
	stepDigits = 6
	stepDrift  = 1 // steps that a telephone's clock may be off, each way
	secretSize = 20
)

var secrets = base32.StdEncoding.WithPadding(base32.NoPadding)

func stepAt(now time.Time) int64 { return now.Unix() / int64(stepEvery/time.Second) }

// codeAt is the code of a step (RFC 4226, 5.3).
func codeAt(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	var count [8]byte
	binary.BigEndian.PutUint64(count[:], uint64(step))
	mac.Write(count[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	return fmt.Sprintf("%0*d", stepDigits, binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1_000_000)
}

// stepOf returns the step whose code was typed, 0 when it is of none that counts now.
func stepOf(secret []byte, code string, now time.Time) (step int64) {
	for drift := int64(-stepDrift); drift <= stepDrift; drift++ {
		at := stepAt(now) + drift
		if subtle.ConstantTimeCompare([]byte(codeAt(secret, at)), []byte(code)) == 1 {
			step = at
		}
	}
	return step
}

// Enrolment is what a person gives their telephone, as a QR code or by hand.
type Enrolment struct {
	URI    string // otpauth://…
	Secret string // in base32
}

func enrolment(issuer, name string, secret []byte) Enrolment {
	text := secrets.EncodeToString(secret)
	query := url.Values{"secret": {text}, "issuer": {issuer}}
	// Programs for telephones take a + in the query for itself.
	return Enrolment{
		URI: "otpauth://totp/" + url.PathEscape(issuer+":"+name) + "?" +
			strings.ReplaceAll(query.Encode(), "+", "%20"),
		Secret: text,
	}
}

func newSecret() ([]byte, error) {
	secret := make([]byte, secretSize)
	if _, err := rand.Read(secret); err != nil {
		return nil, fmt.Errorf("make a secret: %w", err)
	}
	return secret, nil
}

// recoveryCodes is how many a user gets.
const recoveryCodes = 10

// newRecoveryCodes makes codes of 80 random bits, which need no slow hash.
func newRecoveryCodes() (codes []string, hashes []Hash, err error) {
	for range recoveryCodes {
		code, err := randomText(10)
		if err != nil {
			return nil, nil, err
		}
		codes = append(codes, code[:4]+"-"+code[4:8]+"-"+code[8:12]+"-"+code[12:])
		hashes = append(hashes, HashOf(code))
	}
	return codes, hashes, nil
}

// typedCode is a code without what people put between its parts.
func typedCode(code string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "", "\u00a0", "", "\u202f", "").Replace(code))
}

var errNoSealer = errors.New("a second step needs the seal key of the gateway")

// useCode takes the code of the second step, or a recovery code, so that it counts no
// second time.
func (c *core) useCode(r *Record, code string, from Browser) ([]Act, error) {
	code = typedCode(code)
	switch {
	case len(code) != stepDigits:
		return useRecoveryCode(r, code, from)
	case r.SecondStepAt.IsZero(): // passkeys alone, whatever secret waits to be confirmed
		return nil, refuse(CodeStepWrong, nil)
	default:
		return nil, c.useTimeCode(r, code)
	}
}

// useTimeCode takes a code by time.
func (c *core) useTimeCode(r *Record, code string) error {
	secret, err := c.open(r)
	if err != nil {
		return err
	}
	switch step := stepOf(secret, code, c.now()); {
	case step == 0:
		return refuse(CodeStepWrong, nil)
	case step <= r.LastStep:
		return refuse(CodeStepUsed, nil)
	default:
		r.LastStep = step
		return nil
	}
}

func useRecoveryCode(r *Record, code string, from Browser) ([]Act, error) {
	at := slices.Index(r.Codes, HashOf(code))
	if at < 0 {
		return nil, refuse(CodeStepWrong, nil)
	}
	r.Codes = slices.Delete(slices.Clone(r.Codes), at, at+1)
	r.CodesLeft = len(r.Codes)
	return []Act{own(r.User, from, CodeUsed)}, nil
}

func (c *core) open(r *Record) ([]byte, error) {
	if c.sealer == nil {
		return nil, errNoSealer
	}
	return c.sealer.Open(r.Secret)
}
