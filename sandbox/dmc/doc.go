// Package dmc is the simulated SFR Business DMC: its JSON API, its buffered API and its
// pushes. It is written from what SFR and its customers published, and knows nothing
// of our connector: each checks the other. The words documented, observed and inferred
// are those of package sandbox.
package dmc
