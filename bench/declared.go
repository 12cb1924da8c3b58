package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"relais/sandbox/world"
)

// declaredOperator is the preset by which submit is measured: one call a message, as with OVH.
const declaredOperator = "brevo"

// submitDeclared is submit through an operator that a declaration describes, in place of OVH's
// connector, which is written by hand.
func (s *session) submitDeclared(ctx context.Context, round int) (Run, error) {
	operator, err := startOperator(ctx, s.Declared...)
	if err != nil {
		return Run{}, err
	}
	defer operator.close()
	if err := operator.sandbox.SetFault(world.Fault{Operator: declaredOperator, Kind: world.FaultNoReceipt, Rate: 1}); err != nil {
		return Run{}, fmt.Errorf("the benchmark has no operator with a declaration: %w", err)
	}
	file, err := s.writeDeclared(operator)
	if err != nil {
		return Run{}, err
	}
	server, err := s.start(ctx, Child{Role: RoleGateway, Operator: operator.url, Config: file}, runDeclared, round)
	if err != nil {
		return Run{}, err
	}
	all := dueNow()
	for i := range all {
		all[i].body = bytes.Replace(all[i].body, []byte(`"connector":"ovh"`), []byte(`"connector":"`+declaredOperator+`"`), 1)
	}
	l, err := server.inFlight(ctx, operator.tally, all)
	return server.finish(ctx, l, err, func() error {
		return errors.Join(stored(ctx, server.database(), l.ids, "submitted"), onHandsetsOnce(operator.sandbox, l.ids))
	})
}

// writeDeclared writes a configuration with the limits that the simulated OVH has.
func (s *session) writeDeclared(o *operator) (string, error) {
	account := o.sandbox.Operators()[declaredOperator]
	var text strings.Builder
	fmt.Fprintf(&text, "[connector.%[1]s]\nprovider = \"http\"\npreset = %[1]q\naccount = \"sandbox\"\nbase_url = %[2]q\n"+
		"calls_per_second = 10000\nconcurrency = 64\n", declaredOperator, o.url+"/operator/"+declaredOperator)
	for _, key := range slices.Sorted(maps.Keys(account.Settings)) {
		fmt.Fprintf(&text, "%s = %q\n", key, account.Settings[key])
	}
	file := filepath.Join(s.dir, "declared.toml")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		return "", fmt.Errorf("write the section of an operator: %w", err)
	}
	return file, nil
}

// costsAgainst sets the processor time of each run of a name over that of another name in its round.
func costsAgainst(name, other string) func([]Run) []one {
	return func(runs []Run) []one {
		others := figures(runs, other, func(r Run) float64 { return r.ServerUS })
		var found []one
		for i, f := range figures(runs, name, func(r Run) float64 { return r.ServerUS }) {
			found = append(found, one{f.value / others[i].value, f.run})
		}
		return found
	}
}
