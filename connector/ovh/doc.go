// Package ovh sends through OVHcloud SMS by its REST API, version 1.
//
// It submits jobs, finds a message again by its tag, reads the credit and examines an
// account for a person. It reads receipts, replies and STOPs, pushed to addresses that
// are set on the account, and polls them as a safety net. It also obtains the consumer
// key that all of this needs.
//
// Start with submit.go, then result.go: an answer 200 is not yet a yes.
// errors.go holds the refusals as data, receipts.go the states; news.go reads
// what OVH pushes, poll.go what it does not. call.go, sign.go and clock.go make one
// signed call.
//
// Sources: the API schema sms.json and auth.json published by OVH, the guide
// "API SMS Cookbook", the guide "First Steps with the OVHcloud APIs", the
// "OVHcloud SMS FAQ", and what open-source clients report. A fact is marked
// documented, observed or inferred where it matters. Nothing here was tried
// against a live account.
package ovh
