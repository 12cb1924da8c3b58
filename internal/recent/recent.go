// Package recent keeps answers that cost much for as long as their cost is worth: who
// asks often for what takes long gets the last answer, with its time, while it is made
// anew behind. What is cheap is asked each time.
package recent

import (
	"context"
	"sync"
	"time"
)

const (
	// Cheap is what an answer may take without being kept.
	Cheap = 40 * time.Millisecond
	// An answer is fresh for fresh times what it took: at most a twentieth of one core goes
	// into it. Until stale times that it is given away once more, and made anew behind.
	fresh = 20
	stale = 400
	// Longest is the age that no answer has.
	Longest = 10 * time.Minute

	mostKept = 200 // answers; the oldest goes
	behind   = 2 * time.Minute
)

// Answer is what was read, and when.
type Answer[T any] struct {
	Value T
	At    time.Time
}

// Answers are those to some questions. The zero value is ready.
type Answers[K comparable, T any] struct {
	mu   sync.Mutex
	kept map[K]*kept[T]
}

type kept[T any] struct {
	answer Answer[T]
	took   time.Duration
	again  bool // it is being made anew
}

// Get returns the answer to a question, by read where none is recent enough. What read
// returns must not be changed afterwards.
func (a *Answers[K, T]) Get(
	ctx context.Context, question K, read func(context.Context) (T, error),
) (Answer[T], error) {
	if answer, ok := a.recent(ctx, question, read); ok {
		return answer, nil
	}
	return a.ask(ctx, question, read)
}

func (a *Answers[K, T]) recent(
	ctx context.Context, question K, read func(context.Context) (T, error),
) (Answer[T], bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	k := a.kept[question]
	if k == nil {
		return Answer[T]{}, false
	}
	age := time.Since(k.answer.At)
	switch {
	case age < 0 || age >= min(stale*k.took, Longest):
		return Answer[T]{}, false
	case age >= fresh*k.took && !k.again:
		k.again = true
		go a.renew(context.WithoutCancel(ctx), question, read)
	}
	return k.answer, true
}

func (a *Answers[K, T]) renew(ctx context.Context, question K, read func(context.Context) (T, error)) {
	ctx, cancel := context.WithTimeout(ctx, behind)
	defer cancel()
	if _, err := a.ask(ctx, question, read); err == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.kept, question) // the next who asks sees the error
}

func (a *Answers[K, T]) ask(
	ctx context.Context, question K, read func(context.Context) (T, error),
) (Answer[T], error) {
	begun := time.Now()
	value, err := read(ctx)
	if err != nil {
		return Answer[T]{}, err
	}
	answer := Answer[T]{value, begun}
	a.keep(question, answer, time.Since(begun))
	return answer, nil
}

func (a *Answers[K, T]) keep(question K, answer Answer[T], took time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if took < Cheap {
		delete(a.kept, question)
		return
	}
	if a.kept == nil {
		a.kept = map[K]*kept[T]{}
	}
	if _, known := a.kept[question]; !known && len(a.kept) >= mostKept {
		a.dropOldest()
	}
	a.kept[question] = &kept[T]{answer: answer, took: took}
}

func (a *Answers[K, T]) dropOldest() {
	var oldest K
	var at time.Time
	for question, k := range a.kept {
		if at.IsZero() || k.answer.At.Before(at) {
			oldest, at = question, k.answer.At
		}
	}
	delete(a.kept, oldest)
}
