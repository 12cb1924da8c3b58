package config_test

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"relais/config"
	"relais/connector"
	"relais/door/kannel"
	"relais/door/ovh"
	"relais/reason"
	"relais/sms"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func write(t *testing.T, name, content string, mode os.FileMode) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
	return name
}

func TestDefaultsNeedNoFile(t *testing.T) {
	got, err := config.Load("", noEnvironment, providers())
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Listen: "127.0.0.1:8080", Data: "./relais-data", SandboxListen: "127.0.0.1:8081",
		TrustedProxies:  []string{"127.0.0.0/8", "::1"},
		KeepAuditMonths: 12, StopTimeout: 30 * time.Second, Lease: 10 * time.Second,
		Log:           config.Log{Level: "info", Format: "text"},
		Limits:        config.Limits{Segments: 10, Recipients: 10_000, Backlog: 5_000_000},
		Currency:      "EUR",
		Doubt:         config.Doubt{OTP: "hold"},
		Accessibility: config.Accessibility{Conformity: "none"},
		Receipts:      config.Receipts{OTP: time.Hour, Transactional: 72 * time.Hour, Marketing: 72 * time.Hour},
		Health: config.Health{
			ErrorRate: 0.5, Least: 10, ReceiptDelay: 10 * time.Minute, ProbeEvery: 30 * time.Second,
		},
		Webhooks: config.Webhooks{Timeout: 10 * time.Second, Concurrency: 16},
		Credit:   config.Credit{CheckEvery: 5 * time.Minute, RemindEvery: 24 * time.Hour},
		Traces:   config.Traces{Sample: 1, Header: "Authorization"},
		Mail:     config.Mail{TLS: "starttls", Language: "fr"},
		OIDC: config.OIDC{
			ClientAuth: "auto", PKCE: "auto", Local: true, Scopes: []string{"openid", "email", "profile"},
		},
		Doors:  map[string]map[string]any{"passerelle": {}, "kannel": {}, "alertmanager": {}, "ovh": {}},
		Digest: digest(nil),
	}
	if diff := cmp.Diff(
		want, got, cmpopts.IgnoreUnexported(config.Config{}), cmpopts.EquateEmpty(),
	); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	wantAccount := config.Account{
		DefaultRegion: "FR", DefaultClass: sms.Transactional,
		FixedLines: "abroad", SenderPunctuation: true, KeepFileDays: 7, ApproveAboveRows: -1, Typography: "keep", OptOutScope: "account", Weight: 1,
	}
	if diff := cmp.Diff(wantAccount, got.Account("anybody")); diff != "" {
		t.Errorf("account without a section (-want +got):\n%s", diff)
	}
}

// digest is the beginning of a file's SHA-256.
func digest(file []byte) string { return fmt.Sprintf("%x", sha256.Sum256(file))[:12] }

