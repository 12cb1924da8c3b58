package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"relais/internal/retry"
	"relais/internal/trial"
	"relais/sms"
	"relais/trace"
)

// Options make a Deliverer.
type Options struct {
	Store       Store
	Open        func(sealed []byte) (secret []byte, err error)
	Policy      Policy
	Proxy       *url.URL          // HTTP proxy to the public internet, with its port; nil: none
	Formats     map[string]Format // by the name that endpoints have
	Timeout     time.Duration     // of one request; 0 means 10 s
	Concurrency int               // requests under way to one endpoint; 0 means 16
	UserAgent   string
	LookEvery   time.Duration // how long the search for work sleeps at most; 0 means 5 s
	Metrics     *Metrics
	Traces      *trace.Tracer // nil: off
	Log         *slog.Logger
	Now         func() time.Time
}

// Deliverer brings events to endpoints until they are taken. Each endpoint has
// a courier of its own, so that a slow or dead one holds up no other.
type Deliverer struct {
	Options
	client *http.Client
	wake   chan struct{}

	running context.Context // ends at Stop
	end     context.CancelFunc
	loops   sync.WaitGroup

	mu       sync.Mutex
	couriers map[sms.ID]*courier
}

// New makes a deliverer that does nothing yet.
func New(o Options) *Deliverer {
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Concurrency <= 0 {
		o.Concurrency = 16
	}
	if o.LookEvery <= 0 {
		o.LookEvery = lookAgain
	}
	d := &Deliverer{
		Options: o, client: newClient(o),
		wake: make(chan struct{}, 1), couriers: map[sms.ID]*courier{},
	}
	d.running, d.end = context.WithCancel(context.Background())
	return d
}

// Start delivers until Stop.
func (d *Deliverer) Start() {
	d.loops.Go(d.find)
	d.loops.Go(d.prune)
	d.loops.Go(d.stand)
}

// Stop lets requests under way end until ctx does. What is not settled is
// delivered again after the next start.
func (d *Deliverer) Stop(ctx context.Context) error {
	d.end()
	done := make(chan struct{})
	go func() {
		d.loops.Wait()
		close(done)
	}()
	defer d.client.CloseIdleConnections()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return errors.New("webhooks under way were left; they are delivered again")
	}
}

// Rouse tells that the outbox has something new. It never waits.
func (d *Deliverer) Rouse() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// lookAgain is how long the search for work sleeps at most where Rouse tells of
// all of it.
const lookAgain = 5 * time.Second

// find wakes the couriers of endpoints that have something due.
func (d *Deliverer) find() {
	for d.running.Err() == nil {
		busy, next, err := d.Store.Busy(d.running, d.Now())
		if err != nil && d.running.Err() == nil {
			d.Log.Error("cannot look for webhooks that are due", "error", err)
		}
		for i := range busy {
			d.rouse(busy[i])
		}
		wait := d.LookEvery
		if !next.IsZero() {
			wait = min(wait, max(next.Sub(d.Now()), breath))
		}
		d.rest(breath, nil)
		d.rest(wait, d.wake)
	}
}

// breath is how long the search, and each courier, rests at least: on a busy
// gateway something new comes all the time, and a question for many costs
// little more than one for a few.
const breath = 5 * time.Millisecond

func (d *Deliverer) rest(wait time.Duration, wake <-chan struct{}) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-wake:
	case <-timer.C:
	case <-d.running.Done():
	}
}

// stand keeps the metrics of the endpoints. Another node tells of them when this
// one no longer delivers.
func (d *Deliverer) stand() {
	defer d.Metrics.leave()
	const every = 10 * time.Second
	for d.running.Err() == nil {
		standing, err := d.Store.Standing(d.running)
		switch {
		case err == nil:
			d.Metrics.stand(standing, d.Now())
		case d.running.Err() == nil:
			d.Log.Error("cannot count webhooks that wait", "error", err)
		}
		d.rest(every, nil)
	}
}

// keepFor is how long the feed and the log of deliveries reach back.
const keepFor = 30 * 24 * time.Hour

// prune drops what is old, in small steps.
func (d *Deliverer) prune() {
	const every, between = 10 * time.Minute, 100 * time.Millisecond
	for wait := every; ; {
		if d.rest(wait, nil); d.running.Err() != nil {
			return
		}
		dropped, err := d.Store.Prune(d.running, d.Now().Add(-keepFor))
		if err == nil {
			err = d.Store.DropFormer(d.running, d.Now())
		}
		if err != nil && d.running.Err() == nil {
			d.Log.Error("cannot drop old events", "error", err)
		}
		if wait = every; dropped > 0 {
			wait = between
		}
	}
}

