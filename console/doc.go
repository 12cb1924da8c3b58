// Package console is the gateway in a browser: for the agent who sends a text and looks
// for the one that never came, and for the person who runs the gateway. Pages are made
// on the server and work without a script. A page calls the same rooms as the API does,
// never a store's own words and never the API itself.
//
// Begin with routes.go, the table of every address with the right that it needs. A
// request goes through guard.go (session, right, headers), to the file of its page, and
// out through page.go. live.go tells open pages what changed; hub.go reads that once for all. The words are in the catalogues of package reason, under
// "console/".
package console
