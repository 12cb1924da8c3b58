// Package trial is how a test reaches into a process of the real program: it sees
// which step of a message's line the process reaches, so that it can kill it
// there, and it moves the process's clock.
//
// Outside tests nobody listens and the clock is the machine's. Start reading at
// [Reached].
package trial
