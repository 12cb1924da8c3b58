package consoletest

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"
)

// Code is the code of a second step at a moment (RFC 6238), as a telephone shows it. The
// secret is that of the page, in groups of four.
func Code(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, key)
	var count [8]byte
	binary.BigEndian.PutUint64(count[:], uint64(at.Unix()/30))
	mac.Write(count[:])
	sum := mac.Sum(nil)
	begin := sum[len(sum)-1] & 0x0f
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[begin:])&0x7fffffff%1_000_000)
}

// Between is what stands in a page between two marks.
func (p *Page) Between(t *testing.T, before, after string) string {
	t.Helper()
	_, rest, found := strings.Cut(p.HTML, before)
	inside, _, ended := strings.Cut(rest, after)
	if !found || !ended {
		t.Fatalf("no %q in %s", before, p.HTML)
	}
	return inside
}

// Cookies are those that a browser keeps.
func (b *Browser) Cookies() *cookiejar.Jar { return b.http.Jar.(*cookiejar.Jar) } //nolint:forcetypeassert // it has no other
