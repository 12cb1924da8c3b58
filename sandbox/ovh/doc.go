// Package ovh is the simulated OVHcloud SMS API: keys and their consent page, jobs,
// messages, replies, callbacks. It is written from what OVHcloud and its users
// published, and knows nothing of our connector: each checks the other. The words
// documented, observed and inferred are those of package sandbox.
package ovh
