//go:build pack || buildah

package deploy

import (
	"crypto/x509"
	"debug/buildinfo"
	"debug/elf"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// imageUser is the number that the container's process has.
const imageUser = 65532

// container is a directory that holds what a container holds and nothing else.
type container struct {
	root, user string
	env, args  []string
}

// command starts the container's program in the container's root, as its user. A
// test without root's rights gets a name space of its own for that.
func (c container) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	command := exec.Command(c.args[0], append(slices.Clone(c.args[1:]), args...)...)
	command.Dir, command.Env = "/var/lib/relais", c.env
	command.SysProcAttr = &syscall.SysProcAttr{Chroot: c.root}
	if c.user != "65532:65532" {
		t.Errorf("the container runs as %s", c.user)
	}
	if os.Getuid() == 0 {
		command.SysProcAttr.Credential = &syscall.Credential{Uid: imageUser, Gid: imageUser}
		return command
	}
	command.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
	command.SysProcAttr.UidMappings = []syscall.SysProcIDMap{
		{ContainerID: imageUser, HostID: os.Getuid(), Size: 1},
	}
	command.SysProcAttr.GidMappings = []syscall.SysProcIDMap{
		{ContainerID: imageUser, HostID: os.Getgid(), Size: 1},
	}
	return command
}

// runs does what a container must: serve as nobody, with time zones, and trust the
// roots that came with it and no others.
func (c container) runs(t *testing.T) {
	t.Helper()
	effective, err := c.command(t, "config", "check").CombinedOutput()
	for _, want := range []string{`listen = "0.0.0.0:8080"`, `data = "/var/lib/relais"`} {
		if !strings.Contains(string(effective), want) {
			t.Errorf("the container's configuration has no %s: %v\n%s", want, err, effective)
		}
	}
	url := serve(t, c.command(t, "serve", "--sandbox", "--listen", "127.0.0.1:0",
		"--sandbox-listen", "127.0.0.1:0"))
	get(t, url+"/readyz") // the simulated operators would not start without the zone of Paris
	keys := c.command(t, "keys", "create", "--account", "default", "--name", "test")
	if said, err := keys.CombinedOutput(); err != nil {
		t.Errorf("relais keys create beside the gateway: %v\n%s", err, said)
	}

	operator := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"items":[]}`))
	}))
	// it tells of the handshake that must fail
	operator.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	operator.StartTLS()
	defer operator.Close()
	c.env = append(slices.Clone(c.env), "RELAIS_URL="+operator.URL, "RELAIS_KEY=any")
	if said, err := c.command(t, "messages").CombinedOutput(); err == nil ||
		!strings.Contains(string(said), "certificate") {
		t.Errorf("a certificate that nobody vouches for: %v\n%s", err, said)
	}
	trusted := filepath.Join(c.root, "etc/ssl/certs/ca-certificates.crt")
	roots := read(t, trusted)
	if !x509.NewCertPool().AppendCertsFromPEM([]byte(roots)) ||
		strings.Count(roots, "BEGIN CERTIFICATE") < 50 {
		t.Errorf("%s holds few roots", trusted)
	}
	one := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: operator.Certificate().Raw})
	if err := os.WriteFile(trusted, append([]byte(roots), one...), 0o644); err != nil {
		t.Fatal(err)
	}
	if said, err := c.command(t, "messages").CombinedOutput(); err != nil {
		t.Errorf("a certificate that a root of the container vouches for: %v\n%s", err, said)
	}
}

// holds compares the files of a container with what may be there.
func (c container) holds(t *testing.T) {
	t.Helper()
	for name, want := range map[string]string{
		"usr/bin/relais": "-rwxr-xr-x", "etc/ssl/certs/ca-certificates.crt": "-rw-r--r--",
		"usr/share/doc/relais/LICENSES": "-rw-r--r--",
		"etc/relais":                    "drwxr-xr-x", "var/lib": "drwxr-xr-x",
		"var/lib/relais": "drwx------",
	} {
		info, err := os.Stat(filepath.Join(c.root, name))
		if err != nil || info.Mode().String() != want {
			t.Errorf("%s: %v, want mode %s", name, err, want)
		}
	}
	for _, other := range []string{"bin", "lib", "usr/bin/sh", "usr/share/zoneinfo", "src"} {
		if _, err := os.Stat(filepath.Join(c.root, other)); err == nil {
			t.Errorf("%s is there, and only the program should be", other)
		}
	}
	info, err := buildinfo.ReadFile(filepath.Join(c.root, "usr/bin/relais"))
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if settings["CGO_ENABLED"] != "0" || settings["-trimpath"] != "true" || settings["-tags"] != "" {
		t.Errorf("the program is not built as `make build` does it: %v", settings)
	}
	// With -trimpath a program does not tell its -ldflags.
	program, err := elf.Open(filepath.Join(c.root, "usr/bin/relais"))
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	if program.Section(".symtab") != nil || program.Section(".debug_info") != nil {
		t.Error("the program has symbols: it is not built as `make build` does it")
	}
}

var (
	recipeEnv  = regexp.MustCompile(`(RELAIS_[A-Z]+=\S+)`)
	recipeUser = regexp.MustCompile(`(?m)^USER (\S+)$`)
	recipeArgs = regexp.MustCompile(`(?m)^ENTRYPOINT \["([^"]+)"\]$`)
)

// recipe reads what Containerfile says of the process.
func recipe(t *testing.T) container {
	t.Helper()
	text := read(t, "../Containerfile")
	user, entry := recipeUser.FindStringSubmatch(text), recipeArgs.FindStringSubmatch(text)
	env := recipeEnv.FindAllString(text, -1)
	if user == nil || entry == nil || len(env) != 2 {
		t.Fatalf("Containerfile names user %q, program %q, environment %q", user, entry, env)
	}
	return container{user: user[1], args: entry[1:], env: env}
}

// imageRoot makes what the build stage of Containerfile makes.
func imageRoot(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "image")
	if said, err := exec.CommandContext(
		t.Context(), "../scripts/image-root", out,
	).CombinedOutput(); err != nil {
		t.Fatalf("scripts/image-root: %v\n%s", err, said)
	}
	return out
}
