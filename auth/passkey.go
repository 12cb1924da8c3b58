package auth

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"relais/reason"
)

// Passkey is a key that a browser, a telephone or a stick holds for a user (WebAuthn).
// What is stored of it is public: nobody signs in with it.
type Passkey struct {
	ID         string // shown in lists; never that of the key itself
	Name       string // by which its user knows it; hostile text
	CreatedAt  time.Time
	UsedAt     time.Time // zero: never
	Credential []byte    // by which browsers name the key
	Public     []byte    // the public key with its counter, as JSON
	Host       string    // that it was made for, and works at; "": not known yet
}

// StrayPasskeys are passkeys that were made for other hosts: they open nothing here.
type StrayPasskeys struct {
	People int      // who have some
	Hosts  []string // that they were made for, in order
}

// Site is what passkeys are for: they work nowhere else.
type Site struct {
	Host   string // its name, without a port; "": passkeys do not work there
	Origin string // scheme, host and port
}

// SiteOf is the site of a public address. Where that is not HTTPS, passkeys work on the
// machine itself alone: at localhost, on any port.
func SiteOf(publicURL string) Site {
	at, err := url.Parse(publicURL)
	if err != nil {
		return Site{}
	}
	if at.Scheme != "https" {
		return Site{Host: localhost}
	}
	return Site{Host: at.Hostname(), Origin: at.Scheme + "://" + at.Host}
}

// localhost is the name by which a machine calls itself.
const localhost = "localhost"

// Works reports whether browsers make passkeys for a site: it has a name, for an address
// is none.
func (s Site) Works() bool { return protocol.ValidateRPID(s.Host) == nil }

// Ask is what a browser is asked to sign with a passkey, or to make one for.
type Ask struct {
	Options json.RawMessage `json:"options"` // for navigator.credentials
	State   string          `json:"state"`   // sealed; comes back with the answer
}

// Answer is what a browser signed.
type Answer struct {
	Site     Site
	State    string // of the Ask
	Response string // of navigator.credentials, as JSON
	From     Browser
	// EmergencyOnly lets nobody in but the account for emergencies.
	EmergencyOnly bool
}

// purpose is what a browser is asked for: an answer to one is none to another.
type purpose string

const (
	toEnter   purpose = "enter"
	toStep    purpose = "step"
	toProve   purpose = "prove"
	toAdd     purpose = "add"
	toWelcome purpose = "welcome"
)

// Bounds of passkeys.
const (
	AskLife     = 5 * time.Minute // between the question and the answer
	mostKeys    = 20              // of a user
	longestName = 60              // of a passkey, in characters
)

// asked is what Ask.State holds. It goes through the browser, so that people who are
// nobody yet fill no database; an answer that was taken counts no second time.
type asked struct {
	Purpose purpose              `json:"purpose"`
	For     Hash                 `json:"for"` // of the session's token, or of the code of a link
	EndsAt  time.Time            `json:"ends_at"`
	Data    webauthn.SessionData `json:"data"`
}

// askedMark begins what is sealed of questions: nothing else that is sealed begins so.
const askedMark = "\x00passkey\x00"

// relyingParty is the console of a site for the library.
func (c *core) relyingParty(s Site) (*webauthn.WebAuthn, error) {
	if !s.Works() {
		return nil, refuse(CodePasskeySite, nil)
	}
	resident := true
	return webauthn.New(&webauthn.Config{
		RPID: s.Host, RPDisplayName: c.issuer, RPOrigins: []string{s.Origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: &resident,
			UserVerification: protocol.VerificationRequired,
		},
	})
}

// holder is a user as the library asks about them.
type holder struct {
	*Record

	keys []webauthn.Credential
}

func holderOf(r *Record) (*holder, error) {
	h := &holder{Record: r}
	for _, k := range r.Passkeys {
		var known webauthn.Credential
		if err := json.Unmarshal(k.Public, &known); err != nil {
			return nil, fmt.Errorf("read a passkey: %w", err)
		}
		h.keys = append(h.keys, known)
	}
	return h, nil
}