func TestLoadReadsEveryKindOfValue(t *testing.T) {
	file, err := os.ReadFile("testdata/full.toml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := config.Load("testdata/full.toml", noEnvironment, providers())
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		TrustedProxies: []string{"127.0.0.0/8", "::1"},
		Listen:         ":80", Data: "/var/lib/relais", Sandbox: true, SandboxListen: "127.0.0.1:9001",
		KeepAuditMonths: 12, StopTimeout: 90 * time.Second, Lease: 10 * time.Second, DefaultConnector: "nevermore",
		Currency: "EUR",
		Log:      config.Log{Level: "debug", Format: "json"},
		Limits:   config.Limits{Segments: 4, Recipients: 500, Backlog: 1_000},

		Doubt:         config.Doubt{OTP: "hold"},
		Accessibility: config.Accessibility{Conformity: "none"},
		Receipts: config.Receipts{
			OTP: 5 * time.Minute, Transactional: 72 * time.Hour, Marketing: 72 * time.Hour,
		},
		Health: config.Health{
			ErrorRate: 1, Least: 3, ReceiptDelay: 90 * time.Second, ProbeEvery: 30 * time.Second,
		},
		Webhooks: config.Webhooks{
			Allow: []string{"loopback", "private"}, Timeout: 10 * time.Second, Concurrency: 8,
		},
		Credit: config.Credit{CheckEvery: time.Minute, RemindEvery: 24 * time.Hour},
		Traces: config.Traces{
			Endpoint: "https://collector.town.example", Sample: 0.1, Header: "x-api-key", Token: "letmein",
		},
		OIDC: config.OIDC{
			ClientAuth: "auto", PKCE: "auto", Local: true, Scopes: []string{"openid", "email", "profile"},
		},
		Mail: config.Mail{
			Server: "smtp.town.example:465", TLS: "tls", Password: "letmein", From: "relais@town.example",
			To: []string{"it@town.example", "Night shift <night@town.example>"}, Language: "en",
		},
		Routes: []config.Route{
			{
				Name: "codes", Connectors: []string{"white-birds", "nevermore"}, Weights: []int{2, 1},
				Class:        []sms.Class{sms.OTP},
				SecondChance: 20 * time.Second,
			},
			{Name: "elsewhere", Connectors: []string{"nevermore"}, Family: []string{"fr-overseas", "gb"}, Country: []string{"RE"}},
		},
		Replies: []config.Reply{{Name: "hours", Keyword: []string{"HORAIRES"}, Text: "Ouvert."}},
		Accounts: map[string]config.Account{
			"town-hall": {
				DefaultRegion: "RE", DefaultSender: "TownHall", DefaultClass: sms.Transactional,
				DefaultConnector: "ovh", FixedLines: "abroad", SenderPunctuation: true, KeepFileDays: 7, ApproveAboveRows: -1,
				Typography: "keep", OptOutScope: "sender", Weight: 1,
			},
			"shop": {
				DefaultRegion: "FR", DefaultSender: "36111", DefaultClass: sms.Marketing,
				FixedLines: "abroad", SenderPunctuation: true, KeepFileDays: 7, ApproveAboveRows: -1,
				Typography: "keep", OptOutScope: "account", Weight: 1,
			},
		},
		Doors: map[string]map[string]any{"passerelle": {}, "kannel": {
			"tester": &kannel.Section{
				Password: "letmein", Account: "town-hall", AllowFrom: []string{"127.0.0.1", "2001:db8::/32"},
				Connector:   "nevermore",
				UrgentClass: sms.OTP, Numbers: "international",
			},
		}, "alertmanager": {}, "ovh": {
			"town-hall": &ovh.Section{
				Senders: []string{"TownHall", "36111"}, Credits: 250,
				ClockTolerance: 5 * time.Minute, BareNumbers: true,
			},
		}},
		Connectors: []config.Connector{
			{
				Name: "white-birds", Provider: "pigeon", CallsPerSecond: new(2.5), Concurrency: new(4),
				MaxBatch: new(7), Timeout: new(20 * time.Second),
				Section: &pigeon{
					Endpoint: "https://loft.example", Key: "letmein", Ring: "it's \"me\"",
					Depart: 90 * time.Minute, MaxBatch: 7, Speed: 20,
					Colours: []string{"white", "grey"}, Headers: map[string]string{"X-Loft": "3"},
					Homing: true, hidden: "not a key",
				},
			},
			{Name: "nevermore", Provider: "raven", Account: "town-hall", CreditAlert: new(100.0), SegmentsPerSecond: new(3.0), Section: &raven{Name: "Huginn"}},
		},
		Digest: digest(file),
	}
	if diff := cmp.Diff(
		want, got, cmpopts.IgnoreUnexported(config.Config{}), cmp.AllowUnexported(pigeon{}),
	); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
	if conn, ok := got.Connector("nevermore"); !ok || conn.Provider != "raven" {
		t.Errorf("Connector(nevermore) = %v, %v", conn, ok)
	}
	if conn, ok := got.Connector("none"); ok {
		t.Errorf("Connector(none) = %v", conn)
	}
}

func TestBadFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.toml")
	if err != nil || len(files) < 10 {
		t.Fatalf("files = %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".toml"), func(t *testing.T) {
			_, err := config.Load(file, noEnvironment, providers())
			if err == nil {
				t.Fatal("loads")
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Error("the error shows a secret")
			}
			golden(t, strings.TrimSuffix(file, ".toml")+".golden", err.Error()+"\n")
		})
	}
}

