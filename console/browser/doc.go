// Package browser tries the console in a real browser, Chromium, as people have it: every
// page of the table of routes in both languages, both themes and three widths, by
// keyboard, and with scripts off. It has tests alone, behind the tag "browser":
//
//	scripts/deps node chromium
//	go test -tags browser ./console/browser
//
// `make test` walks each page twice; `make console-test` walks all of them and leaves a
// picture of each in the directory screenshots. Begin with pages_test.go; what a page must
// not do is in look_test.go, and the gateway that is tried in world_test.go.
package browser
