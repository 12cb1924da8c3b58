package httpapi

import (
	"fmt"
	"testing"
)

// A message that ended leaves its room to those that are on their way, and a repeated push of its last part still
// tells its end: the first one may have been refused behind it.
func TestPartsOfLongMessages(t *testing.T) {
	j := newJoins()
	for range 2 { // the second time as a repeat
		if j.arrived("slow", "1", 3) {
			t.Fatal("one part of three is a message")
		}
	}
	for i := range mostJoined + 10 {
		one := fmt.Sprint("m", i)
		if j.arrived(one, "1", 2) || !j.arrived(one, "2", 2) || !j.arrived(one, "2", 2) {
			t.Fatalf("%s is not whole with its second part", one)
		}
	}
	if n := len(j.known); n != mostOver+1 {
		t.Errorf("%d messages are remembered", n)
	}
	if j.arrived("slow", "2", 3) || !j.arrived("slow", "3", 3) {
		t.Error("messages that ended pushed out one that is on its way")
	}
	j.arrived("lost", "1", 3)
	j.ended("lost")
	if j.open.Len() != 0 {
		t.Errorf("%d messages are on their way", j.open.Len())
	}
	for part := range 50 {
		j.arrived("hostile", fmt.Sprint(part), 4)
	}
	if n := len(j.known["hostile"].parts); n != 4 {
		t.Errorf("%d parts of four are remembered", n)
	}
	for i := range mostJoined + 10 {
		j.arrived(fmt.Sprint("open", i), "1", 2)
	}
	if n := j.open.Len(); n != mostJoined {
		t.Errorf("%d messages are on their way", n)
	}
}
