// Package connector is the contract between the gateway and the code that
// speaks to one operator.
//
// A connector makes one call and tells what is known afterwards. It does not
// retry, sleep, store, split or limit: the dispatcher does all of that from
// the Facts that the connector declares. Only Submit is required; the other
// abilities are small interfaces, found once by CapabilitiesOf.
//
// Start with connector.go, then fault.go. To write a connector, copy
// example_test.go and follow the checklist in CONTRIBUTING.md; package
// connectortest holds the tests that every connector must pass.
package connector
