//go:build pack

package deploy

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// machine is a directory that a package is installed into as if it were the root
// of a machine. Maintainer scripts run outside of it and are told by DPKG_ROOT,
// so that nothing of this machine changes and no chroot is needed.
type machine struct {
	t    *testing.T
	root string
	fake string // who owns what, for fakeroot; empty: we are root
}

func newMachine(t *testing.T, installed ...string) *machine {
	t.Helper()
	m := &machine{t: t, root: t.TempDir()}
	status := ""
	for _, name := range installed {
		status += "Package: " + name +
			"\nStatus: install ok installed\nMaintainer: nobody\nArchitecture: all\nVersion: 1\nDescription: stands for the real one\n\n"
	}
	for name, text := range map[string]string{
		"etc/passwd": "root:x:0:0:root:/root:/bin/bash\n", "etc/group": "root:x:0:\n",
		"etc/shadow":  "root:*:19000::::::\n",
		"etc/gshadow": "root:*::\n", "etc/login.defs": "SYS_UID_MIN 100\nSYS_UID_MAX 999\nSYS_GID_MIN 100\nSYS_GID_MAX 999\n",
		"var/lib/dpkg/status": status, "var/lib/dpkg/available": "", "var/lib/dpkg/info/format": "1\n",
		"var/lib/dpkg/updates/.keep": "", "var/lib/dpkg/triggers/.keep": "", "var/log/.keep": "",
	} {
		m.write(name, text)
	}
	for _, keep := range []string{"var/lib/dpkg/updates/.keep", "var/lib/dpkg/triggers/.keep"} {
		if err := os.Remove(m.path(keep)); err != nil {
			t.Fatal(err)
		}
	}
	if os.Getuid() != 0 {
		m.fake = filepath.Join(t.TempDir(), "owners")
		if err := os.WriteFile(m.fake, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func (m *machine) path(name string) string { return filepath.Join(m.root, name) }

func (m *machine) write(name, text string) {
	m.t.Helper()
	if err := os.MkdirAll(filepath.Dir(m.path(name)), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(m.path(name), []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) run(name string, args ...string) string {
	m.t.Helper()
	if m.fake != "" {
		name, args = "fakeroot", append([]string{"-i", m.fake, "-s", m.fake, "--", name}, args...)
	}
	return output(m.t, name, args...)
}

func (m *machine) dpkg(args ...string) string {
	m.t.Helper()
	return m.run("dpkg", append([]string{"--root=" + m.root, "--force-script-chrootless", "--force-confold"},
		args...)...)
}

func (m *machine) has(name string) bool {
	m.t.Helper()
	_, err := os.Lstat(m.path(name))
	if err != nil && !os.IsNotExist(err) {
		m.t.Fatal(err)
	}
	return err == nil
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	t.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin") // what dpkg insists on
	command := exec.CommandContext(t.Context(), name, args...)
	said, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, said)
	}
	return string(said)
}

// makePackage builds the package and returns its path.
func makePackage(t *testing.T, version string) string {
	t.Helper()
	t.Setenv("VERSION", version)
	command := exec.CommandContext(t.Context(), "../scripts/deb", t.TempDir())
	var problems bytes.Buffer
	command.Stderr = &problems
	file, err := command.Output()
	if err != nil {
		t.Fatalf("scripts/deb: %v\n%s", err, problems.String())
	}
	return strings.TrimSpace(string(file))
}

// TestPackage builds the package, the same each time, so that whoever builds a commit can compare it with what was
// published; then it installs, upgrades, removes and purges it, and runs the program from it.
func TestPackage(t *testing.T) {
	first, again, second := makePackage(t, "1.0.0"), makePackage(t, "1.0.0"), makePackage(t, "1.0.1")
	if read(t, first) != read(t, again) {
		t.Error("two builds of one commit differ")
	}
	m := newMachine(t, "systemd", "ca-certificates")
	m.dpkg("--install", first)
	m.holds()
	m.hasLinks()
	m.runs()
	if users := read(t, m.path("etc/passwd")); !strings.Contains(
		users, ":/var/lib/relais:/usr/sbin/nologin\n",
	) {
		t.Errorf("no user relais that cannot log in:\n%s", users)
	}

	settings := m.path("etc/relais/relais.toml")
	changed := read(t, settings) + "\n[log]\nlevel = \"debug\"\n"
	m.write("etc/relais/relais.toml", changed)
	m.dpkg("--install", second)
	if said := m.dpkg("--status", "relais"); !strings.Contains(said, "\nVersion: 1.0.1\n") {
		t.Errorf("after an upgrade:\n%s", said)
	}
	if read(t, settings) != changed || !m.has("var/lib/relais/relais.db") ||
		strings.Count(read(t, m.path("etc/passwd")), "\nrelais:") != 1 {
		t.Error("the upgrade did not keep the configuration, the data and the one user")
	}
	m.holds()

	m.dpkg("--remove", "relais")
	if m.has("usr/bin/relais") || m.has("usr/lib/systemd/system/relais.service") ||
		!m.has("etc/relais/relais.toml") || !m.has("var/lib/relais/relais.db") {
		t.Error("a removal takes the program and the unit, and leaves configuration and data")
	}
	m.write("etc/relais/ovh-secret", "hush")
	m.dpkg("--purge", "relais")
	if m.has("etc/relais/relais.toml") || m.has("var/lib/relais") || !m.has("etc/relais/ovh-secret") {
		t.Error("a purge takes configuration and data, and leaves what somebody else put there")
	}
}

// holds compares what the package brought, its own documents aside, with owners
// and modes.
func (m *machine) holds() {
	m.t.Helper()
	want := map[string]string{
		"etc/relais":                            "root relais 750",
		"etc/relais/relais.toml":                "root relais 640",
		"var/lib/relais":                        "relais relais 700",
		"usr/bin/relais":                        "root root 755",
		"usr/lib/systemd/system/relais.service": "root root 644",
		"usr/lib/sysusers.d/relais.conf":        "root root 644",
		"usr/share/man/man1/relais.1.gz":        "root root 644",
		"usr/share/doc/relais":                  "root root 755",
		"usr/share/doc/relais/LICENSES":         "root root 644",
		"usr/share/doc/relais/copyright":        "root root 644",
		"usr/share/doc/relais/docs/api.md":      "root root 644",
		"usr/share/relais/prometheus":           "root root 755",
		"usr/share/relais/grafana/relais.json":  "root root 644",
	}
	for name, owner := range want {
		m.ownedBy(owner, name)
	}
}

// runs has the program that was installed check the configuration that was
// installed, and serve with it.
func (m *machine) runs() {
	m.t.Helper()
	program, settings := m.path("usr/bin/relais"), m.path("etc/relais/relais.toml")
	if said := output(m.t, program, "version"); !strings.HasPrefix(said, "relais 1.0.0 (commit ") ||
		strings.Contains(said, "unknown") {
		m.t.Errorf("relais version says %q", said)
	}
	if said := output(
		m.t, program, "config", "check", "--config", settings,
	); !strings.Contains(said, `data = "/var/lib/relais"`) {
		m.t.Errorf("the packaged configuration does not put the data into /var/lib/relais:\n%s", said)
	}
	gateway, data := exec.Command(program, "serve", "--config", settings, "--data", m.path("var/lib/relais"),
		"--listen", "127.0.0.1:0"), ""
	m.t.Run("serve", func(t *testing.T) {
		get(t, serve(t, gateway)+"/readyz")
		data = read(t, m.path("var/lib/relais/relais.db"))
	})
	if data == "" {
		m.t.Error("the gateway wrote no database")
	}
}

// ownedBy compares owner, group and mode of a file, by the names of the machine.
func (m *machine) ownedBy(want, name string) {
	m.t.Helper()
	fields := strings.Fields(m.run("stat", "--format", "%u %g %a", m.path(name)))
	got := m.named("etc/passwd", fields[0]) + " " + m.named("etc/group", fields[1]) + " " + fields[2]
	if got != want {
		m.t.Errorf("%s is %s, want %s", name, got, want)
	}
}

// named finds the name of an id.
func (m *machine) named(file, id string) string {
	m.t.Helper()
	for line := range strings.Lines(read(m.t, m.path(file))) {
		if fields := strings.Split(strings.TrimSpace(line), ":"); len(fields) > 2 && fields[2] == id {
			return fields[0]
		}
	}
	return id
}

// hasLinks follows every symbolic link of the package within the machine.
func (m *machine) hasLinks() {
	m.t.Helper()
	links := 0
	err := filepath.WalkDir(m.path("usr"), func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type()&fs.ModeSymlink == 0 {
			return err
		}
		links++
		target, err := os.Readlink(name)
		if err != nil {
			return err
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(strings.TrimPrefix(filepath.Dir(name), m.root), target)
		}
		if !m.has(target) {
			m.t.Errorf("%s leads to %s, which is not there", name, target)
		}
		return nil
	})
	if err != nil {
		m.t.Error(err)
	}
	if links != 2 {
		m.t.Errorf("%d links, want 2", links)
	}
}
