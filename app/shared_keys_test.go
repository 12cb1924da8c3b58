package app_test

import (
	"reflect"
	"slices"
	"testing"

	"relais/app"
	"relais/config"
)

// A provider may have a limit of its own under the key that every instance has; any other key that both
// have would mean two things in one line of the file.
func TestProvidersShareLimitsAlone(t *testing.T) {
	limits := []string{"calls_per_second", "segments_per_second", "concurrency", "max_batch", "timeout", "poll_every"}
	common := keysOf(reflect.TypeFor[config.Connector]())
	for _, p := range app.Providers() {
		for _, key := range keysOf(reflect.TypeOf(p.NewConfig()).Elem()) {
			if slices.Contains(common, key) && !slices.Contains(limits, key) {
				t.Errorf("%s has a key %s, which means something else in every instance", p.Name, key)
			}
		}
	}
}

func keysOf(table reflect.Type) []string {
	var keys []string
	for field := range table.Fields() {
		if key := field.Tag.Get("toml"); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}
