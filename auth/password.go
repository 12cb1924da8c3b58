package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	_ "embed" // for the list of common passwords
	"encoding/base64"
	"errors"
	"fmt"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"relais/reason"
)

// Bounds of a password, in characters. There are no rules about which ones.
const (
	MinPassword = 12
	MaxPassword = 256
)

// cost is what argon2id is asked for.
type cost struct {
	memory  uint32 // in KiB
	time    uint32
	threads uint8
}

// present is what new hashes cost: OWASP's minimum of 2026. A hash of another cost works,
// and is made anew when its password is given.
var present = cost{memory: 19 * 1024, time: 2, threads: 1}

// The most that a stored hash may ask for, so that a broken row costs no memory.
var greatest = cost{memory: 256 * 1024, time: 16, threads: 16}

const (
	saltSize = 16
	sumSize  = 32
)

// passwordHash is what is stored of a password.
type passwordHash struct {
	cost
	salt, sum []byte
}

// String writes it as the reference program of argon2 does.
func (h passwordHash) String() string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, h.memory, h.time, h.threads, encode(h.salt), encode(h.sum))
}

var errHash = errors.New("what is stored of the password cannot be read")

// readHash reads what String wrote.
func readHash(text string) (h passwordHash, err error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" ||
		parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.threads); err != nil ||
		parts[3] != fmt.Sprintf("m=%d,t=%d,p=%d", h.memory, h.time, h.threads) {
		return h, errHash
	}
	if h.time < 1 || h.threads < 1 || h.memory < 8*uint32(h.threads) ||
		h.time > greatest.time || h.threads > greatest.threads || h.memory > greatest.memory {
		return h, errHash
	}
	decode := base64.RawStdEncoding.Strict().DecodeString
	if h.salt, err = decode(parts[4]); err != nil || len(h.salt) < 8 || len(h.salt) > 64 {
		return h, errHash
	}
	if h.sum, err = decode(parts[5]); err != nil || len(h.sum) < 16 || len(h.sum) > 64 {
		return h, errHash
	}
	return h, nil
}

// plain is a password as it is hashed: what a keyboard writes in two characters is one.
func plain(password string) []byte { return norm.NFC.Bytes([]byte(password)) }

func (h passwordHash) of(password string) []byte {
	return argon2.IDKey(plain(password), h.salt, h.time, h.memory, h.threads, uint32(len(h.sum)))
}

// HashPassword is what is stored of a password: argon2id, as the reference program writes it.
func HashPassword(password string) (string, error) {
	h := passwordHash{cost: present, salt: make([]byte, saltSize), sum: make([]byte, sumSize)}
	if _, err := rand.Read(h.salt); err != nil {
		return "", fmt.Errorf("make a salt: %w", err)
	}
	h.sum = h.of(password)
	return h.String(), nil
}

// IsPasswordHash reports whether a text is what HashPassword makes.
func IsPasswordHash(text string) bool {
	_, err := readHash(text)
	return err == nil
}

// MatchesPassword reports whether a password is the one of a hash. A hash that cannot be read is
// nobody's.
func MatchesPassword(hash, password string) bool {
	right, _, err := matches(hash, password)
	return right && err == nil
}

// matches reports whether a password is the one of a stored hash, and whether that is of
// another cost than new ones. A user who has none costs the same time.
func matches(stored, password string) (right, stale bool, err error) {
	if stored == "" {
		decoy := passwordHash{cost: present, salt: make([]byte, saltSize), sum: make([]byte, sumSize)}
		decoy.of(password)
		return false, false, nil
	}
	h, err := readHash(stored)
	if err != nil {
		return false, false, err
	}
	right = subtle.ConstantTimeCompare(h.of(password), h.sum) == 1
	return right, h.cost != present, nil
}

// CheckPassword refuses a password that is easily guessed. The error is an *Error.
func CheckPassword(u User, password string) error {
	switch n := utf8.RuneCount(plain(password)); {
	case n < MinPassword:
		return refuse(CodePasswordShort, reason.Args{"least": reason.Count(MinPassword)})
	case n > MaxPassword:
		return refuse(CodePasswordLong, reason.Args{"most": reason.Count(MaxPassword)})
	}
	folded := strings.ToLower(string(plain(password)))
	name, _, _ := strings.Cut(u.Name, "@")
	switch core := withoutEnds(folded); {
	case core == u.Name || core == name || folded == u.Name:
		return refuse(CodePasswordName, nil)
	case isCommon(folded) || isCommon(core) || isCommon(repeated(folded)) || core == "" && monotonous(folded):
		return refuse(CodePasswordCommon, nil)
	}
	return nil
}

// withoutEnds takes off digits and marks around a word: what people put there so that it
// counts as another.
func withoutEnds(password string) string {
	return strings.TrimFunc(password, func(r rune) bool { return !unicode.IsLetter(r) })
}

// repeated is what a password repeats, else the password.
func repeated(password string) string {
	for size := 1; size <= len(password)/2; size++ {
		if len(password)%size == 0 && strings.Repeat(password[:size], len(password)/size) == password {
			return password[:size]
		}
	}
	return password
}

// monotonous reports whether a password of digits and marks has few of them, or counts up
// or down.
func monotonous(password string) bool {
	seen := map[rune]bool{}
	steps := 0
	var last rune
	for i, r := range password {
		seen[r] = true
		if i > 0 && (r == last+1 || r == last-1 || r == last) {
			steps++
		}
		last = r
	}
	return len(seen) < 4 || steps >= utf8.RuneCountInString(password)*2/3
}

// common are the first bytes of the SHA-256 of common passwords, in order. common.md says
// where they come from.
//
//go:embed common.bin
var common string

const commonSize = 6

func isCommon(folded string) bool {
	sum := sha256.Sum256([]byte(folded))
	want := string(sum[:commonSize])
	_, found := sort.Find(len(common)/commonSize, func(i int) int {
		return strings.Compare(want, common[i*commonSize:(i+1)*commonSize])
	})
	return found
}