// rouse wakes the courier of an endpoint, or hires one.
func (d *Deliverer) rouse(e Endpoint) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.couriers[e.ID]
	if c == nil {
		c = &courier{
			d: d, id: e.ID, account: e.Account, wake: make(chan struct{}, 1), parcels: make(chan *parcel),
			flight: map[int64]bool{},
		}
		d.couriers[e.ID] = c
		d.loops.Go(c.run)
	}
	c.rouse()
}

// forget drops a courier that has had nothing to do for a while.
func (d *Deliverer) forget(c *courier) (gone bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-c.wake:
		return false
	default:
		delete(d.couriers, c.id)
		return true
	}
}

// courier serves one endpoint.
type courier struct {
	d       *Deliverer
	id      sms.ID
	account string
	wake    chan struct{}
	parcels chan *parcel
	porters int // each makes one request at a time

	mu       sync.Mutex
	endpoint Endpoint
	flight   map[int64]bool // events under way, or settled and not stored yet
	done     []Attempt
	storing  bool
	idle     sync.WaitGroup
}

func (c *courier) rouse() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// most is how many deliveries are read at once, so that a request never waits
// for the database.
const most = 256

// idleFor is how long a courier without work stays.
const idleFor = time.Minute

func (c *courier) run() {
	defer c.idle.Wait()
	defer close(c.parcels)
	timer := time.NewTimer(idleFor)
	defer timer.Stop()
	for {
		timer.Reset(idleFor)
		select {
		case <-c.wake:
		case <-timer.C:
			if c.d.forget(c) {
				return
			}
		case <-c.d.running.Done():
			return
		}
		for c.round() {
			c.d.rest(breath, nil)
		}
		c.d.rest(breath, nil)
	}
}

// round sends what is due, and tells whether there may be more.
func (c *courier) round() (more bool) {
	if c.d.running.Err() != nil {
		return false
	}
	e, err := c.d.Store.Endpoint(c.d.running, c.account, c.id)
	if errors.Is(err, ErrUnknown) {
		return false // deleted
	}
	if err == nil {
		c.mu.Lock()
		c.endpoint = e
		skip := make(map[int64]bool, len(c.flight))
		for seq := range c.flight {
			skip[seq] = true
		}
		c.mu.Unlock()
		var due []Delivery
		if due, err = c.due(e, skip); err == nil {
			return c.send(e, due)
		}
	}
	if c.d.running.Err() == nil {
		c.d.Log.Error("cannot read webhooks that are due", "endpoint", c.id.String(), "error", err)
	}
	return false
}

// due reads what an endpoint is sent now: one delivery to try it while it is
// quarantined.
func (c *courier) due(e Endpoint, skip map[int64]bool) ([]Delivery, error) {
	now := c.d.Now()
	switch {
	case e.State == Disabled:
		return nil, nil
	case e.State == Quarantined && (now.Before(e.ProbeAt) || len(skip) > 0):
		return nil, nil
	case e.State == Quarantined:
		return c.d.Store.Due(c.d.running, e, now, skip, 1)
	}
	return c.d.Store.Due(c.d.running, e, now, skip, most)
}

func (c *courier) send(e Endpoint, due []Delivery) (more bool) {
	if len(due) == 0 {
		return false
	}
	signers, err := c.d.signers(c.d.running, &e)
	if err != nil {
		c.d.Log.Error("a webhook cannot be signed", "endpoint", c.id.String(), "error", err)
		return false
	}
	for i := range due {
		c.mu.Lock()
		c.flight[due[i].Event.Seq] = true
		c.mu.Unlock()
		if !c.hand(&parcel{e, signers, &due[i]}) {
			return false
		}
	}
	return true
}

// parcel is a delivery on its way.
type parcel struct {
	endpoint Endpoint
	signers  []signer
	*Delivery
}

// hand gives a parcel to a porter that is free, or hires one, or waits for one.
// It returns false when the courier is to end.
func (c *courier) hand(p *parcel) bool {
	select {
	case c.parcels <- p:
		return true
	default:
	}
	if c.porters < c.d.Concurrency {
		c.porters++
		c.idle.Go(c.carry)
	}
	select {
	case c.parcels <- p:
		return true
	case <-c.d.running.Done():
		return false
	}
}

// carry is a porter's work: one request after another, until the courier goes.
func (c *courier) carry() {
	for p := range c.parcels {
		c.settle(c.d.attempt(p.endpoint, p.signers, p.Delivery))
	}
}

// settle stores an outcome. Those that come while a store is under way share
// the next one.
func (c *courier) settle(a Attempt) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done = append(c.done, a)
	if c.storing {
		return
	}
	c.storing = true
	for len(c.done) > 0 {
		batch := c.done
		c.done = nil
		before := c.endpoint
		for i := range batch {
			c.judge(&batch[i])
		}
		after := c.endpoint
		c.mu.Unlock()
		c.store(batch, before, after)
		c.mu.Lock()
		for i := range batch {
			delete(c.flight, batch[i].Seq)
		}
	}
	c.storing = false
	c.rouse() // what waited for these may go now
}

