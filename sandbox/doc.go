// Package sandbox holds simulated operators, so that the gateway can be tried,
// tested and measured without an account, a contract or a real handset. It
// speaks real HTTP. It can run inside the gateway's process or alone.
//
// Two operators are here: the OVHcloud SMS API under /ovh/1.0 and /ovh/v1, and
// SFR Business DMC under /dmc. A few control routes, without authentication,
// show the handsets, count the calls, order faults and move the clock; GET /
// lists them. The package is not a test double of our connectors: it is written
// from what the operators and their users published, it knows nothing of the
// connectors, and each side checks the other. It must never face the internet.
//
// # Words
//
// What is documented comes from the operators' papers: the OVH API schema
// sms.json (2026-04), the OVH guides "API SMS Cookbook", "First Steps with the
// OVHcloud APIs" and "OVHcloud SMS FAQ", the DMC developer guide v1.7 and the
// online help of SFR Business. What is observed was seen by users of the real
// platforms and told in public. What is inferred is our reading where no source
// speaks; comments in the code say so.
//
// # Handsets
//
// A text that the operator sends lands on a list of [world.Text], one per number. A
// message that was sent twice is there twice. Numbers come from ranges that are
// reserved for fiction, +33 6 39 98 xx xx and +44 7700 900xxx, but nothing
// leaves the machine, so any number will do.
//
// The last two digits of a number that is reserved for fiction script its fate:
// 00 to 49 arrive in the ordinary way, 50 to 99 follow a table, see world/fate.go and
// docs/sandbox.md.
//
// # Faults
//
// A [world.Fault] is ordered with PUT /faults or [Server.SetFault]. It meets the next
// submit calls of one operator: POST .../jobs of OVH, addSingleCall and
// batchSingleCall of DMC, buffered or not. Faults are used in the order of their
// arrival. With "scope":"all" the first three kinds of the table meet any call of the
// operator.
//
//	kind                 taken  what the client sees
//	http_500             no     status 500
//	http_503             no     status 503
//	throttle             no     status 429 with Retry-After: 1
//	no_credit            no     OVH: 403; DMC: success false, option_quota_overflowed
//	html                 no     status 200 and a page of HTML
//	refuse_connection    no     nothing listens for delay_ms (1000 by default)
//	reset_before         no     connection reset, nothing was processed
//	reset_after_accept   yes    connection reset, no answer
//	timeout_after_accept yes    no answer for delay_ms (60000 by default), then the connection closes
//	bad_json             yes    status 200 and a body that is not JSON
//	empty                yes    status 200 and no body
//	cut                  yes    the answer stops in its middle
//	slow                 yes    the ordinary answer, delay_ms (1000 by default) later; taken after the
//	                            delay, also when the client has gone
//
// What DMC does with a batch that has one bad message is told by no source;
// [dmc.BadElement] lists the possible ways, and Options chooses one.
//
// refuse_connection acts at once, once, and on the whole listening address: both
// operators and the control routes share it. A fault that would follow an accept
// is not spent on a call that the operator refuses.
//
// The kinds no_receipt, late_receipt, duplicate_receipt, reordered_receipt and
// receipt_before_answer meet the receipts of the next messages, and no call.
//
// The operators are the packages sandbox/ovh and sandbox/dmc; what they share is
// sandbox/world. Start reading with server.go, then ovh/jobs.go and dmc/submit.go.
package sandbox
