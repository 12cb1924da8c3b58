//go:build pack

package deploy

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestContainerRoot puts together what Containerfile copies, and runs the program
// in it without any container engine.
func TestContainerRoot(t *testing.T) {
	built, c := imageRoot(t), recipe(t)
	c.root = filepath.Join(built, "root")
	data := filepath.Join(c.root, "var/lib/relais")
	if err := os.Rename(filepath.Join(built, "data/relais"), data); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		if err := os.Chown(data, imageUser, imageUser); err != nil {
			t.Fatal(err)
		}
	}
	c.holds(t)
	c.runs(t)
}

// TestEveryBuildIsTheSame: what is tested is what is shipped.
func TestEveryBuildIsTheSame(t *testing.T) {
	want := regexp.MustCompile(
		`CGO_ENABLED=0 go build -trimpath -ldflags=['"]-s -w -X main.release=\S+ \$\S+['"] -o `,
	)
	for _, file := range []string{"../Makefile", "../scripts/deb", "../scripts/image-root"} {
		if !want.MatchString(read(t, file)) {
			t.Errorf("%s does not build with %q", file, want)
		}
	}
}