// judge draws the endpoint's conclusion from one attempt; the caller holds the
// lock.
func (c *courier) judge(a *Attempt) {
	taken := a.State == Delivered
	if taken && a.Status == 0 {
		return // there was nothing to send, which says nothing of the endpoint
	}
	one := c.endpoint.Format != "" // with a format a refusal is of one address of many
	c.endpoint = judge(c.endpoint, taken || one && refusedOne(a.Status), a.At)
	if a.Status == http.StatusGone && !one {
		c.endpoint.State, c.endpoint.Reason = Disabled, "it answered 410 Gone"
	}
}

// refusedOne tells an answer by which a host shows that it is there, and that it
// does not want what came to one of its addresses. The reports of other addresses
// must not wait for that one.
func refusedOne(status int) bool {
	hurried := status == http.StatusRequestTimeout || status == http.StatusTooManyRequests
	return status >= http.StatusOK && status < http.StatusInternalServerError && !hurried
}

// store keeps trying: an outcome that is lost would be sent again.
func (c *courier) store(batch []Attempt, before, after Endpoint) {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := c.d.Store.SettleDeliveries(context.WithoutCancel(c.d.running), batch)
		if err == nil && before.differs(after) {
			err = c.d.Store.ChangeEndpoint(context.WithoutCancel(c.d.running), after)
			if before.State != after.State {
				c.d.Log.Warn("a webhook endpoint changed its state", "endpoint", c.id.String(), "host", hostOf(after.URL), "state", after.State, "reason", after.Reason)
			}
		}
		if err == nil {
			c.d.Metrics.settled(batch)
			return
		}
		c.d.Log.Error("cannot store the outcome of webhooks; trying again", "endpoint", c.id.String(), "error", err)
		if c.d.rest(wait, nil); c.d.running.Err() != nil {
			return // sent again after the next start, with the same id
		}
	}
}

func (e Endpoint) differs(o Endpoint) bool {
	return e.State != o.State || e.Failures != o.Failures || !e.ProbeAt.Equal(o.ProbeAt) || !e.FailingAt.Equal(o.FailingAt)
}

// envelope is the body of a request.
type envelope struct {
	ID        string          `json:"id"`
	Type      Type            `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

// Body is what an endpoint is sent of an event: the same bytes each time.
func Body(e *Event) ([]byte, error) {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	err := out.Encode(envelope{ID: IDOf(e.Seq), Type: e.Type, Timestamp: e.At.UTC(), Data: e.Data})
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// attempt makes one request.
func (d *Deliverer) attempt(e Endpoint, signers []signer, delivery *Delivery) Attempt {
	begun := time.Now()
	now := d.Now()
	a := Attempt{Account: e.Account, Endpoint: e.ID, Seq: delivery.Event.Seq, At: now, State: Pending}
	var asked time.Duration
	var err error
	if a.Status, asked, err = d.post(e, signers, delivery, now); err == nil {
		trial.Reached(trial.Noticed)
		a.State = Delivered
		if a.Status > 0 {
			d.Metrics.took(time.Since(begun))
		}
		return a
	}
	a.Error = err.Error()
	a.NextAt = now.Add(max(pause(delivery.Attempts+1, a.Seq), asked))
	if !a.NextAt.Before(delivery.Until) {
		a.State = Failed
	}
	return a
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 10

// post sends an event. An error says why it was not taken, and repeats neither
// address nor body. Without one, status 0 means that there was nothing to send.
func (d *Deliverer) post(e Endpoint, signers []signer, delivery *Delivery, now time.Time) (status int, asked time.Duration, err error) {
	event := &delivery.Event
	r, err := d.request(context.WithoutCancel(d.running), e, signers, event, now)
	if err != nil || r == nil {
		return 0, 0, err
	}
	if event.Type.ofMessage() {
		span := d.Traces.Webhook(r, string(event.Type), event.Account, event.Subject, delivery.Attempts+1)
		defer func() { span.Taken(status, err) }()
	}
	answer, err := d.client.Do(r)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		if errors.Is(err, errTarget) {
			err = errTarget
		}
		if refused, ok := errors.AsType[*proxyError](err); ok {
			return 0, 0, refused
		}
		return 0, 0, fmt.Errorf("no answer: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 200 && answer.StatusCode < 300 {
		return answer.StatusCode, 0, d.taken(e, event, answer.Body, now)
	}
	io.CopyN(io.Discard, answer.Body, maxAnswer) //nolint:errcheck // only the status counts
	switch {
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		return answer.StatusCode, 0, fmt.Errorf("status %d: redirects are not followed", answer.StatusCode)
	}
	return answer.StatusCode, retry.After(answer.Header, now, longestAsked), fmt.Errorf("status %d", answer.StatusCode)
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
