package gateway

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"relais/lane"
	"relais/reason"
)

// The refusals of a pause.
const (
	codePauseWhy   reason.Code = "pause_why"
	codePauseUntil reason.Code = "pause_until"
)

// LongestWhy is how long the reason of a pause may be, in characters.
const LongestWhy = 200

// Pauses stop connectors by the word of a person, and let them go on. A pause holds on
// every node and after a restart. What is under way ends as usual, and what operators tell
// is taken as ever.
type Pauses struct {
	lanes *lane.Set
	now   func() time.Time
}

// Of returns the pause of a connector, if it is paused at this moment.
func (p *Pauses) Of(connector string) (lane.Pause, bool) { return p.lanes.Pauses().Of(connector) }

// Outlook counts what a pause of a connector would find.
func (p *Pauses) Outlook(ctx context.Context, connector string) (lane.Outlook, error) {
	if err := p.known(connector); err != nil {
		return lane.Outlook{}, err
	}
	o, err := p.lanes.Pauses().Outlook(ctx, connector)
	if err != nil {
		return o, unavailable(err)
	}
	return o, nil
}

// Check refuses a pause that says nothing, or whose end has passed. It puts in the moment
// of the pause.
func (p *Pauses) Check(one *lane.Pause) error {
	if err := p.known(one.Connector); err != nil {
		return err
	}
	one.At, one.Why = p.now(), strings.TrimSpace(one.Why)
	if one.Why == "" || utf8.RuneCountInString(one.Why) > LongestWhy || strings.ContainsAny(one.Why, "\r\n") {
		return refusedFor("/why", reason.Of(codePauseWhy, nil))
	}
	if one.Over(one.At) {
		return refusedFor("/until", reason.Of(codePauseUntil, nil))
	}
	return nil
}

// Pause pauses a connector, in the place of an earlier pause of it. from is the address
// that the person asked from.
func (p *Pauses) Pause(ctx context.Context, one lane.Pause, from string) (lane.Pause, error) {
	if err := p.Check(&one); err != nil {
		return one, err
	}
	if err := p.lanes.Pauses().Keep(ctx, one, from); err != nil {
		return one, unavailable(err)
	}
	return one, nil
}

// Resume ends the pause of a connector, by whom and from which address, and reports
// whether there was one. The connector need not be configured any more.
func (p *Pauses) Resume(ctx context.Context, ended lane.Pause, from string) (was bool, err error) {
	was, err = p.lanes.Pauses().Drop(ctx, ended.Connector, ended.By, from)
	if err != nil {
		return false, unavailable(err)
	}
	return was, nil
}

func (p *Pauses) known(connector string) error {
	if p.lanes.Get(connector) != nil {
		return nil
	}
	return refusedFor("/connector",
		reason.Of(CodeConnectorUnknown, reason.Args{"connectors": reason.Names(p.lanes.Names())}))
}
