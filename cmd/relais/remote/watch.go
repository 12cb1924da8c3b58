package remote

import (
	"errors"
	"time"

	"relais/cmd/relais/terminal"
)

// watchPause lies between two questions of a command that stays.
const watchPause = time.Second

// errEnded ends again: there is nothing more to wait for.
var errEnded = errors.New("ended")

// again asks until the command is told to end, or meets what will not pass. A gateway
// that is away for a while, such as one that starts again, is said once.
func again(t *terminal.Terminal, ask func() (more bool, err error)) error {
	for silent := false; ; {
		more, err := ask()
		if t.Ctx.Err() != nil {
			return nil //nolint:nilerr // the end was asked for
		}
		_, passes := passing(err)
		switch {
		case errors.Is(err, errEnded):
			return nil
		case err != nil && !passes:
			return err
		case err != nil && !silent:
			t.Say("again_silent", "error", silence(err))
		case err == nil && silent:
			t.Say("again_answers")
		}
		if silent = err != nil; more && !silent {
			continue
		}
		if !pauseFor(t.Ctx, watchPause) {
			return nil
		}
	}
}
