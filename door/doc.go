// Package door is the contract of doors: what a program that was written for another
// gateway speaks to. A door translates and has no rule of its own.
//
// A new door is a directory below this one, a line in the table of app/doors.go, and a
// page in docs. Its Provider brings
//
//   - the table of its sections in the configuration ([section.Table]): with tags for the
//     keys, their explanations and defaults, and a judgement. The configuration reads
//     them strictly, shows them, hides their secrets and writes them into the example
//     without knowing the door;
//   - what it opens: a Mount, paths of the gateway's HTTP server, or a Listener with
//     connections of its own, or both;
//   - where it is (Place), which the start and the page at / tell people.
//
// What a door says of a request for the timeline is a reason of the catalogues. Answers
// stay in the words of the protocol.
package door
