package archtest

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// core are the packages that a store keeps things for and a door opens to.
var core = []string{
	"reason", "charset", "sms", "gsm", "number", "connector", "route", "search", "duty",
	"sender", "usage", "credit", "quota", "inbox", "person", "lane", "gateway", "webhook", "campaign", "auth",
	"merge", "template", "contact", "campaign/ledger", "campaign/engine",
}

// rule says what the package, its tests aside, may import from this module. A
// package that ends in /* stands for every directory directly in it that has
// no line of its own. A package may stand here before it exists.
type rule struct {
	pkg  string
	may  []string
	bare bool // nothing from outside the standard library either
	all  bool
}

// table is the layout of the project. Tests may import what they need; only
// the end-to-end ones and cmd import app.
var table = []rule{
	{pkg: "reason"}, // whoever says something to people may import it
	{pkg: "sms", bare: true, may: []string{"reason"}},
	{pkg: "gsm", bare: true},
	{pkg: "charset"},
	{pkg: "number", may: []string{"reason", "sms"}},
	{pkg: "policy", may: []string{"reason", "sms"}},
	{pkg: "route", may: []string{"sms"}},
	{pkg: "search", may: []string{"sms"}},
	{pkg: "wish"},
	{pkg: "inbox", may: []string{
		"connector", "internal/bell", "internal/trial", "number", "plaintext", "reason", "sender", "sms", "trace", "wish",
	}},
	{pkg: "person", may: []string{"duty", "reason", "sms"}},
	{pkg: "merge", may: []string{"reason"}},
	{pkg: "contact", may: []string{"campaign", "campaign/appointment", "merge", "number", "plaintext", "reason", "sheet", "sms"}},
	{pkg: "template", may: []string{"merge", "reason", "sms"}},
	{pkg: "alert", may: []string{"gsm", "plaintext", "reason"}},
	{pkg: "look", may: []string{"reason"}},
	{pkg: "typography", may: []string{"gsm", "reason"}},
	{pkg: "tariff", may: []string{"reason", "sms", "number"}},
	{pkg: "smpp", may: []string{"gsm"}},
	{pkg: "sender", may: []string{"sms", "policy", "connector", "duty", "internal/bell", "reason"}},
	{pkg: "terms", may: []string{"sms", "gsm", "number", "policy", "tariff", "typography", "connector", "duty", "internal/bell", "reason"}},
	{pkg: "connector", may: []string{"internal/retry", "internal/trial", "reason", "sms"}},
	{pkg: "connector/connectortest", may: []string{"connector", "sms"}},
	{pkg: "connector/*", may: []string{"charset", "connector", "plaintext", "reason", "sms", "gsm", "smpp"}},
	// Spans are made where the work is; trace hides the library and knows the words
	// alone.
	{pkg: "trace", may: []string{"sms"}},
	// Whoever has a chore knows duty, which knows nobody.
	{pkg: "duty", may: []string{"internal/bell", "sms"}},
	{pkg: "usage", may: []string{"plaintext", "sms"}},
	{pkg: "credit", may: []string{"connector", "duty", "internal/snapshot", "reason"}},
	{pkg: "quota", may: []string{"number", "reason", "sms"}},
	{pkg: "lane", may: []string{
		"connector", "credit", "duty", "inbox", "internal/bell", "internal/snapshot", "internal/trial", "number",
		"policy", "reason", "sender", "sms", "tariff", "terms", "trace",
	}},
	{pkg: "gateway", may: []string{
		"campaign/ledger",
		"charset",
		"connector",
		"internal/recent",
		"internal/snapshot",
		"route",
		"search",
		"credit",
		"duty",
		"gsm",
		"inbox",
		"internal/bell",
		"internal/trial",
		"lane",
		"number",
		"person",
		"policy",
		"quota",
		"reason",
		"sender",
		"sms",
		"tariff",
		"template",
		"terms",
		"trace",
		"typography",
		"wish",
	}},
	{pkg: "webhook", may: []string{"internal/bell", "internal/retry", "internal/snapshot", "internal/trial", "reason", "sms", "trace"}},
	{pkg: "auth", may: []string{"sms"}},
	{pkg: "auth/passkeytest", bare: true},
	{pkg: "mail"},
	{pkg: "openid"},
	{pkg: "internal/identitiestest", bare: true},
	{pkg: "sheet", may: []string{"plaintext", "reason"}},
	{pkg: "campaign", may: []string{"gsm", "merge", "number", "plaintext", "reason", "sheet", "sms", "typography"}},
	{pkg: "campaign/appointment", may: []string{"internal/wallclock", "reason"}},
	{pkg: "campaign/export", may: []string{"campaign", "number", "plaintext"}},
	{pkg: "campaign/engine", may: []string{
		"campaign", "campaign/appointment", "campaign/ledger", "connector", "contact", "duty", "gateway", "gsm", "inbox", "internal/bell", "internal/snapshot", "lane", "merge",
		"number", "plaintext", "quota", "reason", "sheet", "sms", "terms",
	}},
	{pkg: "campaign/ledger", may: []string{"reason", "sms"}},
	{pkg: "store/group", bare: true},
	{pkg: "store/probe"},
	{pkg: "store/schema", bare: true, may: []string{"reason"}},
	// A store keeps what doors keep, by the interfaces in their packages.
	{pkg: "store/*", may: append([]string{"store/group", "store/probe", "store/schema", "store/table", "wish", "door/ovh", "door/passerelle", "door/shadow", "door/smpp"}, core...)},
	// A door can be tried beside the gateway that it replaces, by the interface
	// there.
	{pkg: "door/shadow", may: core},
	{pkg: "door", may: append([]string{"config/section", "door/shadow"}, core...)},
	// http2sms shares logins, numbers and settings with OVH's API.
	{pkg: "door/http2sms", may: append([]string{"door", "door/ovh", "door/shadow", "internal/origin", "internal/wallclock", "plaintext"}, core...)},
	// Brevo's clients know messages by the numbers of OVH's.
	{pkg: "door/brevo", may: append([]string{"config/section", "door", "door/ovh", "internal/origin"}, core...)},
	{pkg: "door/smpp", may: append([]string{"config/section", "door", "smpp"}, core...)},
	{pkg: "door/*", may: append([]string{"alert", "config/section", "door", "door/shadow", "internal/origin", "internal/wallclock", "plaintext"}, core...)},
	{pkg: "api", may: append([]string{"api/jsonbody", "api/manual", "campaign/export", "config/effect", "internal/origin", "plaintext", "trace"}, core...)},
	{pkg: "api/manual", may: []string{"reason", "webhook"}},
	{pkg: "api/jsonbody", may: []string{"charset", "plaintext", "reason"}},
	{pkg: "console", may: append([]string{"config/effect", "docs", "internal/origin", "internal/recent", "look", "openid", "plaintext", "terms", "sheet", "campaign/appointment", "campaign/export"}, core...)},
	{pkg: "console/browser"},
	{pkg: "console/consoletest", all: true}, // a whole gateway, for tests
	{pkg: "sandbox", may: []string{"sandbox/declared", "sandbox/dmc", "sandbox/ovh", "sandbox/smsc", "sandbox/world"}},
	{pkg: "sandbox/*", may: []string{"sandbox/world"}},
	{pkg: "sandbox/smsc", may: []string{"gsm", "sandbox/world", "smpp"}},
	{pkg: "sandbox/world"},
	{pkg: "client", bare: true, may: []string{"internal/retry"}},
	{pkg: "plaintext", bare: true, may: []string{"reason"}},
	// config knows Provider and Secret of the contract, the words and the
	// countries, no operator and no door.
	{pkg: "config/section", may: []string{"number", "reason", "sms"}},
	{pkg: "config/effect", may: []string{"reason"}},
	{pkg: "config", may: []string{"auth", "config/effect", "config/section", "connector", "look", "reason", "number", "plaintext", "policy", "sms", "tariff"}},
	{pkg: "app", all: true},
	// The sandbox is for tests, the demo, the load generator and the command of
	// its name. A gateway reaches it through app alone.
	{pkg: "bench", may: []string{"client", "sandbox", "sandbox/declared", "sandbox/smsc", "sandbox/world", "smpp", "sms"}},
	// Commands that work without a gateway open the store themselves, and
	// `ovh login` is that operator's own.
	{pkg: "cmd/*", may: []string{
		"app", "bench", "client", "cmd/relais/local", "cmd/relais/remote", "cmd/relais/terminal",
		"config", "config/effect", "config/section", "reason", "sandbox", "sandbox/dmc", "sandbox/ovh", "sandbox/smsc",
	}},
	{pkg: "cmd/relais/local", may: []string{
		"app", "auth", "cmd/relais/terminal", "config", "config/effect", "connector", "connector/httpapi",
		"connector/ovh", "door/ovh", "door/passerelle",
		"door/shadow", "inbox", "lane", "plaintext", "reason", "sms", "store/postgres",
		"store/sqlite", "usage",
	}},
	{pkg: "cmd/relais/remote", may: []string{
		"campaign", "client", "cmd/relais/terminal", "merge", "number", "plaintext", "reason", "sheet",
	}},
	{pkg: "cmd/relais/terminal", may: []string{"internal/wallclock", "plaintext", "reason"}},
	{pkg: "cmd/relais/terminal/terminaltest"},
	{pkg: "internal/archtest"},
	{pkg: "internal/bell", bare: true},
	{pkg: "internal/doortest", may: []string{"auth", "connector", "duty", "gateway", "lane", "search", "sms", "store/sqlite", "webhook"}},
	{pkg: "internal/dump", may: []string{"internal/pgtest"}},
	{pkg: "internal/oracle"},
	{pkg: "internal/origin", bare: true},
	{pkg: "internal/pgtest"},
	{pkg: "internal/recent", bare: true},
	{pkg: "internal/retry", bare: true},
	{pkg: "internal/snapshot"},
	{pkg: "internal/trial", bare: true},
	{pkg: "internal/wallclock", bare: true},
	{pkg: "docs"},   // the documents that the program shows, and tests of all
	{pkg: "deploy"}, // tests of what is deployed
}

