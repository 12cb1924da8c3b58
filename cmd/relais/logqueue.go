package main

import (
	"bytes"
	"io"
	"sync/atomic"
	"time"
)

// Bounds of a log that is read too slowly, or not at all.
const (
	logLines = 8192
	logFlush = time.Second
)

// logQueue stands between the log and who reads it. A pipe that is full would hold
// up the calls that log; here it costs lines, which are counted.
type logQueue struct {
	to     io.Writer
	lines  chan []byte
	lost   atomic.Int64
	told   func(to io.Writer, lost int64) // writes how many lines are missing
	ending chan struct{}
	ended  chan struct{}
}

func newLogQueue(to io.Writer, told func(to io.Writer, lost int64)) *logQueue {
	q := &logQueue{
		to: to, lines: make(chan []byte, logLines), told: told, ending: make(chan struct{}),
		ended: make(chan struct{}),
	}
	go q.pass()
	return q
}

// Write takes a line, and never waits.
func (q *logQueue) Write(line []byte) (int, error) {
	select {
	case q.lines <- bytes.Clone(line):
	default:
		q.lost.Add(1)
	}
	return len(line), nil
}

func (q *logQueue) pass() {
	defer close(q.ended)
	for {
		select {
		case line := <-q.lines:
			q.write(line)
		case <-q.ending:
			for len(q.lines) > 0 {
				q.write(<-q.lines)
			}
			return
		}
	}
}

// write passes one line on. Where that fails there is nobody to tell.
func (q *logQueue) write(line []byte) {
	_, _ = q.to.Write(line)
	if lost := q.lost.Swap(0); lost > 0 {
		q.told(q.to, lost)
	}
}

// close writes what is queued, unless the reader is too slow even now.
func (q *logQueue) close() {
	close(q.ending)
	select {
	case <-q.ended:
	case <-time.After(logFlush):
	}
}
