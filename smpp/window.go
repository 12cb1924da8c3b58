package smpp

import "sync"

// window bounds the requests without an answer.
type window struct {
	places chan struct{} // those that are free
	mu     sync.Mutex
	size   int // places there are
	limit  int
}

func newWindow(limit int, slow bool) *window {
	w := &window{places: make(chan struct{}, limit), limit: limit, size: limit}
	if slow {
		w.size = 1
	}
	for range w.size {
		w.places <- struct{}{}
	}
	return w
}

// free gives a place back. After an answer there is one more, until the limit.
func (w *window) free(answered bool) {
	w.places <- struct{}{}
	w.mu.Lock()
	defer w.mu.Unlock()
	if answered && w.size < w.limit {
		w.size++
		w.places <- struct{}{}
	}
}

// now is how many places there are.
func (w *window) now() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.size
}