func ruleFor(pkg string) (rule, bool) {
	for _, name := range []string{pkg, path.Dir(pkg) + "/*"} {
		at := slices.IndexFunc(table, func(r rule) bool { return r.pkg == name })
		if at >= 0 {
			return table[at], true
		}
	}
	return rule{}, false
}

// breach says why pkg may not import imported, or "".
func breach(pkg, imported string) string {
	r, ok := ruleFor(pkg)
	own, inside := strings.CutPrefix(imported, module+"/")
	outside := !inside && strings.Contains(strings.Split(imported, "/")[0], ".")
	switch {
	case !ok:
		return "the package has no line in the import table"
	case r.bare && outside:
		return "it may import the standard library only"
	case !inside || r.all || slices.Contains(r.may, own) || own == "reason" && !r.bare:
		return ""
	case len(r.may) == 0:
		return "it may import nothing of this project"
	default:
		return "it may import " + strings.Join(r.may, ", ")
	}
}

func TestImportsFollowTheTable(t *testing.T) {
	found := packages(t)
	for _, pkg := range sorted(found) {
		t.Run(pkg, func(t *testing.T) {
			if _, ok := ruleFor(pkg); !ok {
				t.Fatalf("package %s has no line in the table of internal/archtest/imports_test.go", pkg)
			}
			for _, file := range found[pkg] {
				for _, imported := range file.imports() {
					if file.test() {
						continue
					}
					if why := breach(pkg, imported); why != "" {
						t.Errorf("%s imports %s: %s", file.name, imported, why)
					}
				}
			}
		})
	}
}

