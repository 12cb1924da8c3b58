package webhook

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Try is one request that was made, and what came of it.
type Try struct {
	At     time.Time
	Took   time.Duration
	Status int    // HTTP status of the answer; 0: none came
	Error  string // why the event was not taken; empty: it was
	Answer string // the first bytes of the answer, as excerpt makes them
}

// maxEarlier is how many attempts before the last one a delivery remembers. One that
// fails until it is given up takes 17.
const maxEarlier = 20

// tries are the attempts so far, the oldest first.
func (d *Delivery) tries() []Try {
	if d.Last.At.IsZero() {
		return nil
	}
	all := append(slices.Clip(d.Earlier), d.Last)
	return all[max(0, len(all)-maxEarlier):]
}

// Tries are the attempts that are remembered, the last one first.
func (d *Delivery) Tries() []Try {
	all := slices.Clone(d.tries())
	slices.Reverse(all)
	return all
}

// storedTry is a Try as a store keeps it, in short.
type storedTry struct {
	At     int64  `json:"at"`   // microseconds since 1970
	Took   int64  `json:"took"` // microseconds
	Status int    `json:"status,omitempty"`
	Error  string `json:"error,omitempty"`
	Answer string `json:"answer,omitempty"`
}

// JoinTries is how attempts stand in a store; empty for none.
func JoinTries(tries []Try) (string, error) {
	if len(tries) == 0 {
		return "", nil
	}
	stored := make([]storedTry, len(tries))
	for i, t := range tries {
		stored[i] = storedTry{t.At.UnixMicro(), t.Took.Microseconds(), t.Status, t.Error, t.Answer}
	}
	text, err := json.Marshal(stored)
	return string(text), err
}

// ParseTries reads what JoinTries wrote.
func ParseTries(text string) ([]Try, error) {
	if text == "" {
		return nil, nil
	}
	var stored []storedTry
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return nil, err
	}
	tries := make([]Try, len(stored))
	for i, s := range stored {
		took := time.Duration(s.Took) * time.Microsecond
		tries[i] = Try{time.UnixMicro(s.At).UTC(), took, s.Status, s.Error, s.Answer}
	}
	return tries, nil
}

// Bounds of what is kept of an answer, in bytes: what is looked at, and what stays.
const (
	excerptLooked = 640
	excerptKept   = 500
)

// excerptOf reads an answer, so that the connection may be used again, and returns what is
// kept of it: nothing of one that is compressed.
func excerptOf(answer *http.Response) string {
	begin := make([]byte, excerptLooked)
	n, _ := io.ReadFull(answer.Body, begin)
	if n == excerptLooked {
		io.CopyN(io.Discard, answer.Body, maxAnswer) //nolint:errcheck // only its beginning is kept
	}
	if coding := answer.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return ""
	}
	return excerpt(begin[:n])
}

// digits are what may be somebody's number: it must not outlive their erasure here.
var digits = regexp.MustCompile(`[0-9](?:[ ./()-]{0,2}[0-9]){6,}`)

// excerpt is what is kept of an answer: its first bytes, with what may be a number hidden.
func excerpt(answer []byte) string {
	long := len(answer) > excerptKept
	if len(answer) > excerptLooked {
		answer = answer[:excerptLooked]
	}
	text := strings.ReplaceAll(strings.ToValidUTF8(string(answer), "\uFFFD"), "\x00", "\uFFFD")
	text = digits.ReplaceAllString(text, "•••")
	if !long {
		return text
	}
	cut := min(len(text), excerptKept)
	for cut < len(text) && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return strings.TrimRight(text[:cut], "0123456789+ ./()-•") + "…"
}
