package bench

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"relais/sandbox/declared"
	"relais/sandbox/world"
)

const (
	// declaredOperator is the preset by which submit is measured: one call a message, as with OVH.
	declaredOperator = "brevo"
	// genericOperator is invented: what it wants, Kannel can say too.
	genericOperator = "generic"
)

//go:embed generic/*.toml
var generic embed.FS

// submitDeclared is submit through an operator that a declaration describes, in place of OVH's
// connector, which is written by hand.
func (s *session) submitDeclared(ctx context.Context, round int) (Run, error) {
	operator, err := startOperator(ctx, s.Declared...)
	if err != nil {
		return Run{}, err
	}
	defer operator.close()
	section := fmt.Sprintf("preset = %q\n", declaredOperator)
	return s.submitThrough(ctx, operator, declaredOperator, section, runDeclared, round)
}

// submitGeneric is submit through the invented operator.
func (s *session) submitGeneric(ctx context.Context, round int) (Run, error) {
	operator, err := s.startGeneric(ctx)
	if err != nil {
		return Run{}, err
	}
	defer operator.close()
	text, err := generic.ReadFile("generic/declaration.toml")
	if err == nil {
		err = os.WriteFile(filepath.Join(s.dir, "generic.toml"), text, 0o600)
	}
	if err != nil {
		return Run{}, fmt.Errorf("write a declaration: %w", err)
	}
	return s.submitThrough(ctx, operator, genericOperator, "declaration = \"generic.toml\"\n", runGeneric, round)
}

func (s *session) startGeneric(ctx context.Context) (*operator, error) {
	source := declared.Source{Name: genericOperator}
	var err, second error
	source.Declaration, err = generic.ReadFile("generic/declaration.toml")
	source.Exchanges, second = generic.ReadFile("generic/exchanges.toml")
	if err := errors.Join(err, second); err != nil {
		return nil, fmt.Errorf("read a declaration: %w", err)
	}
	return startOperator(ctx, source)
}

func (s *session) submitThrough(ctx context.Context, operator *operator, name, section, run string, round int) (Run, error) {
	if err := operator.sandbox.SetFault(world.Fault{Operator: name, Kind: world.FaultNoReceipt, Rate: 1}); err != nil {
		return Run{}, fmt.Errorf("the benchmark has no operator with a declaration: %w", err)
	}
	file, err := s.writeDeclared(operator, name, section)
	if err != nil {
		return Run{}, err
	}
	server, err := s.start(ctx, Child{Role: RoleGateway, Operator: operator.url, Config: file}, run, round)
	if err != nil {
		return Run{}, err
	}
	all := dueNow()
	for i := range all {
		all[i].body = bytes.Replace(all[i].body, []byte(`"connector":"ovh"`), []byte(`"connector":"`+name+`"`), 1)
	}
	l, err := server.inFlight(ctx, operator.tally, all)
	return server.finish(ctx, l, err, func() error {
		return errors.Join(stored(ctx, server.database(), l.ids, "submitted"), onHandsetsOnce(operator.sandbox, l.ids))
	})
}

// writeDeclared writes a configuration with the limits that the simulated OVH has.
func (s *session) writeDeclared(o *operator, name, section string) (string, error) {
	account := o.sandbox.Operators()[name]
	var text strings.Builder
	fmt.Fprintf(&text, "[connector.%[1]s]\nprovider = \"http\"\n%[3]saccount = \"sandbox\"\nbase_url = %[2]q\n"+
		"calls_per_second = 10000\nconcurrency = 64\n", name, o.url+declared.Prefix+name, section)
	for _, key := range slices.Sorted(maps.Keys(account.Settings)) {
		fmt.Fprintf(&text, "%s = %q\n", key, account.Settings[key])
	}
	file := filepath.Join(s.dir, name+"-gateway.toml")
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