// Even tests have one limit: the wired application is for programs and for
// tests from end to end, which live beside it; the console's have a world of their own, and
// the examples of the manual are run against a whole gateway.
func TestOnlyProgramsImportTheApplication(t *testing.T) {
	for pkg, files := range packages(t) {
		if pkg == "app" || strings.HasPrefix(pkg, "cmd/") || strings.HasPrefix(pkg, "e2e") ||
			pkg == "console/consoletest" || pkg == "console/browser" || pkg == "api/manual" {
			continue
		}
		for _, file := range files {
			if slices.Contains(file.imports(), module+"/app") {
				t.Errorf("%s imports app", file.name)
			}
		}
	}
}

func TestBreach(t *testing.T) {
	for _, tc := range []struct {
		name, pkg, imported string
		allowed             bool
	}{
		{"standard library", "sms", "log/slog", true},
		{"outside library in a bare package", "sms", "github.com/google/uuid", false},
		{"outside library elsewhere", "number", "github.com/nyaruka/phonenumbers", true},
		{"allowed import", "gateway", "relais/connector", true},
		{"a store from the gateway", "gateway", "relais/store/sqlite", false},
		{"the gateway from a provider", "connector/ovh", "relais/gateway", false},
		{"another provider", "connector/ovh", "relais/connector/sfrdmc", false},
		{"a provider's contract", "connector/ovh", "relais/connector", true},
		{"a provider from the door", "api", "relais/connector/ovh", false},
		{"the sandbox from production", "gateway", "relais/sandbox", false},
		{"anything from app", "app", "relais/store/sqlite", true},
		{"a package without a line", "util", "strings", false},
		{"deeper than the table", "connector/ovh/deep", "strings", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := breach(tc.pkg, tc.imported); (got == "") != tc.allowed {
				t.Errorf("breach(%s, %s) = %q, want allowed %v", tc.pkg, tc.imported, got, tc.allowed)
			}
		})
	}
}
