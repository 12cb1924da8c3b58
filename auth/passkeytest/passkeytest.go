// Package passkeytest is a telephone with passkeys, in software: it makes keys and signs
// with them as WebAuthn wants it, and lies where a test asks it to.
package passkeytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
)

// Telephone holds one passkey at most.
type Telephone struct {
	Origin   string // of the page that asks
	Verifies bool   // it looks at the finger of who holds it
	Counter  uint32 // the next one; 0: it does not count
	Counts   bool

	t          *testing.T
	key        *ecdsa.PrivateKey
	credential []byte
	user       []byte
}

// New returns a telephone that stands before a page.
func New(t *testing.T, origin string) *Telephone {
	t.Helper()
	return &Telephone{Origin: origin, Verifies: true, Counts: true, Counter: 1, t: t}
}

// options are what both questions have.
type options struct {
	Challenge string `json:"challenge"`
	RPID      string `json:"rpId"`
	RP        struct {
		ID string `json:"id"`
	} `json:"rp"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
}

// Marks of what an authenticator tells (WebAuthn 6.1).
const (
	present  = 1 << 0
	verified = 1 << 2
	attested = 1 << 6
)

// Make answers a question for a new passkey, as navigator.credentials.create does.
func (p *Telephone) Make(asked json.RawMessage) string {
	p.t.Helper()
	o := p.read(asked)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	p.key, p.credential = key, make([]byte, 32)
	if _, err := rand.Read(p.credential); err != nil {
		p.t.Fatal(err)
	}
	p.user = p.decode(o.User.ID)
	data := p.told(o.RP.ID, attested)
	data = append(data, make([]byte, 16)...) // of no maker
	data = binary.BigEndian.AppendUint16(data, uint16(len(p.credential)))
	data = append(append(data, p.credential...), p.public()...)
	object := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59"), byte(len(data)>>8), byte(len(data)))
	object = append(object, data...)
	return p.answer(map[string]any{
		"clientDataJSON": encode(p.client("webauthn.create", o.Challenge)), "attestationObject": encode(object),
		"transports": []string{"internal"},
	})
}

// Sign answers a question for a passkey, as navigator.credentials.get does.
func (p *Telephone) Sign(asked json.RawMessage) string {
	p.t.Helper()
	o := p.read(asked)
	data, client := p.told(o.RPID, 0), p.client("webauthn.get", o.Challenge)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, p.key, digest[:])
	if err != nil {
		p.t.Fatal(err)
	}
	return p.answer(map[string]any{
		"clientDataJSON": encode(client), "authenticatorData": encode(data), "signature": encode(signature),
		"userHandle": encode(p.user),
	})
}

func (p *Telephone) read(asked json.RawMessage) (o options) {
	p.t.Helper()
	if err := json.Unmarshal(asked, &o); err != nil {
		p.t.Fatalf("what is asked cannot be read: %v\n%s", err, asked)
	}
	return o
}

// told is what the telephone says of itself and of the site.
func (p *Telephone) told(site string, flags byte) []byte {
	flags |= present
	if p.Verifies {
		flags |= verified
	}
	hash := sha256.Sum256([]byte(site))
	data := append(hash[:], flags)
	data = binary.BigEndian.AppendUint32(data, p.Counter)
	if p.Counts {
		p.Counter++
	}
	return data
}

// public is the key in COSE: a point of P-256 for ES256.
func (p *Telephone) public() []byte {
	point, err := p.key.PublicKey.Bytes()
	if err != nil {
		p.t.Fatal(err)
	}
	key := append([]byte("\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"), point[1:33]...)
	return append(append(key, "\x22\x58\x20"...), point[33:]...)
}

func (p *Telephone) client(kind, challenge string) []byte {
	data, err := json.Marshal(map[string]any{
		"type": kind, "challenge": challenge, "origin": p.Origin, "crossOrigin": false,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return data
}

func (p *Telephone) answer(response map[string]any) string {
	data, err := json.Marshal(map[string]any{
		"id": encode(p.credential), "rawId": encode(p.credential), "type": "public-key", "response": response,
		"clientExtensionResults": map[string]any{}, "authenticatorAttachment": "platform",
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return string(data)
}

func (p *Telephone) decode(text string) []byte {
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		p.t.Fatal(err)
	}
	return data
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
