package gateway

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"time"

	"relais/inbox"
	"relais/sms"
	"relais/wish"
)

// ReplyRule says what else happens to a reply. Empty lists hold for everything.
type ReplyRule struct {
	Name       string
	Accounts   []string
	Connectors []string
	Keywords   []string       // one of them is the first word of the reply
	Pattern    *regexp.Regexp // nil: any text
	Webhook    string         // URL that gets the event beside those that subscribed
	Text       string         // what is answered; empty: nothing
}

func (r *ReplyRule) holds(in *inbox.Inbound) bool {
	if !oneOf(r.Accounts, in.Account) || !oneOf(r.Connectors, in.Connector) {
		return false
	}
	if len(r.Keywords) > 0 && !slices.ContainsFunc(r.Keywords, func(k string) bool { return startsWith(in.Text, k) }) {
		return false
	}
	return r.Pattern == nil || r.Pattern.MatchString(in.Text)
}

// startsWith compares the first word as a STOP is read: without case, accents
// and punctuation.
func startsWith(text, keyword string) bool {
	got, want := wish.Words(text), wish.Words(keyword)
	return len(want) > 0 && len(got) >= len(want) && slices.Equal(got[:len(want)], want)
}

const rulesSize = 100

func (g *Gateway) rouseRules() {
	g.replies.Ring()
}

// reply runs the rules over every new reply, until ctx ends. What a crash left
// is taken up: a reply is marked after its rules have run, and their effects
// have keys, so that none happens twice.
func (g *Gateway) reply(ctx context.Context) {
	for ctx.Err() == nil {
		unhandled, err := g.store.Unhandled(ctx, rulesSize)
		if err != nil && ctx.Err() == nil {
			g.log.Error("cannot read replies", "error", err)
		}
		done := 0
		for i := range unhandled {
			if g.handle(ctx, &unhandled[i]) {
				done++
			}
		}
		if done == rulesSize {
			continue
		}
		_, _ = g.replies.WaitAtMost(ctx, g.idle)
	}
}

// handle runs the first rule that holds for each effect: one webhook, one text.
func (g *Gateway) handle(ctx context.Context, in *inbox.Inbound) bool {
	endpoints, err := g.toldOf(ctx, in)
	if err != nil {
		g.log.Error("cannot find whom a door tells of a reply", "error", err)
		return false
	}
	for i := range g.replyRules {
		r := &g.replyRules[i]
		if !r.holds(in) {
			continue
		}
		if r.Webhook != "" {
			endpoint, err := g.endpoint(ctx, in.Account, r.Webhook)
			if err != nil {
				g.log.Error("cannot tell the webhook of a rule of a reply", "rule", r.Name, "error", err)
				return false
			}
			endpoints = append(endpoints, endpoint)
		}
		if r.Text != "" && !g.autoReply(ctx, r, in) {
			return false
		}
		break
	}
	if !g.confirmStop(ctx, in) {
		return false
	}
	if err := g.store.Handled(ctx, *in, endpoints); err != nil {
		g.log.Error("cannot mark a reply as handled", "error", err)
		return false
	}
	if len(endpoints) > 0 {
		g.told()
	}
	return true
}

// toldOf are the endpoints that a door has for replies.
func (g *Gateway) toldOf(ctx context.Context, in *inbox.Inbound) ([]sms.ID, error) {
	if g.replyEndpoints == nil {
		return nil, nil
	}
	return g.replyEndpoints(ctx, in)
}

// autoReplyPause keeps two machines from answering each other for ever.
const autoReplyPause = 10 * time.Minute

// autoReply answers with a rule's text: never to a STOP, nor to what may be one unless the
// rule asks for its words. It reports whether the reply is done with.
func (g *Gateway) autoReply(ctx context.Context, r *ReplyRule, in *inbox.Inbound) bool {
	asked := len(r.Keywords) > 0 || r.Pattern != nil
	if in.Intent == inbox.IntentStop || in.Intent == inbox.IntentUnsure && !asked {
		return true
	}
	return g.answer(ctx, in, answer{name: "auto-reply:" + r.Name, actor: "rule:" + r.Name, text: r.Text, pause: autoReplyPause})
}

// confirmPause keeps a machine that writes STOP and START in turn from being confirmed for
// ever.
const confirmPause = 24 * time.Hour

// confirmStop confirms a STOP with the account's text, where the reply put the number on the
// list: not to somebody who stands there already, whether by an earlier STOP or because the
// operator told of it first and has confirmed it. It reports whether the reply is done with.
func (g *Gateway) confirmStop(ctx context.Context, in *inbox.Inbound) bool {
	text := g.account(in.Account).StopConfirmation
	if text == "" || in.Intent != inbox.IntentStop {
		return true
	}
	_, changes, err := g.store.OptOutProofs(ctx, in.Account, in.From)
	if err != nil {
		g.log.Error("cannot look for the proof of a STOP", "error", err)
		return false
	}
	fresh := slices.ContainsFunc(changes, func(c inbox.OptOutChange) bool {
		return c.Inbound == in.ID && c.Added && !c.Provisional && c.Source == inbox.FromReply
	})
	if !fresh {
		return true
	}
	return g.answer(ctx, in, answer{name: "stop-confirmation", actor: "gateway", text: text, pause: confirmPause})
}

// answer is a text that goes back to who wrote a reply.
type answer struct {
	name  string // its reference, and what keeps it from going twice for one reply
	actor string
	text  string
	pause time.Duration // before the same number gets it again
}

// answer stores the text once for a reply. It reports whether the reply is done with.
func (g *Gateway) answer(ctx context.Context, in *inbox.Inbound, a answer) bool {
	if in.From == "" || in.From[0] != '+' {
		return true
	}
	before, _, err := g.store.Search(ctx, Query{
		Account: in.Account, To: in.From, Reference: a.name, Since: g.now().Add(-a.pause), Limit: 1,
	})
	if err != nil {
		g.log.Error("cannot look for an earlier answer", "answer", a.name, "error", err)
		return false
	}
	if len(before) > 0 {
		g.log.Info("no automatic answer: this number had one a moment ago", "answer", a.name, "from", in.From)
		return true
	}
	s := Submission{
		Account: in.Account, Actor: a.actor, To: []string{string(in.From)}, Text: a.text,
		Class: sms.Transactional, Connector: in.Connector, Reference: a.name,
		Key: &IdempotencyKey{Key: a.name + ":" + in.ID.String()},
	}
	_, err = g.Submit(ctx, s, func(*Result) ([]byte, error) { return []byte("{}"), nil })
	if refusal, ok := errors.AsType[*Error](err); ok && refusal.Kind != Invalid && refusal.Kind != Conflict {
		g.log.Error("cannot store an automatic answer", "answer", a.name, "error", err)
		return false
	}
	if err != nil {
		g.log.Warn("an automatic answer was refused", "answer", a.name, "error", err)
	}
	return true
}