// WebAuthnID implements webauthn.User: random, and no name.
func (h *holder) WebAuthnID() []byte { return []byte(h.ID) }

// WebAuthnName implements webauthn.User.
func (h *holder) WebAuthnName() string { return h.Name }

// WebAuthnDisplayName implements webauthn.User.
func (h *holder) WebAuthnDisplayName() string { return h.Shown() }

// WebAuthnCredentials implements webauthn.User.
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

// ask seals what was asked, for the answer.
func (c *core) ask(p purpose, of string, options any, data *webauthn.SessionData) (Ask, error) {
	if c.sealer == nil {
		return Ask{}, errNoSealer
	}
	written, err := json.Marshal(options)
	if err != nil {
		return Ask{}, fmt.Errorf("write what a browser is asked: %w", err)
	}
	state := asked{Purpose: p, EndsAt: c.now().Add(AskLife), Data: *data}
	if of != "" {
		state.For = HashOf(of)
	}
	plain, err := json.Marshal(state)
	if err != nil {
		return Ask{}, fmt.Errorf("write what a browser was asked: %w", err)
	}
	sealed := c.sealer.Seal(append([]byte(askedMark), plain...))
	return Ask{written, base64.RawURLEncoding.EncodeToString(sealed)}, nil
}

// askToSign asks a browser to sign with a passkey: of a user, or of anybody where none is
// named.
func (c *core) askToSign(p purpose, of string, r *Record, s Site) (Ask, error) {
	party, err := c.relyingParty(s)
	if err != nil {
		return Ask{}, err
	}
	if r == nil {
		made, data, err := party.BeginDiscoverableLogin()
		if err != nil {
			return Ask{}, fmt.Errorf("ask for a passkey: %w", err)
		}
		return c.ask(p, of, made.Response, data)
	}
	h, err := holderOf(r)
	if err != nil {
		return Ask{}, err
	}
	if len(h.keys) == 0 {
		return Ask{}, refuse(CodePasskeyNone, nil)
	}
	verify := protocol.VerificationRequired
	if p == toStep { // the password came before
		verify = protocol.VerificationPreferred
	}
	made, data, err := party.BeginLogin(h, webauthn.WithUserVerification(verify))
	if err != nil {
		return Ask{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return c.ask(p, of, made.Response, data)
}

// askToMake asks a browser to make a passkey for a user.
func (c *core) askToMake(p purpose, of string, r *Record, s Site) (Ask, error) {
	party, err := c.relyingParty(s)
	if err != nil {
		return Ask{}, err
	}
	if len(r.Passkeys) >= mostKeys {
		return Ask{}, refuse(CodePasskeyMany, reason.Args{"most": reason.Count(mostKeys)})
	}
	h, err := holderOf(r)
	if err != nil {
		return Ask{}, err
	}
	known := make([]protocol.CredentialDescriptor, len(h.keys))
	for i := range h.keys {
		known[i] = h.keys[i].Descriptor()
	}
	made, data, err := party.BeginRegistration(h, webauthn.WithExclusions(known))
	if err != nil {
		return Ask{}, fmt.Errorf("ask for a new passkey: %w", err)
	}
	return c.ask(p, of, made.Response, data)
}

// asked opens the question of an answer.
func (c *core) asked(a Answer, of string, may ...purpose) (asked, error) {
	var q asked
	if c.sealer == nil {
		return q, errNoSealer
	}
	foreign := refuse(CodePasskeyLate, nil)
	sealed, err := base64.RawURLEncoding.DecodeString(a.State)
	if err != nil {
		return q, foreign
	}
	plain, err := c.sealer.Open(sealed)
	if err != nil {
		return q, foreign
	}
	rest, marked := strings.CutPrefix(string(plain), askedMark)
	if !marked || json.Unmarshal([]byte(rest), &q) != nil || !c.now().Before(q.EndsAt) {
		return q, foreign
	}
	if of != "" && q.For != HashOf(of) || of == "" && q.For != (Hash{}) {
		return q, foreign
	}
	if !slices.Contains(may, q.Purpose) {
		return q, foreign
	}
	return q, nil
}

// spend lets the answer to a question count no second time.
func (q *asked) spend(c *Change) { c.Spend, c.SpendUntil = q.Data.Challenge, q.EndsAt }

// signed is a browser's answer with a passkey.
func signed(a Answer) (*protocol.ParsedCredentialAssertionData, error) {
	read, err := protocol.ParseCredentialRequestResponseBytes([]byte(a.Response))
	if err != nil {
		return nil, refuse(CodePasskeyWrong, nil)
	}
	return read, nil
}

// checkSigned refuses an answer that is not of a passkey of the user. The key is used
// with it: its counter goes on.
func (c *core) checkSigned(
	r *Record, q *asked, s Site, answer *protocol.ParsedCredentialAssertionData,
) error {
	party, err := c.relyingParty(s)
	if err != nil {
		return err
	}
	h, err := holderOf(r)
	if err != nil {
		return err
	}
	var used *webauthn.Credential
	if q.Purpose == toEnter {
		handler := func([]byte, []byte) (webauthn.User, error) { return h, nil }
		_, used, err = party.ValidatePasskeyLogin(handler, q.Data, answer)
	} else {
		used, err = party.ValidateLogin(h, q.Data, answer)
	}
	if err != nil {
		c.log.Debug("a passkey was refused", "user", r.ID, "error", err)
		return refuse(CodePasskeyWrong, nil)
	}
	if used.Authenticator.CloneWarning {
		return refuse(CodePasskeyCopied, nil)
	}
	return r.use(used, s, c.now())
}

// use notes that a passkey was used, and where.
func (r *Record) use(used *webauthn.Credential, s Site, now time.Time) error {
	at := r.passkey(used.ID)
	if at == nil {
		return refuse(CodePasskeyWrong, nil)
	}
	public, err := publicOf(used)
	at.Public, at.UsedAt, at.Host = public, now, s.Host
	return err
}

// passkey is that of a credential; nil where the user has none.
func (r *Record) passkey(credential []byte) *Passkey {
	for i := range r.Passkeys {
		if bytes.Equal(r.Passkeys[i].Credential, credential) {
			return &r.Passkeys[i]
		}
	}
	return nil
}

// publicOf is what is stored of a key: nothing of who made the machine that holds it.
func publicOf(k *webauthn.Credential) ([]byte, error) {
	kept := *k
	kept.Attestation = webauthn.CredentialAttestation{}
	public, err := json.Marshal(kept)
	if err != nil {
		return nil, fmt.Errorf("write a passkey: %w", err)
	}
	return public, nil
}

// addSigned gives a user the passkey that their browser made.
func (c *core) addSigned(r *Record, q *asked, name string, a Answer) error {
	party, err := c.relyingParty(a.Site)
	if err != nil {
		return err
	}
	if len(r.Passkeys) >= mostKeys {
		return refuse(CodePasskeyMany, reason.Args{"most": reason.Count(mostKeys)})
	}
	read, err := protocol.ParseCredentialCreationResponseBytes([]byte(a.Response))
	if err != nil {
		return refuse(CodePasskeyWrong, nil)
	}
	h, err := holderOf(r)
	if err != nil {
		return err
	}
	made, err := party.CreateCredential(h, q.Data, read)
	if err != nil {
		c.log.Debug("a new passkey was refused", "user", r.ID, "error", err)
		return refuse(CodePasskeyWrong, nil)
	}
	id, err := randomText(8)
	if err != nil {
		return err
	}
	public, err := publicOf(made)
	if err != nil {
		return err
	}
	r.Passkeys = append(r.Passkeys, Passkey{
		ID: id, Name: name, CreatedAt: c.now(), Credential: made.ID, Public: public, Host: a.Site.Host,
	})
	r.PasskeyCount = len(r.Passkeys)
	return nil
}

// passkeyName refuses names that a list has no room for.
func passkeyName(typed string) (string, error) {
	name := strings.TrimSpace(typed)
	wrong := name == "" || len([]rune(name)) > longestName ||
		strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f })
	if wrong {
		return "", refuse(CodePasskeyName, reason.Args{"most": reason.Count(longestName)})
	}
	return name, nil
}
