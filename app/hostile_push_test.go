package app_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"relais/client"
)

// sevenPush is a push as seven.io signs it.
func (a *aviary) sevenPush(t *testing.T, body io.Reader, signed string, at time.Time, key string) *http.Request {
	t.Helper()
	address := callbackURL + "/receipt"
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.gateway+strings.TrimPrefix(address, publicURL), body)
	if err != nil {
		t.Fatal(err)
	}
	stamp, digest := strconv.FormatInt(at.Unix(), 10), md5.Sum([]byte(signed))
	mac := hmac.New(sha256.New, []byte(key))
	io.WriteString(mac, strings.Join([]string{stamp, "n0nce", http.MethodPost, address, hex.EncodeToString(digest[:])}, "\n"))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Timestamp", stamp)
	r.Header.Set("X-Nonce", "n0nce")
	r.Header.Set("X-Signature", hex.EncodeToString(mac.Sum(nil)))
	return r
}

// endless is a body that goes on.
type endless struct{ ctx context.Context }

func (e endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), e.ctx.Err()
}

// Whatever is pushed to the address of a signed operator, the right receipt alone moves the message, once; a push that is no
// receipt is refused, in bounded memory, and nothing of it is in the log.
func TestHostilePushes(t *testing.T) {
	a := seven().start(t)
	w, logs := a.flies(t, "preset = \"seven\"\n"+presetOperators["seven"].section)
	m := a.sends(t, w, "+33639980001", "cormoran", client.Submitted)
	id, now, key := a.on("+33639980001")[0].id, time.Now(), "sign-0a1b2c3d"
	receipt := func(state string) string {
		return fmt.Sprintf(`{"webhook_event":"dlr","data":{"msg_id":%q,"status":%q}}`, id, state)
	}
	bomb := func() string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		for range 64 {
			z.Write(bytes.Repeat([]byte(" "), 1<<20))
		}
		z.Write([]byte(receipt("DELIVERED")))
		z.Close()
		return b.String()
	}()
	deep := strings.Repeat(`{"data":`, 100_000) + "1" + strings.Repeat("}", 100_000)
	wide := "\xff\xfe" + strings.Join(strings.Split(receipt("DELIVERED"), ""), "\x00") + "\x00"
	delivered := receipt("DELIVERED")
	for _, tc := range []struct {
		name string
		push func() *http.Request
		want int
	}{
		{"by another key", func() *http.Request { return a.sevenPush(t, strings.NewReader(delivered), delivered, now, "other") }, 400},
		{"of another body", func() *http.Request {
			return a.sevenPush(t, strings.NewReader(delivered), receipt("NOTDELIVERED"), now, key)
		}, 400},
		{"signed an hour ago", func() *http.Request {
			return a.sevenPush(t, strings.NewReader(delivered), delivered, now.Add(-time.Hour), key)
		}, 400},
		{"a gibibyte, announced", func() *http.Request {
			r := a.sevenPush(t, io.LimitReader(endless{t.Context()}, 1<<30), delivered, now, key)
			r.ContentLength = 1 << 30
			return r
		}, 413},
		{"without end", func() *http.Request { return a.sevenPush(t, endless{t.Context()}, delivered, now, key) }, 413},
		{"a bomb of gzip", func() *http.Request {
			r := a.sevenPush(t, strings.NewReader(bomb), bomb, now, key)
			r.Header.Set("Content-Encoding", "gzip")
			return r
		}, 400},
		{"JSON within JSON", func() *http.Request { return a.sevenPush(t, strings.NewReader(deep), deep, now, key) }, 400},
		{"UTF-16", func() *http.Request { return a.sevenPush(t, strings.NewReader(wide), wide, now, key) }, 400},
		{"the right one", func() *http.Request { return a.sevenPush(t, strings.NewReader(delivered), delivered, now, key) }, 200},
		{"the right one, replayed", func() *http.Request { return a.sevenPush(t, strings.NewReader(delivered), delivered, now, key) }, 200},
	} {
		answer, err := a.Client().Do(tc.push())
		switch {
		case err != nil && tc.want != http.StatusRequestEntityTooLarge: // the connection is closed while it is written
			t.Errorf("%s: %v", tc.name, err)
		case err == nil:
			answer.Body.Close()
			if answer.StatusCode != tc.want {
				t.Errorf("%s is answered with %d, want %d", tc.name, answer.StatusCode, tc.want)
			}
		}
		got, err := w.Message(t.Context(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		want, events := client.Submitted, 3
		if tc.want == http.StatusOK {
			want, events = client.Delivered, 4
		}
		if got.Status != want || len(got.Timeline) != events {
			t.Errorf("after %s the message is %s, with %d events, want %s with %d", tc.name, got.Status, len(got.Timeline), want, events)
		}
	}
	for _, never := range []string{"0a1b2c3d", "39980001", "cormoran", "abcdefghijklmnop"} {
		if strings.Contains(logs.String(), never) {
			t.Errorf("the log holds %q", never)
		}
	}
}
