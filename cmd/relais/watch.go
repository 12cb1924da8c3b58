package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"relais/client"
)

// watchPause lies between two questions of a command that stays.
const watchPause = time.Second

// errEnded ends again: there is nothing more to wait for.
var errEnded = errors.New("ended")

// again asks until the command is told to end, or meets what will not pass. A gateway
// that is away for a while, such as one that starts again, is said once.
func (t *terminal) again(ask func() (more bool, err error)) error {
	for silent := false; ; {
		more, err := ask()
		if t.ctx.Err() != nil {
			return nil //nolint:nilerr // the end was asked for
		}
		_, passes := passing(err)
		switch {
		case errors.Is(err, errEnded):
			return nil
		case err != nil && !passes:
			return err
		case err != nil && !silent:
			t.say("again_silent", "error", err)
		case err == nil && silent:
			t.say("again_answers")
		}
		if silent = err != nil; more && !silent {
			continue
		}
		if !pauseFor(t.ctx, watchPause) {
			return nil
		}
	}
}

// watch prints what happens to a message, until it has ended.
func (c *statusCommand) watch(t *terminal, gateway *client.Client, m *client.MessageWithTimeline) error {
	show := printMessage
	if c.JSON {
		show = func(t *terminal, m *client.MessageWithTimeline) error { return printLine(t.stdout, m) }
	}
	if err := show(t, m); err != nil || m.Status.Final() {
		return err
	}
	err := t.again(func() (bool, error) {
		now, err := gateway.Message(t.ctx, c.ID)
		if err != nil {
			return false, err
		}
		news := now.Timeline[min(len(m.Timeline), len(now.Timeline)):]
		m = now
		switch {
		case len(news) == 0:
		case c.JSON:
			err = printLine(t.stdout, now)
		default:
			err = printEvents(t, news)
		}
		if err == nil && now.Status.Final() {
			err = errEnded
		}
		return false, err
	})
	if err != nil {
		return c.failed(t, err)
	}
	return nil
}

// watch shows the list again and again on a terminal, and elsewhere each message that
// is new or has changed.
func (c *messagesCommand) watch(t *terminal, gateway *client.Client, q client.Query) error {
	_, seen := t.stdout.(*screen)
	seen = seen && !c.JSON && !c.Quiet
	known := map[string]client.Status{}
	err := t.again(func() (bool, error) {
		list, err := pages(t, gateway, q)
		if err != nil {
			return false, err
		}
		if seen {
			return false, redraw(t, list)
		}
		return false, c.printChanged(t, list, known)
	})
	if err != nil {
		return c.failed(t, err)
	}
	return nil
}

// redraw writes the list over the one before.
func redraw(t *terminal, list *client.MessageList) error {
	s := t.stdout.(*screen)
	var b strings.Builder
	over := *t
	over.stdout = &screen{Writer: &b, width: s.width, colours: s.colours}
	if err := printMessages(&over, list); err != nil {
		return err
	}
	_, err := io.WriteString(s.Writer, "\x1b[H\x1b[2J"+b.String())
	return err
}

// printChanged prints what is not known in its status, oldest first.
func (c *messagesCommand) printChanged(t *terminal, list *client.MessageList, known map[string]client.Status) error {
	for i := len(list.Items) - 1; i >= 0; i-- {
		m := &list.Items[i]
		if known[m.ID] == m.Status {
			continue
		}
		_, old := known[m.ID]
		known[m.ID] = m.Status
		var err error
		switch {
		case c.JSON:
			err = printLine(t.stdout, m)
		case c.Quiet && old:
		case c.Quiet:
			_, err = fmt.Fprintln(t.stdout, m.ID)
		default:
			_, err = fmt.Fprintf(t.stdout, "%s  %s  %s  %s  %s  %s\n", m.ID, m.To, m.Status, m.Reason, m.Connector, t.shown(m.CreatedAt))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
