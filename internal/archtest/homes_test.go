package archtest

import (
	"go/ast"
	"maps"
	"testing"
)

// homeless are the files that make ids of no account, each with the reason. Every other id
// carries the bucket of its account (sms.BucketOf), by which its row is found when there
// are several databases. What lies beside them needs none: keys and applications, users
// and their sessions are found before an account is known.
var homeless = map[string]string{
	"lane/set.go":                          "the breaker of a connector is told to every account",
	"store/table/credit.go":                "so is an operator's credit",
	"store/table/pauses.go":                "so is a pause; it stands in the audit of the gateway",
	"store/table/table.go":                 "a bound in a statement that a test looks at",
	"connector/connectortest/abilities.go": "messages that nobody stores",
	"connector/connectortest/bench.go":     "messages that nobody stores",
	"bench/bare.go":                        "a handler without a store, to be measured against",
}

func TestIDsOfAccountsCarryTheirBucket(t *testing.T) {
	found, unused := packages(t), maps.Clone(homeless)
	for _, pkg := range sorted(found) {
		if pkg == "sms" || pkg == "store/storetest" {
			continue
		}
		for _, file := range found[pkg] {
			if file.test() {
				continue
			}
			ast.Inspect(file.syntax, func(n ast.Node) bool {
				call, ok := n.(*ast.SelectorExpr)
				if !ok || call.Sel.Name != "NewID" {
					return true
				}
				if of, ok := call.X.(*ast.Ident); !ok || of.Name != "sms" {
					return true
				}
				delete(unused, file.name)
				if homeless[file.name] == "" {
					t.Errorf("%s makes an id without a bucket: ask sms.BucketOf of its account, or say here why",
						file.at(call.Pos()))
				}
				return true
			})
		}
	}
	for name := range unused {
		t.Errorf("%s makes no id without a bucket any more", name)
	}
}
