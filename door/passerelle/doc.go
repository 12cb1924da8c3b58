// Package passerelle is the door for Publik: forms (w.c.s.), identities
// (authentic2), announcements and bookings send their SMS here as they sent them
// to Passerelle, after a change of one address. It decodes such a request, calls
// gateway.Submit and answers in the words that those callers know.
//
// It has no rule of its own about messages. What an instance of Passerelle had
// as a setting (families of numbers, the longest text, the default country)
// stands in the configuration and is applied as Passerelle meant it; each number
// that is left out and each change of a text or a sender is told, in the answer
// and in the timeline.
//
// Start with door.go. Facts about callers and about Passerelle are marked:
// documented (read in the source of w.c.s. or authentic2), inferred (Passerelle's
// own source was not at hand).
package passerelle
