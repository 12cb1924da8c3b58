//go:build buildah

package deploy

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestContainerfile has buildah build the container, and runs the program in it. The
// build stage is replaced by a directory that its own script made, so that no image
// comes from a network.
func TestContainerfile(t *testing.T) {
	if os.Getuid() != 0 {
		t.Fatal("buildah without a container engine's set-up needs root: run `make image-test` as root")
	}
	built, store := imageRoot(t), t.TempDir()
	stage := filepath.Join(t.TempDir(), "stage")
	if err := os.Mkdir(stage, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(built, filepath.Join(stage, "image")); err != nil {
		t.Fatal(err)
	}
	buildah := func(args ...string) string {
		t.Helper()
		stored := []string{
			"--root", filepath.Join(store, "root"), "--runroot", filepath.Join(store, "run"),
			"--storage-driver", "vfs",
		}
		command := exec.CommandContext(t.Context(), "buildah", append(stored, args...)...)
		var problems strings.Builder
		command.Stderr = &problems
		said, err := command.Output()
		if err != nil {
			t.Fatalf("buildah %s: %v\n%s", strings.Join(args, " "), err, problems.String())
		}
		return strings.TrimSpace(string(said))
	}
	buildah("build", "--isolation", "chroot", "--build-context", "build="+stage, "--tag", "relais", "--file",
		"../Containerfile", "..")

	var image struct {
		OCIv1 struct {
			Config struct {
				User, WorkingDir     string
				Env, Entrypoint, Cmd []string
				Volumes              map[string]struct{}
			}
		}
	}
	if err := json.Unmarshal([]byte(buildah("inspect", "--type", "image", "relais")), &image); err != nil {
		t.Fatal(err)
	}
	config := image.OCIv1.Config
	if _, there := config.Volumes["/var/lib/relais"]; !there || config.WorkingDir != "/var/lib/relais" ||
		!slices.Equal(config.Cmd, []string{"serve"}) {
		t.Errorf("the container's process is %+v", config)
	}
	c := container{user: config.User, env: config.Env, args: config.Entrypoint}
	c.root = buildah("mount", buildah("from", "localhost/relais"))
	c.holds(t)
	c.runs(t)
}
