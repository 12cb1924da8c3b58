package gateway

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
	"time"

	"relais/connector"
	"relais/inbox"
	"relais/internal/trial"
	"relais/lane"
	"relais/number"
	"relais/sms"
)

// Errors of Callback.
var (
	// ErrNoCallback is returned for an instance that is not there, or whose
	// operator pushes nothing.
	ErrNoCallback = errors.New("no such callback")
	// ErrUnreadable is returned for a push that is none of the operator's.
	ErrUnreadable = errors.New("the push cannot be read")
)

// Callback takes what an operator pushes to an instance. r holds the path
// behind the secret, and a whole body. When Callback returns nil everything is
// on disk, and may be acknowledged.
func (g *Gateway) Callback(ctx context.Context, instance string, r *http.Request) error {
	l := g.lanes.Get(instance)
	if l == nil || l.Caps.NewsParser == nil {
		return ErrNoCallback
	}
	news, err := l.Guard.ParseNews(r)
	if err != nil {
		g.metrics.refusedPushes.WithLabelValues(l.Name).Inc()
		g.log.Warn("a push of an operator was refused", "connector", l.Name, "error", err)
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return g.take(ctx, l, news, true)
}

// take stores news, then lets others know.
func (g *Gateway) take(ctx context.Context, l *lane.Lane, news connector.News, pushed bool) error {
	if len(news.Receipts)+len(news.Inbounds)+len(news.Blocks) == 0 {
		return nil
	}
	r := g.reception(l, news, pushed)
	if pushed && len(r.Blocks) < len(news.Blocks) {
		return fmt.Errorf("%w: a number that is blocked is none", ErrUnreadable)
	}
	begun := time.Now()
	trial.Reached(trial.Told)
	received, err := g.store.Receive(ctx, r)
	if err != nil {
		return unavailable(err)
	}
	trial.Reached(trial.Received)
	for verdict, n := range received.Verdicts {
		g.metrics.receipts.WithLabelValues(l.Name, string(verdict)).Add(float64(n))
	}
	g.metrics.inbounds.WithLabelValues(l.Name).Add(float64(received.Inbounds))
	l.ReceiptsCame(received.Moved)
	g.traces.Receipts(ctx, l.Name, begun, received.Accounts, received.Moved)
	if received.Inbounds > 0 {
		g.rouseRules()
	}
	if received.Inbounds+received.OptOuts+len(received.Moved) > 0 {
		g.told()
	}
	return nil
}

func (g *Gateway) reception(l *lane.Lane, news connector.News, pushed bool) *inbox.Reception {
	r := &inbox.Reception{
		Connector: l.Name, Owner: l.Owner, Pushed: pushed, Receipts: news.Receipts, At: g.now(),
		PerSender: func(account string) bool { return g.account(account).OptOutPerSender }, Read: g.read,
	}
	region := g.account(l.Owner).Region
	for _, in := range news.Inbounds {
		r.Inbounds = append(r.Inbounds, inboundOf(l.Name, in, region, r.At))
	}
	for _, b := range news.Blocks {
		n, ok := handset(b.Number, region)
		if !ok {
			g.log.Warn("a number that an operator blocks cannot be read", "connector", l.Name)
			continue
		}
		if pushed && b.At.IsZero() {
			b.At = r.At
		}
		r.Blocks = append(r.Blocks, inbox.Block{Number: n, AnswersID: b.AnswersID, At: b.At})
	}
	return r
}

func inboundOf(connector string, in sms.Inbound, region string, now time.Time) inbox.Inbound {
	from, ok := handset(in.From, region)
	if !ok {
		from = sms.Number(in.From)
	}
	in.Text = strings.ToValidUTF8(in.Text, "\uFFFD")
	at := in.At
	if at.IsZero() {
		at = now
	}
	if in.ProviderID == "" {
		in.ProviderID = fingerprint(in)
	}
	return inbox.Inbound{
		Connector: connector, ProviderID: in.ProviderID, From: from, To: in.To, Text: in.Text,
		AnswersID: in.AnswersID, Ref: in.Ref, At: at, ReceivedAt: now,
	}
}

// handset reads the number of a handset as operators write it: +33…, 0033…,
// 33… and 06… all occur. A handset that wrote to us exists, whatever the tables say: what
// has the length of an international number is taken as it stands.
func handset(raw, region string) (sms.Number, bool) {
	raw = strings.TrimSpace(raw)
	if digits := strings.Trim(raw, "0123456789"); digits == "" && raw != "" && raw[0] != '0' {
		raw = "+" + raw
	}
	if parsed, err := number.Every.Parse(raw, region); err == nil {
		return parsed.Number, true
	}
	const shortest, longest = 8, 15 // digits; what is shorter is a service of an operator
	international, ok := strings.CutPrefix(raw, "+")
	if !ok {
		international, ok = strings.CutPrefix(raw, "00")
	}
	ok = ok && strings.Trim(international, "0123456789") == "" && len(international) >= shortest && len(international) <= longest
	if !ok || international[0] == '0' {
		return "", false
	}
	return sms.Number("+" + international), true
}

// fingerprint stands for the id that an operator does not give.
func fingerprint(in sms.Inbound) string {
	sum := fnv.New128a()
	for _, part := range []string{in.From, string(in.To), in.Text, in.AnswersID, in.At.UTC().Format(time.RFC3339)} {
		sum.Write([]byte(part))
		sum.Write([]byte{0})
	}
	return "fnv:" + hex.EncodeToString(sum.Sum(nil))
}