func TestPrecedence(t *testing.T) {
	file := write(t, "relais.toml", `
listen = "127.0.0.1:1"
stop_timeout = "1s"
[limits]
segments = 3
[connector.white-birds]
provider = "pigeon"
key = "from-file"
homing = false
`, 0o600)
	got, err := config.Load(file, environment(map[string]string{
		"RELAIS_LISTEN":                         "127.0.0.1:2",
		"RELAIS_STOP_TIMEOUT":                   "", // set to nothing: unset
		"RELAIS_SANDBOX":                        "1",
		"RELAIS_LIMITS_RECIPIENTS":              "12",
		"RELAIS_LOG_LEVEL":                      "warn",
		"RELAIS_CONNECTOR_WHITE_BIRDS_KEY":      "from-environment",
		"RELAIS_CONNECTOR_WHITE_BIRDS_TIMEOUT":  "7s",
		"RELAIS_CONNECTOR_WHITE_BIRDS_HOMING":   "true",
		"RELAIS_CONNECTOR_WHITE_BIRDS_SPEED":    "12.5",
		"RELAIS_CONNECTOR_WHITE_BIRDS_COLOURS":  "white, grey",
		"RELAIS_CONNECTOR_WHITE_BIRDS_PROVIDER": "raven", // a table's provider is fixed
	}), providers())
	if err != nil {
		t.Fatal(err)
	}
	bird := got.Connectors[0].Section.(*pigeon)
	for _, tc := range []struct {
		name      string
		got, want any
	}{
		{"default", got.Data, "./relais-data"},
		{"file over default", got.Limits.Segments, 3},
		{"environment over file", got.Listen, "127.0.0.1:2"},
		{"empty environment", got.StopTimeout, time.Second},
		{"boolean", got.Sandbox, true},
		{"number in a table", got.Limits.Recipients, 12},
		{"word in a table", got.Log.Level, "warn"},
		{"secret", bird.Key.Reveal(), "from-environment"},
		{"common key", *got.Connectors[0].Timeout, 7 * time.Second},
		{"boolean of a provider", bird.Homing, true},
		{"decimals", bird.Speed, 12.5},
		{"list", bird.Colours, []string{"white", "grey"}},
		{"provider", got.Connectors[0].Provider, "pigeon"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBadEnvironment(t *testing.T) {
	file := write(t, "relais.toml", `
[connector.a]
provider = "pigeon"
key = "x"
[connector.a-max]
provider = "batching"
`, 0o600)
	type batching struct {
		Batch int `toml:"batch"`
	}
	withTwin := providers()
	withTwin.Connectors = append(withTwin.Connectors,
		connector.Provider{Name: "batching", NewConfig: func() any { return &batching{} }})
	_, err := config.Load(file, environment(map[string]string{
		"RELAIS_LOG_LEVEL":             "loud",
		"RELAIS_STOP_TIMEOUT":          "5",
		"RELAIS_SANDBOX":               "perhaps",
		"RELAIS_DATABASE":              "postgres://relais:hunter2@db/relais",
		"RELAIS_CONNECTOR_A_KEY":       "hunter2 x",
		"RELAIS_CONNECTOR_A_MAX_BATCH": "2",
	}), withTwin)
	if err == nil {
		t.Fatal("loads")
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Error("the error shows a secret")
	}
	golden(t, "testdata/environment.golden", err.Error()+"\n")
}

func TestSecretFile(t *testing.T) {
	const head = "[connector.birds]\nprovider = \"pigeon\"\n"
	open := write(t, "open", "hunter2\n", 0o644)
	closed := write(t, "closed", "hunter2\r\n", 0o600)
	empty := write(t, "empty", "\n", 0o600)
	long := write(t, "long", strings.Repeat("x", 70_000), 0o600)
	for _, tc := range []struct {
		name, keys, want, warning string
	}{
		{"read", "key_file = '" + closed + "'", "", ""},
		{"world-readable", "key_file = '" + open + "'", "", "chmod o-r"},
		{"empty", "key_file = '" + empty + "'", ":3:1: connector.birds.key_file: the file is empty", ""},
		{"absent", "key_file = '/none/hunter2'", ":3:1: connector.birds.key_file: cannot be read: no such file or directory", ""},
		{"a directory", "key_file = '/'", ":3:1: connector.birds.key_file: is not a regular file", ""},
		{"too long", "key_file = '" + long + "'", ":3:1: connector.birds.key_file: is longer than 65536 bytes, which is no secret", ""},
		{"both", "key_file = '" + closed + "'\nkey = 'hunter2'", ":3:1: connector.birds.key_file: key is set too, on line 4; keep one", ""},
		{"marks of Windows", "key_file = '" + write(t, "bom", "\ufeffhunter2 \r\n\r\n", 0o600) + "'", "", ""},
		{"UTF-16", "key_file = '" + write(t, "utf16", "\xff\xfeh\x00u\x00n\x00t\x00e\x00r\x002\x00\n\x00", 0o600) + "'", "", ""},
		{"in quotes", "key_file = '" + write(t, "quoted", "\"hunter2\"\n", 0o600) + "'", ":3:1: connector.birds.key_file: it stands in quotes, which would count as part of it; take them away", ""},
		{"two lines", "key_file = '" + write(t, "two", "hunter2\nhunter3\n", 0o600) + "'", ":3:1: connector.birds.key_file: it has several lines; a secret is one line", ""},
		{"white space in the value", "key = ' hunter2\t'", "", ""},
		{"not a path", "key_file = 7", ":3:1: connector.birds.key_file: want the path of a file in quotes", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file := write(t, "relais.toml", head+tc.keys, 0o600)
			got, err := config.Load(file, noEnvironment, providers())
			if tc.want != "" {
				if err == nil || err.Error() != file+tc.want {
					t.Fatalf("error = %v, want %s", err, tc.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if key := got.Connectors[0].Section.(*pigeon).Key.Reveal(); key != "hunter2" {
				t.Errorf("secret of %d bytes, want that of the file", len(key))
			}
			if warnings := (reason.Reason{}).With(got.Warnings...).In(reason.English); (tc.warning == "") != (warnings == "") || !strings.Contains(warnings, tc.warning) {
				t.Errorf("warnings = %q, want %q", warnings, tc.warning)
			}
		})
	}
}

func TestSecretFileIsFoundBesideTheConfiguration(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"relais.toml": "[connector.birds]\nprovider = \"pigeon\"\nkey_file = \"loft\"\n",
		"loft":        "feather",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := config.Load(filepath.Join(dir, "relais.toml"), noEnvironment, providers())
	if err != nil {
		t.Fatal(err)
	}
	if key := got.Connectors[0].Section.(*pigeon).Key.Reveal(); key != "feather" {
		t.Errorf("secret of %d bytes, want that of the file", len(key))
	}
}

func TestEnvironmentReplacesASecretFile(t *testing.T) {
	file := write(t, "relais.toml", "[connector.birds]\nprovider = \"pigeon\"\nkey_file = \"/none\"\n", 0o600)
	got, err := config.Load(file, environment(map[string]string{"RELAIS_CONNECTOR_BIRDS_KEY": "feather"}),
		providers())
	if err != nil {
		t.Fatal(err)
	}
	if key := got.Connectors[0].Section.(*pigeon).Key.Reveal(); key != "feather" {
		t.Errorf("secret of %d bytes, want that of the environment", len(key))
	}
}

func TestRedacted(t *testing.T) {
	cfg, err := config.Load("testdata/full.toml", environment(map[string]string{
		"RELAIS_CONNECTOR_WHITE_BIRDS_RING": "hunter2",
		"RELAIS_LOG_FORMAT":                 "text",
	}), providers())
	if err != nil {
		t.Fatal(err)
	}
	cfg.Listen = "127.0.0.1:7" // as a flag does
	cfg.Limits.Backlog = 9
	got := cfg.Redacted()
	golden(t, "testdata/redacted.golden", got)
	for _, secret := range []string{"hunter2", "letmein"} {
		if strings.Contains(got, secret) {
			t.Errorf("a secret shows")
		}
	}
	if _, err := config.Load(write(t, "redacted.toml", got, 0o600), noEnvironment, providers()); err != nil {
		t.Errorf("the effective configuration does not load: %v", err)
	}
}

func TestRedactedDefaults(t *testing.T) {
	cfg, err := config.Load("", noEnvironment, config.Parts{})
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(cfg.Redacted()) {
		if strings.Contains(line, "=") && !strings.HasSuffix(line, " # default\n") {
			t.Errorf("line %q does not say that it is a default", line)
		}
	}
}

func TestExampleLoads(t *testing.T) {
	example := config.Example(providers())
	golden(t, "testdata/example.golden", example)
	option := regexp.MustCompile(`(?m)^#([^ \n])`)
	for _, tc := range []struct{ name, text string }{
		{"as it is", example},
		{"every option set", option.ReplaceAllString(example, "$1")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := loadBeside(t, prices, tc.text); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestExampleShowsEveryKey(t *testing.T) {
	example := config.Example(providers())
	for _, key := range []string{
		"listen", "database", "sandbox_at", "stop_timeout", "level", "backlog", "default_region", "key",
		"headers", "timeout",
	} {
		if !strings.Contains(example, "\n#"+key+" = ") {
			t.Errorf("no line for %s", key)
		}
	}
	if n := strings.Count(example, "#max_batch = "); n != 2 {
		t.Errorf("max_batch is shown %d times, want once for each provider", n)
	}
}

// TestFlagsCountBeforeNamesAreChecked has flags beside a file: they win, what they
// bring is known to it, and what is wrong with one is said of the flag.
func TestFlagsCountBeforeNamesAreChecked(t *testing.T) {
	sandbox := config.Flag{Key: "sandbox", Set: func(c *config.Config) { c.Sandbox = true }}
	elsewhere := config.Flag{Key: "sandbox_at", Set: func(c *config.Config) {
		c.SandboxAt = "http://127.0.0.1:8081"
	}}
	listen := func(at string) config.Flag {
		return config.Flag{Key: "listen", Set: func(c *config.Config) { c.Listen = at }}
	}
	for _, tc := range []struct {
		name  string
		file  string
		flags []config.Flag
		want  string // the problems
	}{
		{"nothing", "", nil, ""},
		{"a default connector of the sandbox", "default_connector = \"sfr\"", []config.Flag{sandbox}, ""},
		{"the same with simulated operators elsewhere", "default_connector = \"sfr\"", []config.Flag{elsewhere}, ""},
		{"a route", "[route.all]\nconnectors = [\"sfr\", \"ovh\"]", []config.Flag{sandbox}, ""},
		{"a door", "[passerelle.town]\nconnector = \"ovh\"", []config.Flag{sandbox}, ""},
		{"an account", "[account.town]\ndefault_connector = \"ovh\"", []config.Flag{sandbox}, ""},
		{"an account of the simulated SMSC", "[account.town]\ndefault_connector = \"smsc\"", []config.Flag{sandbox}, ""},
		{"an address for two", "listen = \":2775\"\nsmpp_listen = \":2775\"", nil, "FILE:2:1: smpp_listen: this address is that of listen too; give each one of its own"},
		{"any free port for two", "listen = \":0\"\nsmpp_listen = \":0\"", nil, ""},
		{"a name that the sandbox has not", "default_connector = \"sfrr\"", []config.Flag{sandbox}, "FILE:1:1: default_connector: no connector \"sfrr\"; did you mean \"sfr\"?"},
		{"a flag wins over what is wrong in the file", "listen = \"nowhere\"", []config.Flag{listen("127.0.0.1:0")}, ""},
		{"a flag is at fault, not the file", "listen = \":8080\"", []config.Flag{listen("nowhere")}, "--listen: want host:port such as \"127.0.0.1:8080\", or \":8080\" for every interface; the port is missing: \"nowhere:8080\""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "relais.toml")
			if err := os.WriteFile(file, []byte(tc.file), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := config.Load(file, noEnvironment, config.Parts{Doors: doors()}, tc.flags...)
			got := ""
			if err != nil {
				got = strings.ReplaceAll(err.Error(), file, "FILE")
			}
			if got != tc.want {
				t.Errorf("Load: %q, want %q", got, tc.want)
			}
		})
	}
}

func TestLoadWithoutTheFile(t *testing.T) {
	_, err := config.Load("testdata/none.toml", noEnvironment, config.Parts{})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error = %v, want one of a missing file", err)
	}
}
