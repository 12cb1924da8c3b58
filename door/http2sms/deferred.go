package http2sms

import (
	"time"
	_ "time/tzdata" // the zone of deferred, also where the machine has none

	"relais/internal/wallclock"
	"relais/reason"
)

// late is how far in the past deferred may lie and mean now: it has no seconds, and
// clocks differ. OVH documents "Invalid deferred time" and not what it covers; an older
// one is refused, as the native API refuses it, for day and month in the wrong order
// must not send at once.
const late = 5 * time.Minute

// readDeferred reads hhmmddMMYYYY (documented) by the clock of France (inferred); zero:
// now. A note says what was taken where that clock shows the time twice, or never.
func readDeferred(text string, now time.Time) (at time.Time, note *reason.Reason, refused *answer) {
	const wrong = "Invalid deferred time: "
	if text == "" {
		return at, nil, nil
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		paris = time.Local
	}
	at, odd, err := wallclock.Read("150402012006", text, paris)
	if err != nil {
		return at, nil, failed(codeInvalid, wrong+"want hhmmddMMYYYY, such as 125025112026")
	}
	switch {
	case at.After(now):
		return at, oddTime(odd, at), nil
	case now.Sub(at) <= late:
		return time.Time{}, nil, nil
	}
	return at, nil, failed(codeInvalid,
		wrong+at.Format("15:04 on 02/01/2006")+" is in the past; hhmmddMMYYYY is by the clock of Paris")
}

func oddTime(odd wallclock.Oddity, at time.Time) *reason.Reason {
	code := codeClockTwice
	switch odd {
	case wallclock.None:
		return nil
	case wallclock.Twice:
	case wallclock.Never:
		code = codeClockNever
	}
	note := reason.Of(code, reason.Args{
		"time": reason.Name(at.Format("15:04 MST")), "day": reason.Name(at.Format("02/01/2006")),
	})
	return &note
}
