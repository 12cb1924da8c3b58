package world

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAgendaWakesUpByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := NewAgenda(NewClock(nil))
		stop := make(chan struct{})
		go a.Run(stop)
		defer close(stop)
		synctest.Wait() // it sleeps now, for long
		began := time.Now()
		var done time.Duration
		a.At(began.Add(time.Minute), func(time.Time) { done = time.Since(began) })
		time.Sleep(2 * time.Minute) // of the bubble's clock
		synctest.Wait()
		if done != time.Minute {
			t.Errorf("done after %v", done)
		}
	})
}
