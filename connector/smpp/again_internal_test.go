package smpp

import (
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"relais/smpp"
)

func textOf(words string) textKey {
	return keyOfText(&smpp.SM{Source: smpp.Address{Addr: "33639980123"}, Dest: smpp.Address{Addr: "38200"}, Text: []byte(words)})
}

// A person says the same twice, and the session breaks before either answer is seen: both come
// again, and both are known. A third is a new one.
func TestEqualTextsThatComeAgain(t *testing.T) {
	var texts storedTexts
	s := &session{broke: new(breakage)}
	for range 2 {
		texts.note(textOf("1"), s, false)
	}
	if _, again := texts.again(textOf("1")); again {
		t.Error("it is known while its session stands")
	}
	s.noteEnd(errors.New("reset"))
	for want := 1; want <= 2; want++ {
		if known, again := texts.again(textOf("1")); !again || known != want {
			t.Errorf("known %d, %v, want %d", known, again, want)
		}
	}
	if _, again := texts.again(textOf("1")); again {
		t.Error("a third is known, and was said twice")
	}
}

// What is remembered has a bound, and an age.
func TestTextsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var texts storedTexts
		s := &session{broke: new(breakage)}
		for n := range mostStored + 5 {
			texts.note(textOf(strconv.Itoa(n)), s, true)
		}
		if len(texts.stored) != mostStored {
			t.Errorf("%d texts are remembered", len(texts.stored))
		}
		if _, again := texts.again(textOf("4")); again {
			t.Error("the oldest is remembered")
		}
		if _, again := texts.again(textOf("5")); !again {
			t.Error("one within the bound is forgotten")
		}
		time.Sleep(unsureFor + time.Second)
		texts.note(textOf("new"), s, true)
		if len(texts.stored) != 1 {
			t.Errorf("%d texts are remembered after their time", len(texts.stored))
		}
	})
}
