package inbox

import (
	"context"
	"regexp"
	"slices"
	"time"

	"relais/sms"
	"relais/wish"
)

// Answers send texts back to who wrote a reply.
type Answers interface {
	// Answered reports whether a number got an answer of a name since a time.
	Answered(ctx context.Context, account string, to sms.Number, name string, since time.Time) (bool, error)
	// Answer stores a text to who wrote a reply, once for each reply and name. refused says
	// why it will never be stored; an error means that it may be tried again.
	Answer(ctx context.Context, in *Inbound, t Text) (refused, err error)
}

// Text is an automatic answer.
type Text struct {
	Name  string // its reference, and what keeps it from going twice for one reply
	Actor sms.Actor
	Text  string
}

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

func (r *ReplyRule) holds(in *Inbound) bool {
	if !oneOf(r.Accounts, in.Account) || !oneOf(r.Connectors, in.Connector) {
		return false
	}
	if len(r.Keywords) > 0 && !slices.ContainsFunc(r.Keywords,
		func(k string) bool { return startsWith(in.Text, k) }) {
		return false
	}
	return r.Pattern == nil || r.Pattern.MatchString(in.Text)
}

// oneOf reports whether a list has a value; an empty list has all.
func oneOf(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }

// startsWith compares the first words the way a STOP is read: without case, accents and
// punctuation.
func startsWith(text, keyword string) bool {
	got, want := wish.Words(text), wish.Words(keyword)
	return len(want) > 0 && len(got) >= len(want) && slices.Equal(got[:len(want)], want)
}

const rulesSize = 100

// Reply runs the rules over every new reply, until ctx ends. What a crash left
// is taken up: a reply is marked after its rules have run, and their effects
// have keys, so that none happens twice.
func (b *Inbox) Reply(ctx context.Context) {
	for ctx.Err() == nil {
		unhandled, err := b.store.Unhandled(ctx, rulesSize)
		if err != nil && ctx.Err() == nil {
			b.log.Error("cannot read replies", "error", err)
		}
		done := 0
		for i := range unhandled {
			if b.handle(ctx, &unhandled[i]) {
				done++
			}
		}
		if done == rulesSize {
			continue
		}
		if _, err := b.replies.WaitAtMost(ctx, b.idle); err != nil {
			return
		}
	}
}

// handle runs the first rule that holds for each effect: one webhook, one text.
func (b *Inbox) handle(ctx context.Context, in *Inbound) bool {
	endpoints, err := b.toldOf(ctx, in)
	if err != nil {
		b.log.Error("cannot find whom a door tells of a reply", "error", err)
		return false
	}
	for i := range b.rules {
		r := &b.rules[i]
		if !r.holds(in) {
			continue
		}
		if r.Webhook != "" {
			endpoint, err := b.endpoint(ctx, in.Account, r.Webhook)
			if err != nil {
				b.log.Error("cannot tell the webhook of a rule of a reply", "rule", r.Name, "error", err)
				return false
			}
			endpoints = append(endpoints, endpoint)
		}
		if r.Text != "" && !b.autoReply(ctx, r, in) {
			return false
		}
		break
	}
	if !b.confirmStop(ctx, in) {
		return false
	}
	if err := b.store.Handled(ctx, *in, endpoints); err != nil {
		b.log.Error("cannot mark a reply as handled", "error", err)
		return false
	}
	if len(endpoints) > 0 {
		b.told()
	}
	return true
}

// toldOf are the endpoints that a door has for replies.
func (b *Inbox) toldOf(ctx context.Context, in *Inbound) ([]sms.ID, error) {
	if b.endpoints == nil {
		return nil, nil
	}
	return b.endpoints(ctx, in)
}

// autoReplyPause keeps two machines from answering each other for ever.
const autoReplyPause = 10 * time.Minute

// autoReply answers with a rule's text. It never answers a STOP, nor what may be one unless
// the rule asks for its words. It reports whether the reply is done with.
func (b *Inbox) autoReply(ctx context.Context, r *ReplyRule, in *Inbound) bool {
	asked := len(r.Keywords) > 0 || r.Pattern != nil
	if in.Intent == IntentStop || in.Intent == IntentUnsure && !asked {
		return true
	}
	return b.answer(ctx, in, answer{
		name: "auto-reply:" + r.Name, actor: sms.RuleActor(r.Name), text: r.Text, pause: autoReplyPause,
	})
}

// confirmPause keeps a machine that writes STOP and START in turn from being confirmed for
// ever.
const confirmPause = 24 * time.Hour

// confirmStop confirms a STOP with the account's text if the reply put the number on the
// list. It does not confirm to somebody who was there already, because of an earlier STOP or
// because the operator told of it first and has confirmed it. It reports whether the reply
// is done with.
func (b *Inbox) confirmStop(ctx context.Context, in *Inbound) bool {
	text := b.account(in.Account).StopConfirmation
	if text == "" || in.Intent != IntentStop {
		return true
	}
	_, changes, err := b.store.OptOutProofs(ctx, in.Account, in.From)
	if err != nil {
		b.log.Error("cannot look for the proof of a STOP", "error", err)
		return false
	}
	fresh := slices.ContainsFunc(changes, func(c OptOutChange) bool {
		return c.Inbound == in.ID && c.Added && !c.Provisional && c.Source == FromReply
	})
	if !fresh {
		return true
	}
	return b.answer(ctx, in, answer{
		name: "stop-confirmation", actor: sms.ActorGateway, text: text,
		pause: confirmPause,
	})
}

// answer is a text that goes back to who wrote a reply.
type answer struct {
	name  string // its reference, and what keeps it from going twice for one reply
	actor sms.Actor
	text  string
	pause time.Duration // before the same number gets it again
}

// answer stores the text once for a reply. It reports whether the reply is done with.
func (b *Inbox) answer(ctx context.Context, in *Inbound, a answer) bool {
	if in.From == "" || in.From[0] != '+' {
		return true
	}
	answered, err := b.answers.Answered(ctx, in.Account, in.From, a.name, b.now().Add(-a.pause))
	if err != nil {
		b.log.Error("cannot look for an earlier answer", "answer", a.name, "error", err)
		return false
	}
	if answered {
		b.log.Info("no automatic answer: this number had one a moment ago", "answer", a.name, "from", in.From)
		return true
	}
	refused, err := b.answers.Answer(ctx, in, Text{Name: a.name, Actor: a.actor, Text: a.text})
	if err != nil {
		b.log.Error("cannot store an automatic answer", "answer", a.name, "error", err)
		return false
	}
	if refused != nil {
		b.log.Warn("an automatic answer was refused", "answer", a.name, "error", refused)
	}
	return true
}
