package gateway

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"relais/connector"
	"relais/duty"
	"relais/sms"
)

// How often the senders that an operator declares are read. An approval takes days
// (OVH documents about 72 hours), so that an hour is soon; who was refused meanwhile
// waits for minutes.
const (
	sendersEvery = time.Hour
	sendersRetry = time.Minute     // after a reading that failed, doubled each time
	sendersAgain = 5 * time.Minute // between two readings that refusals asked for
	sendersLife  = 24 * time.Hour  // what was read longer ago refuses nothing
)

// declared is what a lane knows of the senders at its operator. It lives in memory: a
// fresh start trusts every sender until the first reading.
type declared struct {
	list  atomic.Pointer[senderList]
	again chan struct{} // a refusal asks for a new reading
}

type senderList struct {
	at      time.Time
	senders []connector.DeclaredSender
}

// watchSenders reads the senders that an operator declares now and then, until ctx
// ends. Every node does, for every node accepts messages.
func (g *Gateway) watchSenders(ctx context.Context, l *lane) {
	for failures := 0; ; {
		wait := g.sendersEvery
		switch err := l.readSenders(ctx); {
		case ctx.Err() != nil:
			return
		case err != nil:
			g.log.Warn("the senders that the operator declares could not be read", "connector", l.name, "error", err)
			wait = doubled(min(sendersRetry, wait), failures, wait)
			failures++
		default:
			failures = 0
		}
		if l.declared.pause(ctx, wait) != nil {
			return
		}
	}
}

func (l *lane) readSenders(ctx context.Context) error {
	select {
	case <-l.declared.again: // whoever wanted a reading before this one gets it
	default:
	}
	senders, err := l.connector.Senders(l.paced(ctx))
	if err != nil {
		return err
	}
	l.declared.list.Store(&senderList{time.Now(), senders})
	return nil
}

// pause waits until the next reading is due, or is wanted.
func (d *declared) pause(ctx context.Context, wait time.Duration) error {
	begun := time.Now()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-d.again:
		return duty.Sleep(ctx, min(wait, sendersAgain)-time.Since(begun))
	case <-ctx.Done():
		return ctx.Err()
	}
}

// readAgain has the list read soon: it may have been overtaken.
func (d *declared) readAgain(use use) {
	if use == toLook {
		return
	}
	select {
	case d.again <- struct{}{}:
	default:
	}
}

// refuses tells what the operator says of a sender that it does not take. It knows
// none where it could not be asked, where it lists nothing at all, which an operator
// that is out of order may do, or where all messages leave from one sender.
func (l *lane) refuses(s sms.Sender) (at connector.DeclaredSender, refused bool) {
	list := l.declared.list.Load()
	if s == "" || list == nil || len(list.senders) == 0 || !l.facts.CheckSenders || l.facts.FixedSender || time.Since(list.at) > sendersLife {
		return at, false
	}
	at, found := connector.FindSender(list.senders, s)
	if !found {
		return at, s.Kind() == sms.Alphanumeric || list.holds(s.Kind())
	}
	return at, at.State.Barred() || l.facts.SenderCase && at.Misspelt(s)
}

// holds tells whether the operator lists senders of a kind. Numbers may be rented
// otherwise, so that a list of names says nothing of them.
func (list *senderList) holds(kind sms.SenderKind) bool {
	return slices.ContainsFunc(list.senders, func(d connector.DeclaredSender) bool { return d.Name.Kind() == kind })
}

// checkDeclared refuses a sender that the operator would refuse. Who asked for none
// must hear that it is the account's.
func (l *lane) checkDeclared(s, standard sms.Sender, use use) error {
	at, refused := l.refuses(s)
	if !refused {
		return nil
	}
	l.declared.readAgain(use)
	which, why := said{"the sender", "l'expéditeur"}, undeclared(at, s)
	if s == standard {
		which = said{"the account's default sender", "l'expéditeur par défaut du compte"}
	}
	return invalid("sender_not_declared", "/sender", said{
		"The operator of connector " + l.name + " does not take " + which.english + ": " + why.english + ".",
		"L'opérateur du connecteur " + l.name + " n'accepte pas " + which.french + " : " + why.french + ".",
	})
}

// replaces has the account's default stand for a sender that the operator refuses,
// where the account wants that; nil where it does not, or for another error. Where the
// route depends on the number the others keep their sender, so that none is replaced.
func (a *Account) replaces(s *Submission, err error) *Decision {
	refusal, refused := errors.AsType[*Error](err)
	if !refused || refusal.Code != connector.CodeSenderUndeclared || !a.Senders.Replace || connector.SameSender(s.Sender, a.Sender) {
		return nil
	}
	s.Sender = ""
	d := defaultSender(s, *a)
	replaced := decision("sender_replaced", said{refusal.Detail, refusal.French}.with(said{d.Detail, d.French}))
	return &replaced
}

// undeclared tells the state of a sender at the operator, and what to do.
func undeclared(at connector.DeclaredSender, s sms.Sender) said {
	if at.Misspelt(s) && !at.State.Barred() {
		name := string(at.Name)
		return said{
			"it is declared there as " + name + ", and capitals count; write it so",
			"il y est déclaré sous la forme " + name + ", et les majuscules comptent ; écrivez-le ainsi",
		}
	}
	comment := ""
	if at.Comment != "" {
		comment = " (" + at.Comment + ")"
	}
	switch at.State {
	case connector.SenderWaiting:
		return said{
			"it waits for the operator's approval" + comment + "; use another one until then",
			"il attend l'accord de l'opérateur" + comment + " ; prenez-en un autre d'ici là",
		}
	case connector.SenderRefused:
		return said{
			"the operator refused to declare it" + comment + "; use another one",
			"l'opérateur a refusé de le déclarer" + comment + " ; prenez-en un autre",
		}
	case connector.SenderDisabled:
		return said{
			"it is disabled there" + comment + "; enable it with the operator, or use another one",
			"il y est désactivé" + comment + " ; réactivez-le chez l'opérateur, ou prenez-en un autre",
		}
	default:
		return said{
			"it is not declared there; declare it with the operator, or use one that is",
			"il n'y est pas déclaré ; déclarez-le chez l'opérateur, ou prenez-en un qui l'est",
		}
	}
}

// fitFor tells whether new messages of a sender may go through the lane, and why not.
func (l *lane) fitFor(s sms.Sender, use use) (ok bool, why said) {
	if at, refused := l.refuses(s); refused {
		l.declared.readAgain(use)
		return false, said{"its operator does not take the sender, ", "son opérateur n'accepte pas l'expéditeur, "}.then(undeclared(at, s))
	}
	return l.fit(use)
}

// rejectedSender has the list read again after the operator refused a sender that it
// holds.
func (l *lane) rejectedSender(outcomes []connector.Outcome, err error) {
	wrong := connector.CodeOf(err) == connector.CodeSenderUndeclared || slices.ContainsFunc(outcomes, func(o connector.Outcome) bool {
		return connector.CodeOf(o.Err) == connector.CodeSenderUndeclared
	})
	if wrong {
		l.declared.readAgain(toSend)
	}
}
