package smpp_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"relais/smpp"
)

// part is one of a long message in UCS-2, with octets as they are: a character may be cut in two.
func part(octets []byte, c smpp.Concat, sar bool) *smpp.SubmitSM {
	one := text("")
	one.DataCoding, one.Text = 0x08, octets
	if sar {
		one.TLVs = c.SAR()
		return one
	}
	one.ESMClass, one.Text = smpp.ESMHeader, append(c.Header().Append(nil), octets...)
	return one
}

// Parts come in any order (jasmin#513, jasmin#1257), those of two messages with one reference are kept
// apart by their total and addresses (jasmin#850), and no character is lost at a border.
func TestPitfall52And53Parts(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	words := strings.Repeat("œuvre 🎉 ", 20)
	octets, err := smpp.UCS2.Encode(words, 0)
	if err != nil {
		t.Fatal(err)
	}
	border := len(octets)/2 + 1 // within a character
	for name, tc := range map[string]struct{ wide, sar bool }{"8 bits": {}, "16 bits": {wide: true}, "SAR": {sar: true, wide: true}} {
		var asking sync.WaitGroup
		ids := make([]string, 2)
		for i, piece := range [][]byte{octets[:border], octets[border:]} {
			c := smpp.Concat{Ref: 9, Wide: tc.wide, Total: 2, Seq: byte(i + 1)}
			asking.Go(func() {
				answer, _, err := e.Request(t.Context(), part(piece, c, tc.sar), nil)
				if err != nil || answer.Status != smpp.OK {
					t.Errorf("%s: %s, %v", name, answer.Status, err)
					return
				}
				ids[i] = answer.Body.(*smpp.SubmitSMResp).MessageID
			})
		}
		asking.Wait()
		if ids[0] == "" || ids[0] != ids[1] {
			t.Errorf("%s: ids %q", name, ids)
		}
	}
	stored := h.stored(t)
	if len(stored) != 3 {
		t.Fatalf("%d messages, want 3", len(stored))
	}
	for i := range stored {
		if stored[i].Text != words {
			t.Errorf("text %q", stored[i].Text)
		}
	}
}

// A part that waits when the door stops is refused for a while, and nothing of it is stored.
func TestStopWithPartsThatWait(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	answers := make(chan smpp.Status, 2)
	for range 2 {
		go func() {
			answer, _, err := e.Request(t.Context(), part([]byte{0, 'a'}, smpp.Concat{Ref: 1, Total: 2, Seq: 1}, false), nil)
			if err != nil {
				t.Errorf("submit_sm: %v", err)
			}
			answers <- answer.Status
		}()
	}
	if got := <-answers; got != smpp.RTHROTTLED {
		t.Errorf("the same part twice: %s, want RTHROTTLED", got)
	}
	if err := h.door.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	if got := <-answers; got != smpp.RTHROTTLED {
		t.Errorf("%s, want RTHROTTLED", got)
	}
	if got := h.stored(t); len(got) != 0 {
		t.Errorf("%d messages", len(got))
	}
}
